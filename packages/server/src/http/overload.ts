import type { onRequestHookHandler } from 'fastify';
import type { DiskShares } from '../platform/disk-shares.ts';
import type { Headroom } from '../platform/headroom.ts';
import type { StoreUnavailableError } from '../store/store-errors.ts';
import { Problem } from './problem.ts';

/** Seconds after which a caller may look again; disks and memory do not empty faster. */
const retryAfterSeconds = 10;
/** A database that was started again or taken over is back sooner. */
const databaseSeconds = 5;

/** Refuses a call that brings new work while there is no room for it, before anything of its body is read. */
export function refuseWhenShort(headroom: Headroom): onRequestHookHandler {
  return (_request, _reply, done) => {
    const sentence = headroom.refusal();
    done(sentence === undefined ? undefined : createOverloadProblem(sentence));
  };
}

/** Notes what a key is about to write, and throws a `Problem` when it has filled more than its share of the disk. */
export function assertShare(headroom: DiskShares, apiKeyId: string, bytes: number): void {
  const sentence = headroom.admit(apiKeyId, bytes);
  if (sentence !== undefined) throw createOverloadProblem(sentence);
}

/** The refusal of a call that found no room on the disk. */
export function createDiskFullProblem(): Problem {
  return createOverloadProblem(
    'The disk of the service is full. Requests that it has accepted are safe; try again later.',
  );
}

/** The refusal of a call that needs the storage of the pictures, when that does not work. */
export function createStorageProblem(): Problem {
  return createOverloadProblem(
    'The storage of the pictures does not answer. Requests that the service has accepted are safe; try again later.',
  );
}

/** The refusal of a call that needs the database, when that does not answer or cannot write. */
export function createDatabaseProblem({ message }: StoreUnavailableError): Problem {
  return createOverloadProblem(message, databaseSeconds);
}

function createOverloadProblem(message: string, seconds = retryAfterSeconds): Problem {
  return new Problem('overloaded', message, { headers: { 'retry-after': String(seconds) } });
}
