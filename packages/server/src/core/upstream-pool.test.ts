import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PoolFacts, type Rest, UpstreamPool } from './upstream-pool.ts';
import { every, idle, type Pause, serves, type Upstream, type UpstreamKey, type UpstreamState } from './upstreams.ts';

/** Noon in Los Angeles, in winter. */
const now = Date.parse('2026-11-22T20:00:00Z');
const model = 'pro';
const models = new Map([
  [model, model],
  ['flash', 'flash'],
]);
const a: Upstream = { name: 'a', limits: { concurrency: 4 } };
const b: Upstream = { name: 'b', limits: { concurrency: 6 } };

type States = Readonly<Record<string, UpstreamState>>;
const toPool = (states: States = {}, facts: Partial<PoolFacts> = {}) =>
  new UpstreamPool({
    upstreams: [a],
    models,
    now,
    stateOf: (key) => states[`${key.upstream} ${key.model}`],
    loadOf: () => idle,
    ...facts,
  });
const toPause = (kind: Pause['kind'], until: number): Pause => ({
  kind,
  code: 'upstream_overloaded',
  message: 'The upstream rests.',
  since: now - 1_000,
  until,
  nextProbeMs: 2_000,
});
const maxCallMicros = 400_000;
const call = { calls: 1, micros: 134_000 };
const many = { calls: 99, micros: 134_000 };

describe('lanes of service tiers', () => {
  const lanes = new Map([
    [model, model],
    [`${model} flex`, `${model} flex`],
  ]);
  const loadOf = (loads: Readonly<Record<string, object>>) => (key: UpstreamKey) => ({ ...idle, ...loads[key.model] });

  it('share no pause, but what an operator pauses is paused in all of them', () => {
    const pool = toPool({ [`a ${model} flex`]: { pause: toPause('probe', now + 9) } }, { models: lanes });
    expect([pool.roomFor(model), pool.roomFor(`${model} flex`)]).toEqual([4, 0]);
    const held = toPool({ [`a ${model}`]: { heldAt: now } }, { models: lanes });
    expect([held.roomFor(model), held.roomFor(`${model} flex`)]).toEqual([0, 0]);
  });

  it('share the limits of their model, and flex takes at most half of the calls at the same time', () => {
    const limits = { concurrency: 4, requestsPerMinute: 6, requestsPerDay: 9 };
    const upstreams = [{ ...a, limits, models: [model] }];
    const minute = { lastMinute: 4, firstOfMinuteAt: now - 7 };
    const loads = { [`${model} flex`]: { underWay: 1 }, [model]: minute };
    const pool = toPool({}, { models: lanes, upstreams, loadOf: loadOf(loads) });
    expect([pool.roomFor(model), pool.roomFor(`${model} flex`)]).toEqual([2, 1]);
    const full = loadOf({ ...loads, [`${model} flex`]: { lastMinute: 2 } });
    expect(toPool({}, { models: lanes, upstreams, loadOf: full }).opensAt(model)).toBe(now + 59_993);
    const day = { day: '2026-11-22', dayCalls: 5 };
    const spent = toPool(
      { [`a ${model}`]: day, [`a ${model} flex`]: { ...day, dayCalls: 4 } },
      { models: lanes, upstreams },
    );
    expect([spent.roomFor(model), spent.roomFor(`${model} flex`)]).toEqual([0, 0]);
  });
});

