import { BlockList, isIP } from 'node:net';

/** The operator's proxies, as the variables `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name them. */
export interface ProxyOptions {
  /** An http(s) URL, which may contain a name and a password. For calls to https addresses. */
  readonly httpsProxy?: string | undefined;
  /** For calls to http addresses. */
  readonly httpProxy?: string | undefined;
  /**
   * The hosts that are called directly: a name stands for itself and for everything below it, and `10.0.0.0/8` for a network.
   * `host:port` means one port, and `*` every host.
   */
  readonly noProxy?: readonly string[];
}

/**
 * Which calls go through a proxy. All clients of the server ask here, so that one rule holds for all of them. The machine itself
 * is never called through a proxy, because a proxy would reach another machine under its name.
 */
export class Proxies {
  readonly #options: ProxyOptions;
  readonly #direct: readonly ((host: string, port: string) => boolean)[];

  constructor(options: ProxyOptions = {}) {
    this.#options = options;
    this.#direct = [isLoopback, ...(options.noProxy ?? []).map(toRule)];
  }

  /** The URL of the proxy for calls to this address; `undefined` when it is called directly. */
  find({ protocol, hostname, port }: URL): string | undefined {
    const isTls = protocol === 'https:';
    const proxy = isTls ? this.#options.httpsProxy : this.#options.httpProxy;
    if (proxy === undefined) return undefined;
    const host = toBareHost(hostname);
    const isDirect = this.#direct.some((rule) => rule(host, port || (isTls ? '443' : '80')));
    return isDirect ? undefined : proxy;
  }
}

/** For calls that leave the machine by no proxy, such as those to the built-in sandbox. */
export const noProxies = new Proxies();

function isLoopback(host: string): boolean {
  if (isIP(host) !== 0) return loopback.check(host, toFamily(host));
  return host === 'localhost' || host.endsWith('.localhost');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Reads one entry of `NO_PROXY`. An entry that means nothing matches no host, as in other programs. */
function toRule(entry: string): (host: string, port: string) => boolean {
  if (entry === '*') return () => true;
  const network = /^([^/]+)\/(\d{1,3})$/.exec(entry);
  if (network) return toNetworkRule(network[1] ?? '', Number(network[2]));
  const [, written = entry, asked] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(entry) ?? [];
  const name = toBareHost(written.toLowerCase()).replace(/^\*?\./, '');
  return (host, port) => (asked ?? port) === port && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

function toNetworkRule(address: string, prefix: number): (host: string) => boolean {
  const isNetwork = isIP(address) !== 0 && prefix <= (isIP(address) === 6 ? 128 : 32);
  if (!isNetwork) return () => false;
  const network = new BlockList();
  network.addSubnet(address, prefix, toFamily(address));
  return (host) => isIP(host) !== 0 && network.check(host, toFamily(host));
}

function toFamily(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** Without the brackets of an IPv6 address and the dot at the end of a name. */
function toBareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.replace(/\.$/, '');
}
