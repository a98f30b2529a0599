import type { FastifyReply } from 'fastify';

/** Aborts when the client has gone away, or has the whole answer. */
export function createGoneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  else raw.once('close', () => gone.abort());
  return gone.signal;
}
