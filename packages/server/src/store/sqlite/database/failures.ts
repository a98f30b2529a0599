import { isStumble } from '../../damage/poisoned-rows.ts';
import { StoreDamagedError, StoreUnavailableError } from '../../store-errors.ts';

/**
 * SQLite's primary result code, the low byte of what the driver gives: https://www.sqlite.org/rescode.html. `undefined`: the error
 * is not SQLite's.
 */
export function toCode(error: unknown): number | undefined {
  if (error instanceof StoreDamagedError) return toCode(error.cause);
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
}

/** SQLITE_IOERR_SHMSIZE: the file that processes share cannot be created, because its disk is full. */
export function hasNoRoomToShare(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === (10 | (19 << 8));
}

/** Are pages of the file damaged (11), or is it no database any longer (26)? */
export function isDamage(error: unknown): boolean {
  const code = toCode(error);
  return code === 11 || code === 26;
}

/**
 * What the store rejects with: the error itself, unless pages are damaged, or the state of the file or of its disk is at fault: locked by another
 * process (5, 6), out of memory (7), read-only (8), failing (10), full (13), or impossible to open (14).
 */
export function toRejection(error: unknown): unknown {
  const code = toCode(error);
  if (isDamage(error)) return error instanceof StoreDamagedError ? error : new StoreDamagedError(error);
  if (code === undefined || ![5, 6, 7, 8, 10, 13, 14].includes(code)) return error;
  return new StoreUnavailableError(toSentence(code), { cause: error });
}

function toSentence(code: number): string {
  const what = code === 5 || code === 6 ? 'is held by another process' : 'cannot be read or written';
  return `The database ${what} at the moment. Requests that the service has accepted are safe; try again later.`;
}

/**
 * Is the fault in what a row holds? Damaged pages (11), values that are too large (18), constraints and exceptions that triggers
 * raise (19), values of another type (20), and rows that our own code cannot handle.
 */
export function isRowFault(error: unknown): boolean {
  const code = toCode(error);
  return code === undefined ? isStumble(error) : [11, 18, 19, 20].includes(code);
}
