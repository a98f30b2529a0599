import type { FastifyReply } from 'fastify';

/** Without one, each abort would make an error with its stack, and every answer that is read ends in one. */
const reason = 'The client is gone.';

/** Aborts when the client has gone away, or has the whole answer; or with the other signal, if there is one. */
export function createGoneSignal(reply: FastifyReply, other?: AbortSignal): AbortSignal {
  return watchGone(reply, other).signal;
}

/** The same until it is disposed of: the answer that a crowd then gets costs no aborts. */
export function watchGone({ raw }: FastifyReply, other?: AbortSignal): { readonly signal: AbortSignal } & Disposable {
  const gone = new AbortController();
  const end = () => gone.abort(reason);
  if (raw.destroyed || other?.aborted) end();
  else raw.once('close', end);
  // Not `AbortSignal.any`, which a crowd of waits would pay for.
  other?.addEventListener('abort', end);
  return {
    signal: gone.signal,
    [Symbol.dispose]: () => {
      raw.off('close', end);
      other?.removeEventListener('abort', end);
    },
  };
}
