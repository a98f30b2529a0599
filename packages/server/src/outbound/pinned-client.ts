import { isIPv6, type LookupFunction } from 'node:net';
import type { Client } from 'undici';
import type { ConnectionLimits } from './connection-limits.ts';
import type { FetchTarget } from './fetch-target.ts';

/**
 * A client that can reach only the target's addresses. The name is not looked up again, because it may have changed since
 * the check. It is still used for the `Host` header and the check of the certificate.
 */
export async function createPinnedClient({ url, addresses }: FetchTarget, limits: ConnectionLimits): Promise<Client> {
  // Loaded at the first call: many servers never make one, and it is a tenth of the time that they need to start.
  const { Client } = await import('undici');
  return new Client(url.origin, {
    connect: {
      lookup: answerWith(addresses),
      timeout: limits.connectMs,
      autoSelectFamily: true,
      // With Node's 250 ms, attempts to reach distant servers are given up too early.
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
