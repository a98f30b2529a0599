import type { FastifyRequest } from 'fastify';
import type { Idempotency } from '../store/request-store.ts';

/** The `Idempotency-Key` of a call, if it has one. `bodyHash` tells one call from another; usually it is the hash of the body. */
export function readIdempotency(
  { headers, sentJson }: FastifyRequest,
  bodyHash = sentJson?.hash ?? '',
): Idempotency | undefined {
  const key = headers['idempotency-key'];
  // Node joins a header that comes twice into one text.
  return key === undefined ? undefined : { key: String(key), bodyHash };
}
