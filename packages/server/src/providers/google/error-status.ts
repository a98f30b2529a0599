/** What an error says about its kind. */
export interface ErrorSigns {
  readonly code?: number | string | undefined;
  /** `RESOURCE_EXHAUSTED`, … */
  readonly status: string;
  readonly type: string;
  readonly message: string;
}

/**
 * The HTTP status that an error should have had, 400 to 599: by its code, which may be the status itself, one of Google's
 * canonical codes or its name; or else by its words. `undefined` when it says nothing at all, or that all is well.
 */
export function toErrorStatus({ code, status, type, message }: ErrorSigns): number | undefined {
  const words = [status, typeof code === 'string' ? code : '', type, message]
    .map((word) => word.trim())
    .filter(Boolean);
  const number = Number(code);
  if (Number.isInteger(number) && number >= 400 && number < 600) return number;
  const named = canonical.find(
    ([name, canonicalCode]) => number === canonicalCode || words.some((word) => word.toUpperCase() === name),
  );
  if (named) return named[2];
  if (words.length === 0) return undefined;
  const text = words.join(' ').slice(0, 20_000);
  return signs.find(([pattern]) => pattern.test(text))?.[1] ?? 500;
}

/** Source: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const canonical: readonly (readonly [name: string, code: number, status: number])[] = [
  ['CANCELLED', 1, 499],
  ['UNKNOWN', 2, 500],
  ['INVALID_ARGUMENT', 3, 400],
  ['DEADLINE_EXCEEDED', 4, 504],
  ['NOT_FOUND', 5, 404],
  ['ALREADY_EXISTS', 6, 409],
  ['PERMISSION_DENIED', 7, 403],
  ['RESOURCE_EXHAUSTED', 8, 429],
  ['FAILED_PRECONDITION', 9, 400],
  ['ABORTED', 10, 409],
  ['OUT_OF_RANGE', 11, 400],
  ['UNIMPLEMENTED', 12, 501],
  ['INTERNAL', 13, 500],
  ['UNAVAILABLE', 14, 503],
  ['DATA_LOSS', 15, 500],
  ['UNAUTHENTICATED', 16, 401],
];

/** For errors that a relay has reworded; the first that matches. */
const signs: readonly (readonly [pattern: RegExp, status: number])[] = [
  [/api.?key|unauthori[sz]ed|authentication/i, 401],
  [/permission|forbidden/i, 403],
  [/quota|rate.?limit|too many requests|exhausted|credits?|billing/i, 429],
  [/overload|high demand|unavailable|capacity|try again later/i, 503],
  [/deadline|time.?out|timed out/i, 504],
  [/model.*(?:not found|not exist|no longer available)|not.?found/i, 404],
  [/invalid|unsupported|not supported|bad.?request|missing|unable to process/i, 400],
];
