/** The hosts of `DARKROOM_ALLOW_PRIVATE_HOSTS`: exempt from the rules on addresses and ports. */
export class AllowedHosts {
  readonly #hosts: ReadonlySet<string>;

  /** Takes `host` (every port of it) and `host:port`; an IPv6 address stands in brackets. Throws a `TypeError` for others. */
  constructor(entries: readonly string[]) {
    this.#hosts = new Set(entries.map(toCanonicalHost));
  }

  /** `hostname` as `URL` spells it, without a trailing dot. */
  has(hostname: string, port: number): boolean {
    return this.#hosts.has(hostname) || this.#hosts.has(`${hostname}:${port}`);
  }
}

/** Spells the host as `URL` does; the port stays as it is, also when it is the scheme's own. */
function toCanonicalHost(entry: string): string {
  const [, host, port = ''] = /^([^*:/?#@[\]]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.exec(entry.trim()) ?? [];
  const url = host === undefined ? null : URL.parse(`http://${host}`);
  if (!url) throw new TypeError(`Not a host or host:port: ${JSON.stringify(entry)}`);
  return url.hostname.replace(/\.$/, '') + port;
}
