import { isIPv6, type LookupFunction } from 'node:net';
import { Client } from 'undici';
import type { ConnectionLimits } from './connection-limits.ts';
import type { FetchTarget } from './fetch-target.ts';

/**
 * A client that can reach the target's addresses and nothing else: whatever its name has become since it was checked, it
 * is not looked up again. The name itself still goes into the `Host` header and into the check of the certificate.
 */
export function createPinnedClient({ url, addresses }: FetchTarget, limits: ConnectionLimits): Client {
  return new Client(url.origin, {
    connect: {
      lookup: answerWith(addresses),
      timeout: limits.connectMs,
      autoSelectFamily: true,
      // Node's 250 ms give up on good servers that are far away.
      autoSelectFamilyAttemptTimeout: Math.ceil(limits.connectMs / 4),
    },
    headersTimeout: limits.stallMs,
    bodyTimeout: limits.stallMs,
    maxHeaderSize: limits.maxHeaderBytes,
    allowH2: false,
  });
}

function answerWith(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_hostname, { all }, callback) => {
    const [first] = answers;
    if (all || !first) callback(null, answers);
    else callback(null, first.address, first.family);
  };
}
