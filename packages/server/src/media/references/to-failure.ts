import type { Failure } from '../../core/failures.ts';
import type { FailedReference } from './reference-fetcher.ts';

/** The failure of a request whose reference failed; `subject` begins its sentence, e.g. `Picture 2 of turn 1`. */
export function toFailure(subject: string, uri: string, { code, reason, retryAfterMs }: FailedReference): Failure {
  return {
    code: code ?? 'reference_unavailable',
    message: `${subject} (${shorten(uri)}) could not be used: ${reason}.`,
    ...(retryAfterMs !== undefined && { retryAfterMs: Math.max(0, retryAfterMs) }),
  };
}

/** The URL without the query, where URLs carry their secrets, and without a user name or password. */
function shorten(uri: string): string {
  if (uri.startsWith('media:')) return 'sent inline';
  const bare = withoutUser(uri).replace(/[?#].*$/s, '');
  return bare.length > 120 ? `${bare.slice(0, 119)}…` : bare;
}

function withoutUser(uri: string): string {
  const url = URL.parse(uri);
  if (!url || (url.username === '' && url.password === '')) return uri;
  return `${url.protocol}//${url.host}${url.pathname}`;
}
