import { isIPv4 } from 'node:net';
import type { AllowedHosts } from './allowed-hosts.ts';
import { createDnsLookup, type Lookup, lookupBySystem } from './lookup.ts';
import { toLookupFailure } from './network-failure.ts';
import { isPublicAddress } from './public-address.ts';
import { ReferenceFailure } from './reference-failure.ts';

/** A URL that may be fetched, and the addresses that were checked: the connection goes to one of them. */
export interface FetchTarget {
  readonly url: URL;
  readonly addresses: readonly string[];
}

export interface TargetRules {
  readonly allowedHosts: AllowedHosts;
  readonly ports: readonly number[];
  /** For every name. Without it strangers' names are asked of DNS, and the names of allowed hosts of the system. */
  readonly lookup?: Lookup | undefined;
}

/**
 * Decides whether a URL may be fetched. It stands on how `URL` spells hosts: decimal, octal, hexadecimal, short,
 * percent-encoded and fullwidth addresses have become plain ones by then. Rejects with `ReferenceFailure`.
 */
export async function checkTarget(text: string, rules: TargetRules, signal: AbortSignal): Promise<FetchTarget> {
  const url = parseUrl(text);
  const port = Number(url.port || defaultPorts[url.protocol]);
  const isAllowed = rules.allowedHosts.has(url.hostname, port);
  if (!isAllowed && !rules.ports.includes(port)) throw new ReferenceFailure(`port ${port} is not open to references`);
  if (!isAllowed && isLocalName(url.hostname)) throw new ReferenceFailure(notPublic);
  const lookup = rules.lookup ?? (isAllowed ? lookupBySystem : lookupByDns);
  const addresses = toLiteral(url.hostname) ?? (await lookup(url.hostname, signal).catch(rethrowLookupError));
  if (!isAllowed && !addresses.every(isPublicAddress)) throw new ReferenceFailure(notPublic);
  return { url, addresses };
}

const notPublic = 'its host is not on the public internet';

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

const lookupByDns = createDnsLookup();

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url) throw new ReferenceFailure('it is not a URL');
  if (defaultPorts[url.protocol] === undefined) throw new ReferenceFailure('it is not an http or https URL');
  if (url.username !== '' || url.password !== '') throw new ReferenceFailure('it holds a user name or a password');
  // The same host, in the one spelling that certificates and the rules on names know.
  url.hostname = url.hostname.replace(/\.+$/, '');
  return url;
}

function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost');
}

function toLiteral(hostname: string): readonly string[] | undefined {
  if (hostname.startsWith('[')) return [hostname.slice(1, -1)];
  return isIPv4(hostname) ? [hostname] : undefined;
}

function rethrowLookupError(error: unknown): never {
  throw toLookupFailure(error);
}
