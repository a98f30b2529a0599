import type { Chance } from '../platform/chance.ts';
import { type Failure, toFailureKind } from './failures.ts';

/** What an operator has settled about trying again. */
export interface RetryPolicy {
  /** How often a call is made again whose answer was lost with its worker; it may be paid twice. */
  readonly lostAnswerRetries: number;
  /** How many upstreams there are: what one of them refuses for its set-up, another may do. */
  readonly upstreams: number;
}

/** So many tries has every image that really reached the upstream and may have cost something. */
export const maxTries = 5;

const baseMs = 2_000;
const capMs = 60_000;

/**
 * How long to wait before the next try, in milliseconds: full jitter under a ceiling that doubles with every failed try
 * (2 s to 60 s), and never less than what the upstream asked for or the failure needs. `failures`: all failures of this
 * image so far, the last one being the reason. `undefined` when it must not be tried again.
 */
export function toRetryDelay(failures: readonly Failure[], policy: RetryPolicy, chance: Chance): number | undefined {
  const last = failures.at(-1);
  if (!last) return 0;
  if (!mayBeTriedAgain(failures, last, policy)) return undefined;
  const ceiling = Math.min(capMs, baseMs * 2 ** (failures.length - 1));
  return Math.max(toFloor(last), Math.round(chance() * ceiling));
}

/** A failure that pauses its upstream asks nothing of the request: the pool waits, and another upstream need not. */
function toFloor({ code, retryAfterMs }: Failure): number {
  const { leastWaitMs = 0, effect } = toFailureKind(code);
  return effect === undefined || effect.kind === 'strain' ? (retryAfterMs ?? leastWaitMs) : 0;
}

function mayBeTriedAgain(failures: readonly Failure[], last: Failure, policy: RetryPolicy): boolean {
  const { isRetryable, maxRetries = Number.POSITIVE_INFINITY, effect } = toFailureKind(last.code);
  if (failures.filter((failure) => toFailureKind(failure.code).countsAsTry).length >= maxTries) return false;
  const same = failures.filter((failure) => failure.code === last.code).length;
  if (effect?.kind === 'avoid') return same < policy.upstreams;
  if (last.code === 'upstream_answer_lost') return same <= policy.lostAnswerRetries;
  return isRetryable && same <= maxRetries;
}
