import type { FastifyRequest } from 'fastify';
import { readIdempotency } from './idempotency.ts';
import type { LongSubmission } from './long-calls.ts';
import { readServiceTier } from './service-tier.ts';

const deadlineSeconds = 3_600;

/** The submission of a call whose dialect has neither priorities nor deadlines nor webhooks. */
export function toOpenAiSubmission(
  call: FastifyRequest,
  { wire, model, payload }: { readonly wire: string; readonly model: string; readonly payload: object },
): LongSubmission {
  return {
    caller: call.caller,
    model,
    payload,
    payloadText: () => JSON.stringify(payload),
    priority: 0,
    deadlineSeconds,
    webhook: undefined,
    idempotency: readIdempotency(call),
    wire,
    limits: 'model',
    serviceTier: readServiceTier(Object(call.body).service_tier),
  };
}
