import type { DiskShares } from '../platform/disk-shares.ts';
import { Problem } from './problem.ts';

/** Disks and memory do not recover faster. */
const defaultRetrySeconds = 10;

/** The refusal of a call for which the service has no room, or no database, at this moment. */
export function createOverloadProblem(message: string, retryAfterSeconds = defaultRetrySeconds): Problem {
  return new Problem('overloaded', message, { retryAfterSeconds });
}

/** Notes what a key is about to write, and throws a `Problem` when the key has filled more than its share of the disk. */
export function assertShare(headroom: DiskShares, apiKeyId: string, bytes: number): void {
  const sentence = headroom.admit(apiKeyId, bytes);
  if (sentence !== undefined) throw createOverloadProblem(sentence);
}
