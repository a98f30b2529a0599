import type { DiskShares } from '../platform/disk-shares.ts';
import { Problem } from './problem.ts';

/** Disks and memory do not recover faster. */
const defaultRetrySeconds = 10;

/** The refusal of a call for which the service has no room, or no database, at this moment. */
export function createOverloadProblem(message: string, retryAfterSeconds = defaultRetrySeconds): Problem {
  return new Problem('overloaded', message, { retryAfterSeconds });
}

/**
 * Notes what an organization is about to write, and throws a `Problem` when it has filled more than its share of the disk, with
 * however many keys.
 */
export function assertShare(headroom: DiskShares, organizationId: string, bytes: number): void {
  const sentence = headroom.admit(organizationId, bytes);
  if (sentence !== undefined) throw createOverloadProblem(sentence);
}
