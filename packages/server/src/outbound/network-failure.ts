import { OutboundFailure } from './outbound-failure.ts';

/** The failure of a connection, from the error of the socket or the HTTP client. */
export function toConnectionFailure(cause: unknown): OutboundFailure {
  const code = findCode(cause);
  if (cause instanceof Error && cause.name === 'HTTPParserError')
    return new OutboundFailure('the server does not speak HTTP', { cause });
  if (tlsCodes.test(code)) return new OutboundFailure('a secure connection to the server could not be made', { cause });
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return new OutboundFailure('the server sent too many headers', { cause });
  if (isOfProxy(cause)) return new OutboundFailure('the proxy did not connect', { isTransient: true, cause });
  return new OutboundFailure(transient[code] ?? 'the connection to the server broke', { isTransient: true, cause });
}

/** The failure of a look-up, from its error. */
export function toLookupFailure(cause: unknown): OutboundFailure {
  return missing.has(findCode(cause))
    ? new OutboundFailure('its host name does not exist', { cause })
    : new OutboundFailure('its host name could not be looked up', { isTransient: true, cause });
}

const tlsCodes = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

const missing: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'ENONAME']);

const stalled = 'the server stopped answering';
const unreachable = 'the server could not be reached';

const transient: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the server refused the connection',
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  UND_ERR_CONNECT_TIMEOUT: unreachable,
  UND_ERR_HEADERS_TIMEOUT: stalled,
  UND_ERR_BODY_TIMEOUT: stalled,
};

/** Did the proxy answer with something other than a tunnel? The client knows no code for that. */
function isOfProxy(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Proxy response');
}

function findCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
