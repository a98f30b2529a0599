import { lookup, Resolver } from 'node:dns/promises';

/**
 * Resolves to all addresses of a host name, at least one. Rejects with the system's error (`ENOTFOUND`, …), and soon after
 * `signal` aborts.
 */
export type Lookup = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;

/**
 * Asks the DNS servers of the system, or `servers` (`address:port`). It differs from the system's look-up in three ways. It
 * occupies no thread while an unknown server keeps it waiting: Node has two threads for look-ups, and the upstream's name
 * needs them too. It can be cancelled. It adds no search domain.
 */
export function createDnsLookup(servers?: readonly string[]): Lookup {
  return async (hostname, signal) => {
    signal.throwIfAborted();
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    if (servers) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
      const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      // Many names have only one kind of address, and some servers answer for only one kind.
      const [failure] = answers.filter((answer) => answer.status === 'rejected');
      if (addresses.length === 0) throw failure?.reason;
      return addresses;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
}

/** Looks names up like any other program on the machine: with its hosts file, search domains and containers. */
export const lookupBySystem: Lookup = async (hostname, signal) => {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const found = await Promise.race([lookup(hostname, { all: true }), aborted]);
    return found.map(({ address }) => address);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
