import { grantImages } from '../../core/grant-images.ts';
import type { Attempt } from '../../core/image-request.ts';
import type { RequestMoment } from '../../core/request-events.ts';
import type { UpstreamPool } from '../../core/upstream-pool.ts';
import type { Claim, ClaimQuery } from '../request-store.ts';
import { readOrder, toImageRequest, type WorkRow } from '../rows/request-rows.ts';

/**
 * At most this many waiting requests become ready in one claim, the longest due first; the next claim continues. Each is promoted
 * once for each wait, so a claim costs the same however many wait, and a crowd that became due while no worker ran does not delay
 * the claim (SQLite takes about 10 ms for 500).
 */
export const maxPromotions = 500;

/** A claim, and what else its lines of the attempt log hold. */
export interface Taking {
  readonly claim: Claim;
  /** The upstream's id. */
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

/** Takes a ready request, with the calls that the pool grants for the images that it still lacks. Nothing is written yet. */
export function takeRequest(row: WorkRow, { attempts, query, pool, limit, token }: TakingOptions): Taking {
  const order = readOrder(row);
  const wanted = { order, attempts, estimatedCostMicros: row.estimated_cost_micros };
  const { upstream, imageIndexes, micros } = grantImages(wanted, { pool, model: row.model, limit });
  const attempt = row.attempt + 1;
  const taken = { ...row, status: 'processing', attempt, retry_code: null, updated_at: query.now } as const;
  const lease = { requestId: row.id, attempt, token };
  const claim = { request: toImageRequest(taken), order, lease, attempts, upstream, imageIndexes };
  return { claim, model: query.models.get(row.model) ?? '', micros };
}

/** A request that lacks no call uses up a place as well; otherwise a crowd of them would make a claim long. */
export function countPlaces(takings: readonly Taking[]): number {
  return takings.reduce((sum, { claim: { imageIndexes } }) => sum + Math.max(1, imageIndexes.length), 0);
}

export function toClaimed({ claim: { lease, upstream, imageIndexes } }: Taking): RequestMoment {
  return { kind: 'claimed', attempt: lease.attempt, upstream, calls: imageIndexes.length };
}

/**
 * When to claim again: when the next waiting request becomes due, or when an upstream may open for a model that has requests
 * ready.
 */
export function toNextAvailableAt(
  { ready, nextDue }: { readonly ready: readonly string[]; readonly nextDue: number | undefined },
  pool: UpstreamPool,
): number | undefined {
  const closed = ready.filter((model) => pool.roomFor(model) === 0);
  const times = [...closed.map((model) => pool.opensAt(model)), nextDue].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}
