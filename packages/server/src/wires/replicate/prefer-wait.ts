import type { FastifyRequest } from 'fastify';

/** Clients give up after 60 seconds, whatever they prefer. */
const usualMs = 55_000;
const mostSeconds = 600;

/**
 * How long a call waits for the end of its prediction: `Prefer: wait` is a little less than a minute, `wait=N` is N seconds, and
 * without the preference it does not wait.
 */
export function toWaitMs({ headers }: Pick<FastifyRequest, 'headers'>): number {
  const [, seconds] = /(?:^|[,;])\s*wait(?:\s*=\s*"?(\d{1,4})"?)?\s*(?:[,;]|$)/i.exec(
    String(headers['prefer'] ?? ''),
  ) ?? [undefined, '0'];
  if (seconds === undefined) return usualMs;
  const waitMs = Math.min(Number(seconds), mostSeconds) * 1_000;
  return waitMs > 60_000 ? waitMs : Math.min(waitMs, usualMs);
}
