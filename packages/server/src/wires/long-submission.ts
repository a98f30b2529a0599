import type { FastifyRequest } from 'fastify';
import { readFallbackWish } from './fallback-wish.ts';
import { readIdempotency } from './idempotency.ts';
import type { LongSubmission } from './long-calls.ts';

/** What a call of a wire submits; what its dialect does not have is left out. */
export interface Submitting extends Partial<Pick<LongSubmission, 'priority' | 'webhook' | 'bodyHash' | 'serviceTier'>> {
  readonly wire: string;
  /** The id of a model. */
  readonly model: string;
  readonly payload: object;
  /** The body's key `fallback`, in dialects that take keys of other makers. */
  readonly fallback?: unknown;
}

/** The submission of a call by a wire whose callers do not write payloads themselves. */
export function toLongSubmission(
  call: FastifyRequest,
  { payload, priority = 0, webhook, bodyHash, fallback, ...given }: Submitting,
): LongSubmission {
  return {
    ...given,
    caller: call.caller,
    payload,
    payloadText: () => JSON.stringify(payload),
    priority,
    allowsStandIn: readFallbackWish(call, fallback),
    webhook,
    idempotency: readIdempotency(call, bodyHash),
    ...(bodyHash !== undefined && { bodyHash }),
    limits: 'model',
  };
}
