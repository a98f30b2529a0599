import { isIPv6 } from 'node:net';

/** An address that can be opened on the server's machine. `0.0.0.0` and `::` cannot, so they become `localhost`. */
export function toLocalUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}
