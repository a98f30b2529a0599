import { isRefusalForLoad } from './failures.ts';
import { toQuotaDay, toQuotaResetMs } from './quota-day.ts';
import { fromLane, isBatchLane } from './service-tiers.ts';
import {
  every,
  healthy,
  idle,
  type Pause,
  serves,
  toKeyText,
  type Upstream,
  type UpstreamKey,
  type UpstreamLoad,
  type UpstreamState,
} from './upstreams.ts';

/** What is known of every upstream at one moment. */
export interface PoolFacts {
  readonly upstreams: readonly Upstream[];
  /** The upstream's lane of every lane, by its public name (`toUpstreamLanes`); some limits apply to all models together. */
  readonly models: ReadonlyMap<string, string>;
  readonly now: number;
  /** The state of a key; `undefined` when none is kept. */
  readonly stateOf: (key: UpstreamKey) => UpstreamState | undefined;
  /** What a model on an upstream is doing. */
  readonly loadOf: (key: UpstreamKey, upstream: Upstream) => UpstreamLoad;
}

/** May a model be called, and if not, why? */
export type Room =
  | { readonly kind: 'open'; readonly calls: number; readonly isProbe: boolean }
  | ({ readonly kind: 'closed' } & Closure);

export interface Closure {
  /** `operator`: paused by an operator. `upstream`: it has asked for a rest. `limit`: the limits that were set for it. */
  readonly reason: 'operator' | 'upstream' | 'limit';
  /** A sentence. */
  readonly message: string;
  /** When it may open again, if known. */
  readonly until?: number;
}

/** Why a model rests. `load`: all its upstreams have refused calls for load. */
export type Rest = 'load' | 'other';

/** Calls that may be made: where, and how many. */
export interface Grant {
  readonly upstream: string;
  readonly calls: number;
}

interface UpstreamRoom {
  readonly upstream: Upstream;
  readonly room: Room;
  /** 0: it is not avoided. */
  readonly avoidedUntil: number;
}

const minuteMs = 60_000;
/** A probe that has not returned by then is followed by another one. */
const probeMs = 60_000;

/**
 * Shares the upstreams among requests. Each method takes the public id of a model or a lane of its, and answers for the upstreams that
 * serve it. State is kept by the upstream's lane, which several public ids may share: what a lane is refused says nothing about the
 * others. An operator's pause and the limits of an account are about the model in all of its lanes. One object serves one transaction of a store: it reads
 * states and loads once, and counts what it has granted. Every rule about which calls may be made is here, so that all stores
 * follow the same rules.
 *
 * The limits of an account do not apply to batch lanes, whose calls wait at the upstream for hours under limits of the upstream's.
 * There are no probes in them either: a single call would take as long as a whole job.
 */
export class UpstreamPool {
  readonly #facts: PoolFacts;
  readonly #states = new Map<string, UpstreamState>();
  readonly #loads = new Map<string, UpstreamLoad>();
  readonly #changed = new Map<string, UpstreamKey>();
  /** The upstream's lanes, each once. */
  readonly #ids: readonly string[];
  /** Those whose calls count for the limits of their account. */
  readonly #counted: readonly string[];
  /** By the upstream's id of the model. */
  readonly #lanes: ReadonlyMap<string, readonly string[]>;

  constructor(facts: PoolFacts) {
    this.#facts = facts;
    this.#ids = [...new Set(facts.models.values())];
    this.#counted = this.#ids.filter((lane) => !isBatchLane(lane));
    this.#lanes = Map.groupBy(this.#counted, (lane) => fromLane(lane).model);
  }

  /** How many calls of the model may be made now, over all upstreams; none when all are closed. */
  roomFor(model: string): number {
    return this.rooms(model).reduce((sum, { room }) => sum + (room.kind === 'open' ? room.calls : 0), 0);
  }

  /** The room on each upstream that serves the model. */
  rooms(model: string): readonly { readonly upstream: string; readonly room: Room }[] {
    return this.#toRooms(model).map(({ upstream, room }) => ({ upstream: upstream.name, room }));
  }

  /** The room on each upstream for each model that it serves, by the upstream's ids. */
  pairs(): readonly (UpstreamKey & { readonly room: Room })[] {
    const pairs = new Map<string, UpstreamKey & { readonly room: Room }>();
    for (const [publicId, model] of this.#facts.models) {
      for (const { upstream, room } of this.rooms(publicId)) {
        const key = toKeyText({ upstream, model });
        if (!pairs.has(key)) pairs.set(key, { upstream, model, room });
      }
    }
    return [...pairs.values()];
  }

