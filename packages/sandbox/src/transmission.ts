import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/**
 * Sends an answer slab by slab. The next slab is made only when the socket has taken the previous one. Resolves when the
 * whole answer, or the part that a cut answer sends, has been passed to the system. Rejects if the caller leaves before
 * that. After `stall` and `hang` the answer is still open.
 */
export async function transmit(response: ServerResponse, answer: Answer, signal: AbortSignal): Promise<void> {
  if (answer.cut === 'hang') return;
  response.setTimeout(stalledMs, () => response.destroy());
  response.writeHead(answer.status, answer.headers);
  for (const slab of answer.cut ? firstHalf(answer.slabs) : answer.slabs()) await write(response, slab, signal);
  if (answer.cut === 'stall') response.setTimeout(0);
  else if (answer.cut === 'reset') response.destroy();
  else await end(response, signal);
}

/** How long a caller may leave the answer unread. */
const stalledMs = 60_000;

function* firstHalf(slabs: Answer['slabs']): Generator<string> {
  let left = Math.floor(countCharacters(slabs()) / 2);
  for (const slab of slabs()) {
    yield slab.slice(0, left);
    left -= slab.length;
    if (left <= 0) return;
  }
}

function countCharacters(slabs: Iterable<string>): number {
  let characters = 0;
  for (const slab of slabs) characters += slab.length;
  return characters;
}

function write(response: ServerResponse, slab: string, signal: AbortSignal): Promise<void> {
  return settle(signal, (done) => response.write(slab, done));
}

function end(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return settle(signal, (done) => response.end(done));
}

/** A socket that closes may never call back, so the signal also ends the wait. */
function settle(signal: AbortSignal, begin: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    begin((error) => {
      signal.removeEventListener('abort', leave);
      if (error) reject(error);
      else resolve();
    });
  });
}
