import type { Chance } from '../platform/chance.ts';
import { type Failure, toFailureKind } from './failures.ts';

const baseMs = 2_000;
const capMs = 60_000;

/**
 * How long to wait before the next try, in milliseconds: full jitter under a ceiling that doubles with every failed try
 * (2 s to 60 s), and never less than what the upstream asked for or the failure needs. `failures`: all failures of this image so far, the
 * last one being the reason. `undefined` when it must not be tried again.
 */
export function toRetryDelay(failures: readonly Failure[], chance: Chance): number | undefined {
  const last = failures.at(-1);
  if (!last) return 0;
  const { isRetryable, maxRetries, leastWaitMs = 0 } = toFailureKind(last.code);
  const sameBefore = failures.filter((failure) => failure.code === last.code).length - 1;
  if (!isRetryable || (maxRetries !== undefined && sameBefore >= maxRetries)) return undefined;
  const ceiling = Math.min(capMs, baseMs * 2 ** (failures.length - 1));
  return Math.max(last.retryAfterMs ?? leastWaitMs, Math.round(chance() * ceiling));
}