  /**
   * Why no upstream that serves the model takes calls for it, or would take them rightly; `undefined`: one does, or is only
   * busy. Upstreams that an operator has paused do not count; when all are paused, the model does not rest.
   */
  restOf(publicId: string): Rest | undefined {
    const model = this.#idOf(publicId);
    const serving = this.#facts.upstreams.filter((upstream) => serves(upstream, publicId));
    const asked = serving.filter((upstream) => !this.#isHeld(upstream, model));
    if (asked.length === 0) return serving.length === 0 ? 'other' : undefined;
    const rests = asked.map((upstream) => this.#toRest(upstream, model));
    if (rests.includes(undefined)) return undefined;
    return rests.includes('other') ? 'other' : 'load';
  }

  /** The earliest time at which a closed upstream may open for the model, if one is known. */
  opensAt(model: string): number | undefined {
    const times = this.rooms(model).flatMap(({ room }) => (room.kind === 'closed' ? (room.until ?? []) : []));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /**
   * Grants up to `calls` calls of the model, each of about `micros`, on the upstream that has the most room of those with the
   * lowest order; `undefined` when all are closed. From now on they are under way.
   */
  grant(publicId: string, { calls, micros }: { readonly calls: number; readonly micros: number }): Grant | undefined {
    const best = this.#pick(publicId);
    if (!best) return undefined;
    const model = this.#idOf(publicId);
    if (isBatchLane(publicId)) return { upstream: best.upstream.name, calls };
    const granted = Math.min(calls, best.room.calls, this.#affordable(best.upstream, micros));
    this.#count({ upstream: best.upstream.name, model }, { calls: granted, micros });
    if (best.room.isProbe) this.#holdOtherProbes({ upstream: best.upstream.name, model });
    return { upstream: best.upstream.name, calls: granted };
  }

  /** The states that have to be written, since a grant changed them. */
  changes(): readonly { readonly key: UpstreamKey; readonly state: UpstreamState }[] {
    return [...this.#changed.values()].map((key) => ({ key, state: this.#state(key) }));
  }

  #pick(publicId: string) {
    const open = this.#toRooms(publicId).flatMap(({ upstream, room, avoidedUntil }) =>
      room.kind === 'open' ? [{ upstream, room, avoidedUntil, order: upstream.order ?? 0 }] : [],
    );
    // Of several avoided upstreams, the one whose last refusal is oldest comes first, so that a request soon has asked all of
    // them.
    return open.sort((a, b) => a.avoidedUntil - b.avoidedUntil || a.order - b.order || b.room.calls - a.room.calls)[0];
  }

  /**
   * While one upstream is set up correctly, even if it is closed for now, no upstream is called whose set-up would only fail the
   * request. When there is no such upstream, requests must fail at once rather than wait for an operator.
   */
  #toRooms(publicId: string): readonly UpstreamRoom[] {
    const model = this.#idOf(publicId);
    const serving = this.#facts.upstreams.filter((upstream) => serves(upstream, publicId));
    const all = serving.map((upstream) => {
      const pauses = this.#statesFor(upstream, model).flatMap(({ pause }) => pause ?? []);
      const avoidance = pauses.find((pause) => this.#isAvoiding(pause));
      return { upstream, room: this.#toRoom(upstream, model), avoidance };
    });
    const isOneSound = all.some(({ avoidance }) => !avoidance);
    return all.map(({ upstream, room, avoidance }) => {
      if (!avoidance) return { upstream, room, avoidedUntil: 0 };
      const { message, until } = avoidance;
      if (!isOneSound || room.kind === 'closed') return { upstream, room, avoidedUntil: until };
      return { upstream, room: { kind: 'closed', reason: 'upstream', message, until }, avoidedUntil: until };
    });
  }

  #statesFor({ name }: Upstream, model: string): readonly UpstreamState[] {
    return [
      { upstream: name, model },
      { upstream: name, model: every },
      { upstream: every, model },
    ].map((key) => this.#state(key));
  }

  #toRoom(upstream: Upstream, model: string): Room {
    const states = this.#statesFor(upstream, model);
    if (this.#isHeld(upstream, model)) {
      return { kind: 'closed', reason: 'operator', message: 'Paused by an operator.' };
    }
    const pauses = states.flatMap(({ pause }) => pause ?? []);
    const closing = pauses.find((pause) => pause.kind !== 'avoid' && this.#facts.now < pause.until);
    if (closing) return { kind: 'closed', reason: 'upstream', message: closing.message, until: closing.until };
    if (isBatchLane(model)) return { kind: 'open', calls: noLimit, isProbe: false };
    const limit = this.#toLimit(upstream, model);
    if (limit.kind === 'closed') return limit;
    const isProbe = pauses.some((pause) => pause.kind !== 'wait' && this.#facts.now >= pause.until);
    return { kind: 'open', calls: isProbe ? 1 : limit.calls, isProbe };
  }

  #isHeld(upstream: Upstream, model: string): boolean {
    const states = [model, fromLane(model).model].flatMap((lane) => this.#statesFor(upstream, lane));
    return states.some(({ heldAt }) => heldAt !== undefined);
  }

  #toRest(upstream: Upstream, model: string): Rest | undefined {
    const pauses = this.#statesFor(upstream, model).flatMap(({ pause }) => pause ?? []);
    const active = pauses.filter(({ until }) => this.#facts.now < until);
    if (active.length > 0) return active.every(({ code }) => isRefusalForLoad(code)) ? 'load' : 'other';
    const { requestsPerDay = Number.POSITIVE_INFINITY } = upstream.limits;
    return this.#dayCalls(upstream, model) >= requestsPerDay ? 'other' : undefined;
  }

  /** The calls that count for the limit of a day. */
  #dayCalls({ name, quotaTimeZone = utc }: Upstream, model: string): number {
    return this.#countDay(this.#lanesOf({ upstream: name, model }), toQuotaDay(this.#facts.now, quotaTimeZone));
  }

  #isAvoiding({ kind, until }: Pause): boolean {
    return kind === 'avoid' && this.#facts.now < until;
  }

  /** How many calls the limits allow. */
  #toLimit(upstream: Upstream, model: string): (Closure & { kind: 'closed' }) | { kind: 'open'; calls: number } {
    const { name, limits, quotaTimeZone = utc } = upstream;
    const { now } = this.#facts;
    const key = { upstream: name, model };
    const state = this.#state(key);
    const load = this.#load(key);
    const all = this.#loadsOf(name);
    const lanes = this.#lanesOf(key);
    const loads = lanes.map((lane) => this.#load(lane));
    const [lastMinute, lastMinuteImages] = [sum(loads, 'lastMinute'), sum(loads, 'lastMinuteImages')];
    const closed = (message: string, until?: number): Closure & { kind: 'closed' } => ({
      kind: 'closed',
      reason: 'limit',
      message,
      ...(until !== undefined && { until }),
    });

    const { requestsPerMinute, imagesPerMinute, requestsPerDay, microsPerTenMinutes } = limits;
    if (microsPerTenMinutes !== undefined && sum(all, 'lastTenMinutesMicros') >= microsPerTenMinutes)
      return closed('The upstream has reached its spending limit for ten minutes.');
    const dayCalls = requestsPerDay === undefined ? 0 : this.#dayCalls(upstream, model);
    if (requestsPerDay !== undefined && dayCalls >= requestsPerDay)
      return closed('The upstream has reached its limit of calls per day.', now + toQuotaResetMs(now, quotaTimeZone));
    if (requestsPerMinute !== undefined && lastMinute >= requestsPerMinute)
      return closed(
        'The upstream has reached its limit of calls per minute.',
        this.#firstOfMinuteAt(lanes, now) + minuteMs,
      );
    if (imagesPerMinute !== undefined && lastMinuteImages >= imagesPerMinute)
      return closed(
        'The upstream has reached its limit of pictures per minute.',
        this.#firstOfMinuteAt(lanes, now) + minuteMs,
      );
    const concurrency = limits.concurrency ?? noLimit;
    const free = Math.min(
      concurrency - sum(all, 'underWay'),
      fromLane(model).tier === 'standard'
        ? noLimit
        : Math.max(1, Math.floor(concurrency / 2)) - this.#countPatient(name),
      Math.floor(state.concurrency ?? Number.POSITIVE_INFINITY) - load.underWay,
      (requestsPerMinute ?? Number.POSITIVE_INFINITY) - lastMinute,
      (imagesPerMinute ?? Number.POSITIVE_INFINITY) - lastMinuteImages,
      (requestsPerDay ?? Number.POSITIVE_INFINITY) - dayCalls,
    );
    return free > 0
      ? { kind: 'open', calls: free }
      : closed('The upstream has reached its limit of simultaneous calls.');
  }

  /** The lanes of the key's model on its upstream, without its batch lane. */
  #lanesOf({ upstream, model }: UpstreamKey): readonly UpstreamKey[] {
    return (this.#lanes.get(fromLane(model).model) ?? [model]).map((lane) => ({ upstream, model: lane }));
  }

  /**
   * The calls under way of tiers that take many minutes, over all models: at most half of the calls at the same time are theirs, so
   * that others get through.
   */
  #countPatient(upstream: string): number {
    const patient = this.#counted.filter((lane) => fromLane(lane).tier !== 'standard');
    return sum(
      patient.map((model) => this.#load({ upstream, model })),
      'underWay',
    );
  }

  #countDay(lanes: readonly UpstreamKey[], today: string): number {
    const states = lanes.map((lane) => this.#state(lane));
    return states.reduce((total, { day, dayCalls = 0 }) => total + (day === today ? dayCalls : 0), 0);
  }

  #firstOfMinuteAt(lanes: readonly UpstreamKey[], now: number): number {
    return Math.min(now, ...lanes.flatMap((lane) => this.#load(lane).firstOfMinuteAt ?? []));
  }

  /** How many calls fit in the limit of dollars; the last one may go over it. */
  #affordable({ name, limits }: Upstream, micros: number): number {
    if (limits.microsPerTenMinutes === undefined || micros <= 0) return Number.POSITIVE_INFINITY;
    const spent = sum(this.#loadsOf(name), 'lastTenMinutesMicros');
    return Math.max(1, Math.floor((limits.microsPerTenMinutes - spent) / micros));
  }

  #count(key: UpstreamKey, { calls, micros }: { readonly calls: number; readonly micros: number }): void {
    const load = this.#load(key);
    this.#loads.set(toKeyText(key), {
      ...load,
      underWay: load.underWay + calls,
      lastMinute: load.lastMinute + calls,
      lastMinuteImages: load.lastMinuteImages + calls,
      lastTenMinutesMicros: load.lastTenMinutesMicros + calls * micros,
    });
    const upstream = this.#facts.upstreams.find(({ name }) => name === key.upstream);
    if (upstream?.limits.requestsPerDay === undefined) return;
    const state = this.#state(key);
    const dayTimeZone = upstream.quotaTimeZone ?? utc;
    const day = toQuotaDay(this.#facts.now, dayTimeZone);
    this.#change(key, {
      ...state,
      day,
      dayTimeZone,
      dayCalls: (state.day === day ? (state.dayCalls ?? 0) : 0) + calls,
    });
  }

