import { isIPv6 } from 'node:net';

/** The address of a server that can be opened on its machine: "every address" is not one. */
export function toLocalUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}
