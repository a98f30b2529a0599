const codes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', '53100']);

/**
 * Was there no room on a disk? The file system says `ENOSPC` or, of a quota, `EDQUOT`; PostgreSQL says 53100
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html), and SQLite 13 in the low byte of its result code
 * (https://www.sqlite.org/rescode.html#full).
 */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && codes.has(error.code)) return true;
  if ('errcode' in error && (Number(error.errcode) & 0xff) === 13) return true;
  return isDiskFull(error.cause);
}
