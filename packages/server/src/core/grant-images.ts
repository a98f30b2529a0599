import { toFailureKind } from './failures.ts';
import type { Attempt } from './image-request.ts';
import type { Order } from './order.ts';
import type { Grant, UpstreamPool } from './upstream-pool.ts';

/** What a claim takes from a request. */
export interface GrantedImages {
  readonly upstream: string;
  /** In ascending order; empty when the request lacks none. */
  readonly imageIndexes: readonly number[];
  /** What each call may cost, in micro-dollars. */
  readonly micros: number;
}

/** Grants calls for the images that a request still lacks, at most `limit`. The pool has room for the model. */
export function grantImages(
  wanted: { readonly order: Order; readonly attempts: readonly Attempt[]; readonly estimatedCostMicros: number },
  { pool, model, limit }: { readonly pool: UpstreamPool; readonly model: string; readonly limit: number },
): GrantedImages {
  const { order, attempts, estimatedCostMicros } = wanted;
  const missing = toMissingImages(order, attempts);
  const micros = Math.ceil(estimatedCostMicros / order.images);
  const { upstream, calls } = toGrant(pool, model, { calls: Math.min(missing.length, limit), micros });
  return { upstream, imageIndexes: missing.slice(0, calls).sort((a, b) => a - b), micros };
}

/**
 * The images without an answer. Images that were refused for good come last, so that none of the others waits while a refused one
 * is paid again. The others are ordered by how often they were tried, the least first: none waits for another's failures.
 */
function toMissingImages(order: Order, attempts: readonly Attempt[]): number[] {
  const triesOf = (index: number) => attempts.filter(({ imageIndex }) => imageIndex === index);
  const isRefused = (index: number) => {
    const failure = triesOf(index).at(-1)?.failure;
    return failure !== undefined && !toFailureKind(failure.code).isRetryable ? 1 : 0;
  };
  return Array.from({ length: order.images }, (_, index) => index)
    .filter((index) => triesOf(index).every(({ answer }) => answer === undefined))
    .sort((a, b) => isRefused(a) - isRefused(b) || triesOf(a).length - triesOf(b).length);
}

/** A request that lacks no call is granted none, and the grant names any upstream. */
function toGrant(
  pool: UpstreamPool,
  model: string,
  wanted: { readonly calls: number; readonly micros: number },
): Grant {
  const [open] = pool.rooms(model).filter(({ room }) => room.kind === 'open');
  const grant = wanted.calls > 0 ? pool.grant(model, wanted) : open && { upstream: open.upstream, calls: 0 };
  if (!grant) throw new Error(`The pool has room for ${model} and grants no call.`);
  return grant;
}
