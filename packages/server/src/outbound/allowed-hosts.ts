/** The hosts of `DARKROOM_ALLOW_PRIVATE_HOSTS`: exempt from the rules on addresses and ports. */
export class AllowedHosts {
  readonly #hosts: ReadonlySet<string>;

  /** Accepts `host` (all its ports) and `host:port`, IPv6 addresses in brackets. Throws a `TypeError` for anything else. */
  constructor(entries: readonly string[]) {
    this.#hosts = new Set(entries.map(toCanonicalHost));
  }

  /** Expects `hostname` as `URL` spells it, without a trailing dot. */
  has(hostname: string, port: number): boolean {
    return this.#hosts.has(hostname) || this.#hosts.has(`${hostname}:${port}`);
  }
}

/** Spells the host as `URL` does. The port is kept, even if it is the default port of the scheme. */
function toCanonicalHost(entry: string): string {
  const [, host, port = ''] = /^([^*:/?#@[\]]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.exec(entry.trim()) ?? [];
  const url = host === undefined ? null : URL.parse(`http://${host}`);
  if (!url) throw new TypeError(`Not a host or host:port: ${JSON.stringify(entry)}`);
  return url.hostname.replace(/\.$/, '') + port;
}