  /** One probe at a time: the next one may be sent when this one has returned, or has not for a while. */
  #holdOtherProbes({ upstream, model }: UpstreamKey): void {
    for (const key of [
      { upstream, model },
      { upstream, model: every },
    ]) {
      const state = this.#state(key);
      if (state.pause && state.pause.kind !== 'wait') {
        this.#change(key, { ...state, pause: { ...state.pause, until: this.#facts.now + probeMs } });
      }
    }
  }

  #change(key: UpstreamKey, state: UpstreamState): void {
    this.#states.set(toKeyText(key), state);
    this.#changed.set(toKeyText(key), key);
  }

  /** What all models have under way on the upstream. */
  #loadsOf(upstream: string): readonly UpstreamLoad[] {
    return this.#counted.map((model) => this.#load({ upstream, model }));
  }

  /** A model without an id belongs to no upstream: callers name only models that they were given. */
  #idOf(publicId: string): string {
    return this.#facts.models.get(publicId) ?? '';
  }

  #state(key: UpstreamKey): UpstreamState {
    return memoize(this.#states, toKeyText(key), () => this.#facts.stateOf(key) ?? healthy);
  }

  #load(key: UpstreamKey): UpstreamLoad {
    const upstream = this.#facts.upstreams.find(({ name }) => name === key.upstream);
    return memoize(this.#loads, toKeyText(key), () => (upstream ? this.#facts.loadOf(key, upstream) : idle));
  }
}

