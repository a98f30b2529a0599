import type { ServiceTier } from '@darkroom/protocol';
import { type ChosenModel, chooseModel, type Standing } from '../../core/choose-model.ts';
import { grantImages } from '../../core/grant-images.ts';
import type { Attempt } from '../../core/image-request.ts';
import type { Order } from '../../core/order.ts';
import type { RequestMoment } from '../../core/request-events.ts';
import { fromLane, isBatchLane, toLane } from '../../core/service-tiers.ts';
import { chooseTier } from '../../core/tier-plan.ts';
import type { UpstreamPool } from '../../core/upstream-pool.ts';
import type { Claim, ClaimQuery } from '../request-store.ts';
import { readOrder, toImageRequest, type WorkRow } from '../rows/request-rows.ts';

/**
 * At most this many waiting requests become ready in one claim, the longest due first; the next claim continues. Each is promoted
 * once for each wait, so a claim costs the same however many wait, and a crowd that became due while no worker ran does not delay
 * the claim (SQLite takes about 10 ms for 500).
 */
export const maxPromotions = 500;

/** Of the requests that another model than their own may make, a claim looks at this many in a line, or near their deadlines. */
export const maxLookedThrough = 1_000;

/** A claim, and what else its lines of the attempt log hold. */
export interface Taking {
  readonly claim: Claim;
  /** The upstream's lane. */
  readonly model: string;
  /** What each call may cost. */
  readonly micros: number;
}

export interface TakingOptions {
  /** So far. */
  readonly attempts: readonly Attempt[];
  readonly query: ClaimQuery;
  readonly pool: UpstreamPool;
  /** The number of calls. */
  readonly limit: number;
  /** Of the new lease. */
  readonly token: string;
}

/**
 * Takes a ready request, with the calls that the pool grants for the images that it still lacks. Nothing is written yet.
 * `undefined`: its model has no room, and no other may make it; it is passed over.
 */
export function takeRequest(row: WorkRow, { attempts, query, pool, limit, token }: TakingOptions): Taking | undefined {
  const attempt = row.attempt + 1;
  const taken = { ...row, status: 'processing', attempt, retry_code: null, updated_at: query.now } as const;
  const request = toImageRequest(taken);
  const order = readOrder(row);
  const lane = toGrantedLane(row, { order, pool, query });
  if (lane === undefined) return undefined;
  const wanted = {
    request: { ...request, model: lane },
    order,
    attempts,
    estimatedCostMicros: request.estimatedCostMicros,
  };
  const chosen = chooseModel(wanted, toStanding(query, pool));
  if (!chosen) return undefined;
  const { upstream, imageIndexes, micros } = grantImages({ ...chosen, attempts }, { pool, model: chosen.model, limit });
  const lease = { requestId: row.id, attempt, token };
  const claim: Claim = {
    request,
    lease,
    attempts,
    upstream,
    imageIndexes,
    tier: toCallTier(request.tier, chosen),
    ...toMade(chosen),
  };
  const isBegun = query.begins?.(claim) ?? false;
  return { claim: { ...claim, ...(isBegun && { isBegun }) }, model: query.models.get(chosen.model) ?? '', micros };
}

/**
 * Usually the lane in which the request waits. One that asked for the cheapest tier, and whose time in the tier has just passed, is
 * called in the next tier already, where there is room. `undefined`: it is about to leave the batch lane, and no job takes it.
 */
function toGrantedLane(
  row: WorkRow,
  { order: { tiers }, pool, query }: { readonly order: Order } & Pick<TakingOptions, 'pool' | 'query'>,
): string | undefined {
  if (!tiers) return row.model;
  const { tier } = chooseTier(tiers, { now: query.now, deadlineAt: row.deadline_at });
  const lane = toLane(fromLane(row.model).model, tier);
  if (isBatchLane(row.model) && lane !== row.model) return undefined;
  return query.models.has(lane) && pool.roomFor(lane) > 0 ? lane : row.model;
}

/** Another model is called in the standard or the flex tier, since it may have no other. */
function toCallTier(tier: ServiceTier, { model: lane, standIn }: ChosenModel): ServiceTier {
  const { tier: granted } = fromLane(lane);
  return !standIn && granted === 'standard' && tier === 'priority' ? tier : granted;
}

/** How many calls of a lane a claim may still grant; of a standard lane if none is named. */
export function toPlacesLeft(
  { limit, patientLimit }: Pick<ClaimQuery, 'limit' | 'patientLimit'>,
  takings: readonly Taking[],
): (lane?: string) => number {
  if (patientLimit === undefined) return () => limit - countPlaces(takings);
  const isPatient = (lane: string) => fromLane(lane).tier !== 'standard';
  const placesOf = (kind: boolean) => countPlaces(takings.filter(({ model }) => isPatient(model) === kind));
  return (lane = '') => (isPatient(lane) ? patientLimit - placesOf(true) : limit - placesOf(false));
}

function toMade({ order, standIn }: ChosenModel): Pick<Claim, 'order' | 'standIn'> {
  return { order, ...(standIn && { standIn }) };
}

export function toStanding({ fallbacks = new Map(), now }: ClaimQuery, pool: UpstreamPool): Standing {
  return { pool, fallbacks, now };
}

/** The same during a claim that has taken `takings` so far: a lane for which it has no places left has no room. */
export function toPlacedStanding(query: ClaimQuery, pool: UpstreamPool, takings: readonly Taking[]): Standing {
  const roomFor = (lane: string) => Math.min(pool.roomFor(lane), Math.max(0, toPlacesLeft(query, takings)(lane)));
  return { ...toStanding(query, pool), pool: { roomFor, restOf: (lane) => pool.restOf(lane) } };
}

/**
 * At most this many requests are passed over in one claim because only their own model may make them. Beyond, the claim goes on
 * with the models that have room.
 */
export const maxPassed = 100;

/** A request that lacks no call uses up a place as well; otherwise a crowd of them would make a claim long. */
export function countPlaces(takings: readonly Taking[]): number {
  return takings.reduce((sum, { claim: { imageIndexes } }) => sum + Math.max(1, imageIndexes.length), 0);
}

/** What happens to the request when it is taken, in order. */
export function toTakenMoments({ claim }: Taking): readonly RequestMoment[] {
  const { lease, upstream, imageIndexes, standIn, isBegun = false } = claim;
  const { attempt } = lease;
  const calls = imageIndexes.length;
  const sent = isBegun ? imageIndexes.map((image) => ({ kind: 'sent', attempt, image, upstream }) as const) : [];
  return [{ kind: 'claimed', attempt, upstream, calls, ...(standIn && { standIn }) }, ...sent];
}

/**
 * When to claim again: when the next waiting request becomes due, or when an upstream may open for a model that has requests
 * ready.
 */
export function toNextAvailableAt(
  { ready, nextDue }: { readonly ready: readonly string[]; readonly nextDue: number | undefined },
  pool: UpstreamPool,
  { fallbacks }: Pick<Standing, 'fallbacks'> = { fallbacks: new Map() },
): number | undefined {
  const closed = ready.filter((model) => pool.roomFor(model) === 0);
  const waited = closed.flatMap((model) => [model, ...(fallbacks.get(model) ?? []).map((other) => other.model)]);
  const times = [...waited.map((model) => pool.opensAt(model)), nextDue].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}
