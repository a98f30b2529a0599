import type { Chance } from '../platform/chance.ts';
import { type Failure, toFailureKind, toWaitMs } from './failures.ts';

/** The operator's choices about trying again. */
export interface RetryPolicy {
  /** How often a call is repeated when its answer was lost with its worker; it may be paid twice. */
  readonly lostAnswerRetries: number;
  /**
   * How many upstreams serve the model or may stand in: another one may accept what one of them refuses because of its set-up.
   */
  readonly places: number;
}

/** The number of tries of every image that really reached the upstream and may have cost something. */
export const maxTries = 5;

/** One failed call of an image. */
export interface FailedTry {
  readonly failure: Failure;
  /** Tells the upstream and the model from others. */
  readonly place: string;
}

const baseMs = 2_000;
const capMs = 60_000;
/**
 * The pool spaces calls that the upstream refuses for free; a request that waited longer would only be late when the upstream
 * opens.
 */
const freeCapMs = 10_000;

/**
 * How long to wait before the next try, in milliseconds: full jitter under a ceiling that doubles with every failed try
 * (2 s to 60 s; to 10 s after a try that does not count), and never less than what the upstream asked for or the failure
 * needs. `failed`: all failed calls of this image so far, the last one being the reason. `undefined` when it must not be tried again.
 */
export function toRetryDelay(failed: readonly FailedTry[], policy: RetryPolicy, chance: Chance): number | undefined {
  const last = failed.at(-1)?.failure;
  if (!last) return 0;
  if (!mayBeTriedAgain(failed, last, policy)) return undefined;
  const cap = toFailureKind(last.code).countsAsTry ? capMs : freeCapMs;
  const ceiling = Math.min(cap, baseMs * 2 ** (failed.length - 1));
  return Math.max(toFloor(last), Math.round(chance() * ceiling));
}

/** A failure that pauses its upstream requires no wait of the request: the pool waits, and another upstream need not. */
function toFloor(failure: Failure): number {
  const { effect } = toFailureKind(failure.code);
  return effect === undefined || effect.kind === 'strain' ? toWaitMs(failure) : 0;
}

function mayBeTriedAgain(failed: readonly FailedTry[], last: Failure, policy: RetryPolicy): boolean {
  const { isRetryable, maxRetries = Number.POSITIVE_INFINITY } = toFailureKind(last.code);
  if (failed.filter(({ failure }) => toFailureKind(failure.code).countsAsTry).length >= maxTries) return false;
  if (isOfSetUp(last)) return countUnfit(failed) < policy.places;
  const same = failed.filter(({ failure }) => failure.code === last.code).length;
  if (last.code === 'upstream_answer_lost') return same <= policy.lostAnswerRetries;
  return isRetryable && same <= maxRetries;
}

/** Is the set-up of the upstream wrong for the request? Then another upstream may accept it. */
function isOfSetUp({ code }: Failure): boolean {
  return toFailureKind(code).effect?.kind === 'avoid';
}

/**
 * Places that have refused the image because of their set-up. A repeated refusal by one of them says nothing about the others.
 */
function countUnfit(failed: readonly FailedTry[]): number {
  return new Set(failed.filter(({ failure }) => isOfSetUp(failure)).map(({ place }) => place)).size;
}