/**
 * The state when a call that it has counted was never sent: the call was not one of the day's calls and, if it was the probe, the
 * next one may be sent at once. The same object when nothing changes.
 */
export function takeBack(
  state: UpstreamState,
  { grantedAt, now }: { readonly grantedAt: number; readonly now: number },
): UpstreamState {
  const { pause, day, dayTimeZone, dayCalls = 0 } = state;
  const wasProbe = pause?.kind === 'probe' && pause.until === grantedAt + probeMs;
  const wasCounted = dayCalls > 0 && dayTimeZone !== undefined && day === toQuotaDay(grantedAt, dayTimeZone);
  if (!wasProbe && !wasCounted) return state;
  return {
    ...state,
    ...(wasProbe && { pause: { ...pause, until: Math.min(pause.until, now) } }),
    ...(wasCounted && { dayCalls: dayCalls - 1 }),
  };
}

const utc = 'UTC';

/** Finite, so that upstreams without a limit still compare: the one with fewer calls under way has more room. */
const noLimit = 2 ** 40;

function sum(
  loads: readonly UpstreamLoad[],
  name: 'underWay' | 'lastMinute' | 'lastMinuteImages' | 'lastTenMinutesMicros',
): number {
  return loads.reduce((total, load) => total + load[name], 0);
}

function memoize<T>(known: Map<string, T>, key: string, find: () => T): T {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}