describe('UpstreamPool', () => {
  it('grants on the upstream with the most room, and all calls of a grant on one', () => {
    const pool = toPool({}, { upstreams: [a, b] });
    expect(pool.roomFor(model)).toBe(10);
    expect(pool.grant(model, { ...call, calls: 3 })).toEqual({ upstream: 'b', calls: 3 });
    expect(pool.grant(model, many)).toEqual({ upstream: 'a', calls: 4 });
    expect(pool.grant(model, many)).toEqual({ upstream: 'b', calls: 3 });
    expect(pool.grant(model, many)).toBeUndefined();
    expect(pool.roomFor(model)).toBe(0);
  });

  it('grants nothing while an upstream rests, and says why and until when', () => {
    const pool = toPool({ 'a pro': { pause: toPause('wait', now + 9_000) } });
    expect(pool.grant(model, call)).toBeUndefined();
    expect(pool.opensAt(model)).toBe(now + 9_000);
    expect(pool.rooms(model)).toEqual([
      {
        upstream: 'a',
        room: { kind: 'closed', reason: 'upstream', message: 'The upstream rests.', until: now + 9_000 },
      },
    ]);
    expect(pool.roomFor('flash')).toBe(4);
  });

  it('prefers upstreams with a lower order, whatever room the others have', () => {
    const pool = toPool({}, { upstreams: [b, { ...a, order: 2 }, { ...b, name: 'c', order: 1 }] });
    const granted = [1, 2, 3].map(() => pool.grant(model, many)?.upstream);
    expect(granted).toEqual(['b', 'c', 'a']);
  });

  it.each<[string, States, Upstream[], Rest | undefined]>([
    ['no upstream does', {}, [a, b], undefined],
    ['one of two does', { 'a pro': { pause: toPause('probe', now + 1) } }, [a, b], undefined],
    ['all refuse calls for load', { 'a pro': { pause: toPause('probe', now + 1) } }, [a], 'load'],
    ['a pause is over', { 'a pro': { pause: toPause('probe', now) } }, [a], undefined],
    [
      'the set-up is wrong',
      { 'a pro': { pause: { ...toPause('avoid', now + 1), code: 'upstream_key_invalid' } } },
      [a],
      'other',
    ],
    [
      'the quota of the day is used',
      { 'a pro': { day: '2026-11-22', dayCalls: 3 } },
      [{ ...a, limits: { requestsPerDay: 3 } }],
      'other',
    ],
    ['an operator has paused all', { [`${every} pro`]: { heldAt: now } }, [a, b], undefined],
    [
      'an operator has paused one, and the other does',
      { 'a pro': { heldAt: now }, 'b pro': { pause: toPause('wait', now + 1) } },
      [a, b],
      'load',
    ],
    ['none serves it', {}, [{ ...a, models: ['flash'] }], 'other'],
  ])('knows whether a model rests: %s', (_what, states, upstreams, expected) => {
    expect(toPool(states, { upstreams }).restOf(model)).toBe(expected);
  });

  it('closes every model by a pause of the whole upstream', () => {
    const pool = toPool({ [`a ${every}`]: { pause: toPause('probe', now + 9_000) } });
    expect([pool.roomFor(model), pool.roomFor('flash')]).toEqual([0, 0]);
  });

  it('grants all at once when a time that the upstream has named is over', () => {
    expect(toPool({ 'a pro': { pause: toPause('wait', now) } }).grant(model, many)).toEqual({
      upstream: 'a',
      calls: 4,
    });
  });

  it.each([
    ['a model', 'a pro'],
    ['the whole upstream', `a ${every}`],
  ])('probes %s with one call at a time, and with another one when it has not returned for a minute', (_, key) => {
    const pool = toPool({ [key]: { pause: toPause('probe', now) } });
    expect(pool.grant(model, many)).toEqual({ upstream: 'a', calls: 1 });
    expect(pool.grant(model, call)).toBeUndefined();
    expect(pool.opensAt(model)).toBe(now + 60_000);
    const [change] = pool.changes();
    expect(change && `${change.key.upstream} ${change.key.model}`).toBe(key);
    const later = toPool({ [key]: change?.state ?? {} }, { now: now + 60_000 });
    expect(later.grant(model, many)).toEqual({ upstream: 'a', calls: 1 });
  });

  it.each([['a pro'], [`a ${every}`], [`${every} pro`]])('grants nothing while an operator holds %s', (key) => {
    expect(toPool({ [key]: { heldAt: now } }).rooms(model)).toMatchObject([
      { room: { kind: 'closed', reason: 'operator' } },
    ]);
  });

  it('prefers any working upstream to one with a wrong set-up, even one that is closed for now', () => {
    const avoided = { 'a pro': { pause: toPause('avoid', now + 60_000) } };
    const pool = toPool(avoided, { upstreams: [a, { name: 'b', limits: { concurrency: 1 } }] });
    expect(pool.grant(model, many)).toEqual({ upstream: 'b', calls: 1 });
    expect(pool.grant(model, many)).toBeUndefined();
  });

  it('tries a wrong set-up again with one call when its time is over', () => {
    const pool = toPool({ 'a pro': { pause: toPause('avoid', now) } }, { upstreams: [a, b] });
    expect(pool.roomFor(model)).toBe(7);
    expect([pool.grant(model, many), pool.grant(model, many)]).toEqual([
      { upstream: 'b', calls: 6 },
      { upstream: 'a', calls: 1 },
    ]);
    expect(pool.grant(model, many)).toBeUndefined();
  });

  it('calls an upstream with a wrong set-up when there is no other, so that requests fail at once', () => {
    const pause = toPause('avoid', now + 60_000);
    expect(toPool({ 'a pro': { pause } }).grant(model, call)).toEqual({ upstream: 'a', calls: 1 });
    const both = { 'a pro': { pause: { ...pause, until: now + 90_000 } }, 'b pro': { pause } };
    expect(toPool(both, { upstreams: [a, b] }).grant(model, call)).toEqual({ upstream: 'b', calls: 1 });
  });

  it('grants as many calls as requested where no limit is set, to the upstream with fewer under way', () => {
    const pool = toPool(
      {},
      {
        upstreams: [
          { name: 'a', limits: {} },
          { name: 'b', limits: {} },
        ],
      },
    );
    expect(pool.grant(model, many)).toEqual({ upstream: 'a', calls: 99 });
    expect(pool.grant(model, call)).toEqual({ upstream: 'b', calls: 1 });
    expect(pool.grant('flash', many)).toEqual({ upstream: 'b', calls: 99 });
  });

  it('resets the daily quota at midnight of the upstream’s time zone', () => {
    const limited = { name: 'a', limits: { concurrency: 99, requestsPerDay: 2 }, quotaTimeZone: 'America/Los_Angeles' };
    const pool = toPool({}, { upstreams: [limited] });
    expect(pool.grant(model, many)).toEqual({ upstream: 'a', calls: 2 });
    const midnight = Date.parse('2026-11-23T08:00:00Z');
    expect(pool.opensAt(model)).toBe(midnight);
    const kept = { 'a pro': pool.changes()[0]?.state ?? {} };
    expect(toPool(kept, { upstreams: [limited], now: midnight - 1 }).roomFor(model)).toBe(0);
    expect(toPool(kept, { upstreams: [limited], now: midnight }).roomFor(model)).toBe(2);
  });

  it('grants only on upstreams that serve the model, and knows no other', () => {
    const serving = [
      { ...a, models: [model] },
      { ...b, models: ['flash'] },
    ];
    const pool = toPool({}, { upstreams: serving });
    expect([pool.roomFor(model), pool.roomFor('flash')]).toEqual([4, 6]);
    expect(pool.grant(model, many)).toEqual({ upstream: 'a', calls: 4 });
    expect(pool.grant(model, many)).toBeUndefined();
    expect(pool.rooms('flash')).toMatchObject([{ upstream: 'b', room: { kind: 'open' } }]);
    expect(pool.pairs().map((pair) => `${pair.upstream} ${pair.model}`)).toEqual(['a pro', 'b flash']);
  });

  it('has no room for a model that no upstream serves', () => {
    const pool = toPool({}, { upstreams: [{ ...a, models: ['flash'] }] });
    expect(pool.roomFor(model)).toBe(0);
    expect(pool.rooms(model)).toEqual([]);
    expect(pool.opensAt(model)).toBeUndefined();
    expect(pool.grant(model, call)).toBeUndefined();
  });

  it('distinguishes public ids that are one model upstream, and counts their calls together', () => {
    const aliases = new Map([
      ['pro-preview', 'pro'],
      ['pro', 'pro'],
    ]);
    const pool = toPool({}, { models: aliases, upstreams: [a, { ...b, models: ['pro'] }] });
    expect(pool.rooms('pro-preview')).toHaveLength(1);
    expect(pool.grant('pro-preview', many)).toEqual({ upstream: 'a', calls: 4 });
    expect(pool.grant('pro', many)).toEqual({ upstream: 'b', calls: 6 });
    expect(pool.grant('pro', many)).toBeUndefined();
    expect(pool.pairs()).toHaveLength(2);
  });

  it('does not prefer a working upstream that does not serve the model', () => {
    const avoided = { 'a pro': { pause: toPause('avoid', now + 60_000) } };
    const pool = toPool(avoided, { upstreams: [a, { ...b, models: ['flash'] }] });
    expect(pool.grant(model, call)).toEqual({ upstream: 'a', calls: 1 });
  });

  it('grants on no upstream that does not serve the model, whatever the others serve', () => {
    const names = ['a', 'b', 'c'];
    const some = fc.option(fc.subarray([model, 'flash']), { nil: undefined });
    const asked = fc.array(fc.constantFrom(model, 'flash'), { maxLength: 20 });
    fc.assert(
      fc.property(fc.tuple(some, some, some), asked, (served, wishes) => {
        const upstreams = names.map((name, index) => {
          const listed = served[index];
          return { name, limits: { concurrency: 2 }, ...(listed && { models: listed }) };
        });
        const pool = toPool({}, { upstreams });
        for (const wish of wishes) {
          const serving = upstreams.filter((upstream) => serves(upstream, wish)).map(({ name }) => name);
          const room = pool.roomFor(wish);
          const granted = pool.grant(wish, call);
          expect(granted === undefined).toBe(room === 0);
          if (granted) expect(serving).toContain(granted.upstream);
          if (serving.length === 0) expect(granted).toBeUndefined();
        }
      }),
    );
  });

  it('never grants more than any limit allows, whatever the order of grants and ends', () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 60 }), (upstreamLimits, steps) => {
        const project = new Project({ name: 'a', limits: upstreamLimits });
        for (const one of steps) {
          project.take(one);
          project.expectWithinLimits();
        }
      }),
    );
  });
});

