import type { Server, ServerResponse } from 'node:http';

/** A connection ends when no byte has moved for this time while an answer waits for its reader, or a body for its sender. */
export const stalledAfterMs = 60_000;

/**
 * Ends calls whose client has stopped: it does not read its answer, or does not send the body that it has announced. What such a
 * call holds is then released. Node counts the time from the last bytes that the socket has accepted. So a client that is slow
 * but goes on is not cut off, and neither is a call that waits for the service: none of its bytes are on their way.
 */
export function endStalledCalls(server: Server, stalledMs = stalledAfterMs): void {
  server.on('request', (request, response: ServerResponse) => {
    response.setTimeout(stalledMs, () => {
      if (hasUnsent(response) || !request.complete) response.socket?.destroy();
    });
  });
}

/** Does the answer have bytes that the socket has not accepted? */
function hasUnsent({ socket, writableLength, writableNeedDrain }: ServerResponse): boolean {
  return writableNeedDrain || writableLength > 0 || (socket?.writableLength ?? 0) > 0;
}
