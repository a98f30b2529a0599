import type { FastifyReply } from 'fastify';

/** Without one, each abort would make an error with its stack, and every answer that is read ends in one. */
const reason = 'The client is gone.';

/** Aborts when the client has gone away, or has the whole answer. */
export function createGoneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort(reason);
  else raw.once('close', () => gone.abort(reason));
  return gone.signal;
}
