import { isRefusalForLoad, toFailureKind } from './failures.ts';
import type { Attempt, ImageRequest } from './image-request.ts';
import type { Order } from './order.ts';
import { fromLane } from './service-tiers.ts';
import type { Fallback, StandIn, StandInReason } from './stand-ins.ts';
import type { Rest, UpstreamPool } from './upstream-pool.ts';

/** Its `model` is a lane: another model in the same tier. */
export interface UsableFallback extends Fallback {
  /** The order as the model takes it, with its price; `undefined`: it cannot make what was ordered. */
  readonly adapt: (order: Order) => PricedOrder | undefined;
}

export interface PricedOrder {
  readonly order: Order;
  /** What all of it will cost, in micro-dollars. An estimate. */
  readonly estimatedCostMicros: number;
}

/** By the lane of the model that names them, in the operator's order: the first one that may be called is. */
export type Fallbacks = ReadonlyMap<string, readonly UsableFallback[]>;

/** What decides at one moment of a claim. */
export interface Standing {
  readonly pool: Pick<UpstreamPool, 'roomFor' | 'restOf'>;
  readonly fallbacks: Fallbacks;
  readonly now: number;
}

/** A queued request, as far as its model is decided by it. */
export interface StandingRequest extends PricedOrder {
  readonly request: Pick<ImageRequest, 'model' | 'queuedAt' | 'deadlineAt' | 'allowsStandIn'>;
  /** So far. */
  readonly attempts: readonly Pick<Attempt, 'number' | 'failure' | 'standIn'>[];
}

export interface ChosenModel extends PricedOrder {
  readonly model: string;
  readonly standIn?: StandIn;
}

/** May requests of the model be served now, as far as that does not depend on the request? */
export function hasRoom(model: string, standing: Standing): boolean {
  return hasOwnRoom(model, standing) || isStoodInFor(model, standing);
}

export function hasOwnRoom(model: string, { pool }: Standing): boolean {
  return pool.roomFor(model) > 0;
}

function isStoodInFor(model: string, standing: Standing): boolean {
  const { pool, fallbacks } = standing;
  const named = fallbacks.get(model);
  const rest = named && restOf(model, standing);
  if (!rest) return false;
  return named.some(
    ({ model: other, when }) =>
      (when.includes('resting') || (rest === 'load' && when.includes('overloaded'))) && pool.roomFor(other) > 0,
  );
}

/** Refusals for load are a part of the slower tiers: their requests wait for the model that they have ordered. */
function restOf(lane: string, { pool }: Standing): Rest | undefined {
  const rest = pool.restOf(lane);
  return rest === 'load' && fromLane(lane).tier !== 'standard' ? undefined : rest;
}

/** May all requests of an open model be served, or only those that allow another model? */
export function servesAll(model: string, standing: Standing): boolean {
  return !standing.fallbacks.has(model) || hasOwnRoom(model, standing);
}

/** Are requests of the model looked for whose deadline is near, since only another model can make them in time? */
export function isHurried(model: string, standing: Standing): boolean {
  return mayBeHurried(model, standing) && !hasOwnRoom(model, standing);
}

/** The same for a claim that has not used up the model's own room yet. */
export function mayBeHurried(model: string, { pool, fallbacks }: Standing): boolean {
  const named = fallbacks.get(model) ?? [];
  return named.some(({ model: other, when }) => when.includes('deadline') && pool.roomFor(other) > 0);
}

/** The deadline of a request is near when no more than this is left, or half of its time where that is less. */
export const nearMs = 300_000;

function isNear({ queuedAt, deadlineAt }: StandingRequest['request'], now: number): boolean {
  return deadlineAt - now <= Math.min(nearMs, (deadlineAt - queuedAt) / 2);
}

/**
 * The model that is called for a request; `undefined`: it waits. A model that names no other is called: only requests whose model
 * has room (`hasRoom`) are asked about.
 */
export function chooseModel(wanted: StandingRequest, standing: Standing): ChosenModel | undefined {
  const { request, order, estimatedCostMicros } = wanted;
  const { pool, fallbacks } = standing;
  const asOrdered = { model: request.model, order, estimatedCostMicros };
  const named = fallbacks.get(request.model);
  if (!named) return asOrdered;
  const own = hasOwnRoom(request.model, standing) ? asOrdered : undefined;
  if (!mayHaveStandIn(wanted)) return own;
  const reasons = toReasons(wanted, standing);
  for (const { model, when, adapt } of named) {
    const reason = when.find((one) => reasons.has(one));
    const adapted = reason && pool.roomFor(model) > 0 ? adapt(order) : undefined;
    if (reason && adapted) return { model, ...adapted, standIn: { model: fromLane(model).model, reason } };
  }
  return own;
}

/**
 * Not when the caller forbids it. Nor after what the caller is to blame for: no model is asked for what another has refused
 * because of its content.
 */
function mayHaveStandIn({ request, attempts }: StandingRequest): boolean {
  return request.allowsStandIn && !attempts.some(({ failure }) => failure && isCallersFault(failure.code));
}

function isCallersFault(code: Parameters<typeof toFailureKind>[0]): boolean {
  const { blame, isRetryable } = toFailureKind(code);
  return blame === 'caller' && !isRetryable;
}

function toReasons({ request, attempts }: StandingRequest, standing: Standing): ReadonlySet<StandInReason> {
  const rest = restOf(request.model, standing);
  const isOverloaded = rest === 'load' || wasRefusedForLoad(attempts);
  const isLate = !hasOwnRoom(request.model, standing) && isNear(request, standing.now);
  return new Set<StandInReason>([
    ...(rest ? (['resting'] as const) : []),
    ...(isOverloaded ? (['overloaded'] as const) : []),
    ...(isLate ? (['deadline'] as const) : []),
  ]);
}

/** Has the request's own model refused its last calls for load? After a stand-in has, the own model comes first again. */
function wasRefusedForLoad(attempts: StandingRequest['attempts']): boolean {
  const last = attempts.reduce((greatest, { number }) => Math.max(greatest, number), 0);
  return attempts.some(
    ({ number, failure, standIn }) => number === last && !standIn && failure && isRefusalForLoad(failure.code),
  );
}
