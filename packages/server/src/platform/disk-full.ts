const codes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', '53100']);

/**
 * Whether the error says that a disk is full. The file system reports `ENOSPC` or, for a quota, `EDQUOT`. PostgreSQL
 * reports 53100 (https://www.postgresql.org/docs/current/errcodes-appendix.html). SQLite reports 13 in the low byte of its
 * result code (https://www.sqlite.org/rescode.html#full).
 */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && codes.has(error.code)) return true;
  if ('errcode' in error && (Number(error.errcode) & 0xff) === 13) return true;
  return isDiskFull(error.cause);
}
