/**
 * A longer delay that an upstream names is not trusted: after five minutes the next call shows what is true. A wrong header must
 * not close an upstream for a day.
 */
const maxDelayMs = 300_000;

/** The places where the upstream may name the time to wait; any of them may be missing. */
export interface NamedDelays {
  /** The header, in seconds or as an HTTP date. */
  readonly retryAfter: string | undefined;
  /** Fields of the error, and headers, that hold durations, e.g. `34.5s` or `6m0s`. */
  readonly durations: readonly string[];
  /** The error's text, which may say `Please retry in 10.67s.` or `Please try again in 12s.` */
  readonly message: string;
}

/** The longest delay that the upstream names, in milliseconds; `undefined` when it names none. */
export function toRetryDelayMs({ retryAfter, durations, message }: NamedDelays, now: number): number | undefined {
  const inMessage = /(?:retry|try again) in ((?:\d+(?:\.\d+)?(?:ms|h|m|s)\s?)+)/i.exec(message)?.[1];
  const delays = [parseRetryAfter(retryAfter, now), ...[...durations, inMessage].map(parseDuration)];
  const named = delays.filter((delay) => delay !== undefined && delay > 0);
  return named.length === 0 ? undefined : Math.min(maxDelayMs, Math.ceil(Math.max(...named.map(Number))));
}

function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : date - now;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `34.5s`, `900ms`, `2m3.5s`: one or more numbers with their units. */
function parseDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const pieces = [...text.toLowerCase().matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  return pieces.reduce((total, [, number, unit]) => total + Number(number) * (unitMs[unit ?? ''] ?? 0), 0);
}
