/** A server did not answer. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';

  constructor(origin: string, cause: unknown) {
    super(`No answer from ${origin}${toReason(cause)}. Is the server still running, and is the address correct?`, {
      cause,
    });
  }
}

/** Node hides the actual error behind "fetch failed". */
function toReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return '';
  return ` (${String(cause.code)})`;
}
