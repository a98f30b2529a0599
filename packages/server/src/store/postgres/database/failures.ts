import { isStumble } from '../../damage/poisoned-rows.ts';
import { StoreDamagedError, StoreUnavailableError } from '../../store-errors.ts';

/**
 * Is the connection unusable, whichever side ended it? Then what was not committed is not kept. The codes:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isConnectionLost(error: unknown): boolean {
  const code = toCode(error);
  if (code === undefined)
    return error instanceof Error && /^(Connection terminated|timeout exceeded|Client )/.test(error.message);
  // 53300: the server accepts no more connections; existing ones may still be served.
  return (
    code.startsWith('08') ||
    code.startsWith('57P') ||
    code === '25P03' ||
    code === '53300' ||
    isReadOnly(error) ||
    /^E[A-Z]{4,}/.test(code)
  );
}

/** Does the server only read? After a failover the connection may lead to such a server. */
export function isReadOnly(error: unknown): boolean {
  return toCode(error) === '25006';
}

/** Was the statement refused because an earlier one in its transaction had failed? */
export function isAborted(error: unknown): boolean {
  return toCode(error) === '25P02';
}

/** Did the server undo the transaction in favour of another one? The same work may succeed right after. */
export function isCollision(error: unknown): boolean {
  const code = toCode(error);
  return code === '40001' || code === '40P01';
}

/** Did the statement meet damaged pages? */
export function isDamage(error: unknown): boolean {
  return ['XX001', 'XX002'].includes(toCode(error) ?? '');
}

/**
 * What the store rejects with: the error itself, unless pages are damaged or the state of the server is at fault. Exhausted resources (53, a full disk
 * among them), a time limit (57014, 55P03), endless collisions and a failing disk (58) may pass.
 */
export function toRejection(error: unknown): unknown {
  if (error instanceof StoreUnavailableError || error instanceof StoreDamagedError) return error;
  if (isConnectionLost(error)) return new StoreUnavailableError(away, { cause: error });
  if (isDamage(error)) return new StoreDamagedError(error);
  const code = toCode(error) ?? '';
  const isPassing = /^(53|58)/.test(code) || ['57014', '55P03'].includes(code) || isCollision(error);
  return isPassing ? new StoreUnavailableError(hampered, { cause: error }) : error;
}

const away = 'The database does not answer. Requests that the service has accepted are safe; try again later.';
const hampered =
  'The database cannot do this at the moment. Requests that the service has accepted are safe; try again later.';

/**
 * Is the fault in what a row holds? Data out of range (22), constraints (23), exceptions that triggers raise (P0001), damaged
 * pages (XX001, XX002), and rows that our own code cannot handle.
 */
export function isRowFault(error: unknown): boolean {
  return /^(22|23)|^(P0001|XX001|XX002)$/.test(toCode(error) ?? '') || isStumble(error);
}

/** The code of PostgreSQL or of the operating system. */
export function toCode(error: unknown): string | undefined {
  if (error instanceof StoreDamagedError) return toCode(error.cause);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
