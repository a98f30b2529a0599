import type { FastifyRequest } from 'fastify';
import type { LongSubmission } from './long-calls.ts';

const deadlineSeconds = 3_600;

/** The submission of a call whose dialect has neither priorities nor deadlines nor webhooks. */
export function toOpenAiSubmission(
  { caller, headers, sentJson }: FastifyRequest,
  { wire, model, payload }: { readonly wire: string; readonly model: string; readonly payload: object },
): LongSubmission {
  const key = headers['idempotency-key'];
  return {
    caller,
    model,
    payload,
    payloadText: () => JSON.stringify(payload),
    priority: 0,
    deadlineSeconds,
    webhook: undefined,
    // Node joins a header that comes twice into one text.
    idempotency: key === undefined ? undefined : { key: String(key), bodyHash: sentJson?.hash ?? '' },
    wire,
    limits: 'model',
  };
}
