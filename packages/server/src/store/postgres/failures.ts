/** The connection broke while the COMMIT was on its way: the write may be kept or not. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}

/**
 * Is the connection of no use any more, whoever ended it? What had not been committed is not kept then. The codes:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isConnectionLost(error: unknown): boolean {
  const code = toCode(error);
  if (code === undefined)
    return error instanceof Error && /^(Connection terminated|timeout exceeded|Client )/.test(error.message);
  // 25006: after a failover the connection leads to a server that only reads.
  return (
    code.startsWith('08') || code.startsWith('57P') || code === '25006' || code === '25P03' || /^E[A-Z]{4,}/.test(code)
  );
}

/** Did the server undo the transaction for the sake of another one? The same work may succeed right after. */
export function isCollision(error: unknown): boolean {
  const code = toCode(error);
  return code === '40001' || code === '40P01';
}

/** The code of PostgreSQL or of the operating system. */
export function toCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
