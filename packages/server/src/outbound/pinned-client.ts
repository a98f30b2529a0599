import { isIPv6, type LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import { inTurn } from './agents.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import type { FetchTarget } from './fetch-target.ts';

/**
 * A client that can reach only the target's addresses, which it tries in turn. The name is not looked up again, because it may
 * have changed since the check. It is still used for the `Host` header and the check of the certificate. A target that is called
 * through a proxy is reached by its name, which the proxy looks up.
 *
 * Requests state the target's origin.
 */
export async function createPinnedClient(
  { url, addresses, proxy }: FetchTarget,
  limits: ConnectionLimits,
): Promise<Dispatcher> {
  // Loaded at the first call: many servers never make one, and it is a tenth of the time that they need to start.
  const { Client, ProxyAgent } = await import('undici');
  const options = {
    headersTimeout: limits.stallMs,
    bodyTimeout: limits.stallMs,
    maxHeaderSize: limits.maxHeaderBytes,
    allowH2: false,
  };
  const connect = { ...toTurns(limits), timeout: limits.connectMs };
  if (proxy !== undefined) return new ProxyAgent({ ...options, uri: proxy, proxyTls: connect, requestTls: connect });
  return new Client(url.origin, { ...options, connect: { ...connect, lookup: answerWith(addresses) } });
}

/** Where little time is left to connect, every address gets less of it. */
function toTurns({ connectMs }: ConnectionLimits): typeof inTurn {
  const attemptMs = Math.min(inTurn.autoSelectFamilyAttemptTimeout, Math.ceil(connectMs / 4));
  return { ...inTurn, autoSelectFamilyAttemptTimeout: attemptMs };
}

function answerWith(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_hostname, { all }, callback) => {
    const [first] = answers;
    if (all || !first) callback(null, answers);
    else callback(null, first.address, first.family);
  };
}