const optional = (arbitrary: fc.Arbitrary<number>) => fc.option(arbitrary, { nil: undefined });
const limits = fc
  .record({
    concurrency: optional(fc.integer({ min: 1, max: 8 })),
    requestsPerMinute: optional(fc.integer({ min: 1, max: 10 })),
    imagesPerMinute: optional(fc.integer({ min: 1, max: 10 })),
    requestsPerDay: optional(fc.integer({ min: 1, max: 20 })),
    microsPerTenMinutes: optional(fc.integer({ min: 1, max: 2_000_000 })),
  })
  .map(({ concurrency, requestsPerMinute, imagesPerMinute, requestsPerDay, microsPerTenMinutes }) => ({
    ...(concurrency !== undefined && { concurrency }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(imagesPerMinute !== undefined && { imagesPerMinute }),
    ...(requestsPerDay !== undefined && { requestsPerDay }),
    ...(microsPerTenMinutes !== undefined && { microsPerTenMinutes }),
  }));

const wish = fc.record({
  model: fc.constantFrom(model, 'flash'),
  calls: fc.integer({ min: 1, max: 5 }),
  micros: fc.integer({ min: 1, max: maxCallMicros }),
});
type Step =
  | { readonly kind: 'claim'; readonly wishes: readonly { model: string; calls: number; micros: number }[] }
  | { readonly kind: 'end'; readonly calls: number }
  | { readonly kind: 'pass'; readonly ms: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('claim' as const), wishes: fc.array(wish, { minLength: 1, maxLength: 5 }) }),
  fc.record({ kind: fc.constant('end' as const), calls: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
);

/** One project as a store would remember it: calls, and the states that grants have changed. */
class Project {
  readonly #upstream: Upstream;
  readonly #states = new Map<string, UpstreamState>();
  readonly #calls: { readonly model: string; readonly micros: number; readonly at: number; isEnded: boolean }[] = [];
  #now = now;

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  take(one: Step): void {
    if (one.kind === 'pass') this.#now += one.ms;
    else if (one.kind === 'claim') this.#claim(one.wishes);
    else for (const ended of this.#underWay().slice(0, one.calls)) ended.isEnded = true;
  }

  expectWithinLimits(): void {
    const {
      concurrency = 999,
      requestsPerMinute = 999,
      imagesPerMinute = 999,
      requestsPerDay = 999,
      microsPerTenMinutes = 1e9,
    } = this.#upstream.limits;
    expect(this.#underWay().length).toBeLessThanOrEqual(concurrency);
    for (const one of [model, 'flash']) {
      const calls = this.#calls.filter((call) => call.model === one);
      expect(this.#since(60_000, calls).length).toBeLessThanOrEqual(Math.min(requestsPerMinute, imagesPerMinute));
      // At most sixty steps of 90 seconds: all on one day, from noon on.
      expect(calls.length).toBeLessThanOrEqual(requestsPerDay);
    }
    const spent = this.#since(600_000, this.#calls).reduce((sum, { micros }) => sum + micros, 0);
    expect(spent).toBeLessThan(microsPerTenMinutes + maxCallMicros);
  }

  #claim(wishes: readonly { readonly model: string; readonly calls: number; readonly micros: number }[]): void {
    const pool = new UpstreamPool({
      upstreams: [this.#upstream],
      models,
      now: this.#now,
      stateOf: (key) => this.#states.get(key.model),
      loadOf: (key) => this.#toLoad(key),
    });
    for (const wished of wishes) {
      const room = pool.roomFor(wished.model);
      const grant = pool.grant(wished.model, wished);
      expect(grant?.calls ?? 0).toBeLessThanOrEqual(Math.min(room, wished.calls));
      expect(grant === undefined).toBe(room === 0);
      for (let calls = grant?.calls ?? 0; calls > 0; calls -= 1) {
        this.#calls.push({ model: wished.model, micros: wished.micros, at: this.#now, isEnded: false });
      }
    }
    for (const { key, state } of pool.changes()) this.#states.set(key.model, state);
  }

  #toLoad(key: UpstreamKey) {
    const calls = this.#calls.filter((call) => call.model === key.model);
    const lastMinute = this.#since(60_000, calls);
    return {
      underWay: calls.filter((call) => !call.isEnded).length,
      lastMinute: lastMinute.length,
      lastMinuteImages: lastMinute.length,
      firstOfMinuteAt: lastMinute[0]?.at,
      lastTenMinutesMicros: this.#since(600_000, calls).reduce((sum, { micros }) => sum + micros, 0),
    };
  }

  #since<T extends { readonly at: number }>(ms: number, calls: readonly T[]): readonly T[] {
    return calls.filter(({ at }) => at > this.#now - ms);
  }

  #underWay() {
    return this.#calls.filter(({ isEnded }) => !isEnded);
  }
}
