import { pause, toJitter } from './pause.ts';

export interface RetryOptions {
  readonly maxRetries: number;
  /** Whether the call may be sent again although the server may already have carried it out. */
  readonly isRepeatable: boolean;
  readonly signal: AbortSignal | undefined;
}

const backOff = { firstMs: 500, longestMs: 8_000 };
/** If the server asks for a longer wait, the caller gets its answer instead of waiting. */
const longestRetryAfterMs = 60_000;

/**
 * Retries calls that were turned away for now (429, and 503 with `Retry-After`) and, if the call is repeatable, calls that
 * may have been lost (network errors and other 5xx). Resolves to the last response, whatever it is. Rejects with the last
 * network error.
 */
export async function sendWithRetries(send: () => Promise<Response>, options: RetryOptions): Promise<Response> {
  const { maxRetries, isRepeatable, signal } = options;
  for (let times = 0; ; times += 1) {
    const isLast = times >= maxRetries;
    try {
      const response = await send();
      const leastMs = readRetryAfterMs(response) ?? 0;
      if (isLast || !mayGoAgain(response, isRepeatable) || leastMs > longestRetryAfterMs) return response;
      await response.body?.cancel();
      await pause(leastMs + toJitter(times, backOff), signal);
    } catch (error) {
      if (isLast || !isRepeatable || signal?.aborted) throw error;
      await pause(toJitter(times, backOff), signal);
    }
  }
}

function mayGoAgain({ status, headers }: Response, isRepeatable: boolean): boolean {
  const isTurnedAway = status === 429 || (status === 503 && headers.has('retry-after'));
  return isTurnedAway || (isRepeatable && status >= 500);
}

/** `Retry-After` as seconds or as a date (RFC 9110, 10.2.3). `undefined` when there is none that can be read. */
export function readRetryAfterMs({ headers }: Response): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
