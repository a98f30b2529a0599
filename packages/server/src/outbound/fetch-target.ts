import { isIPv4 } from 'node:net';
import type { AllowedHosts } from './allowed-hosts.ts';
import { createDnsLookup, type Lookup, lookupBySystem } from './lookup.ts';
import { toLookupFailure } from './network-failure.ts';
import { OutboundFailure } from './outbound-failure.ts';
import type { Proxies } from './proxies.ts';
import { isPublicAddress } from './public-address.ts';

/** A URL that may be fetched, with the addresses that were checked. The connection goes to one of them. */
export interface FetchTarget {
  readonly url: URL;
  /** None with a proxy, which looks up the name. */
  readonly addresses: readonly string[];
  /** The proxy that the call goes through. */
  readonly proxy?: string;
}

export interface TargetRules {
  /** What the URL is for, as it appears in the error about a port: `references`. */
  readonly purpose: string;
  readonly allowedHosts: AllowedHosts;
  readonly ports: readonly number[];
  /** Looks up all names. Default: DNS for unknown hosts, and the system for allowed hosts. */
  readonly lookup?: Lookup | undefined;
  /** Missing: every call goes directly. */
  readonly proxies?: Proxies | undefined;
}

/**
 * This folder makes calls to addresses that come from users, and keeps users from misusing the server for calls of their
 * own. `checkTarget` checks where a URL leads. `pinned-client.ts` connects only to the addresses that were checked.
 *
 * Decides whether a URL may be fetched. It relies on how `URL` spells hosts: decimal, octal, hexadecimal, short,
 * percent-encoded and fullwidth addresses have already become plain ones. Of a URL that goes through a proxy, only what it
 * says itself can be checked: where its name leads is for the proxy to judge. Rejects with `OutboundFailure`.
 */
export async function checkTarget(text: string, rules: TargetRules, signal: AbortSignal): Promise<FetchTarget> {
  const { url, isAllowed, literal } = readTarget(text, rules);
  const proxy = rules.proxies?.find(url);
  if (proxy !== undefined) return { url, addresses: [], proxy };
  if (literal) return { url, addresses: literal };
  const lookup = rules.lookup ?? (isAllowed ? lookupBySystem : lookupByDns);
  const addresses = await lookup(url.hostname, signal).catch(rethrowLookupError);
  if (!isAllowed) assertPublic(addresses);
  return { url, addresses };
}

/**
 * Checks what can be checked of a URL without looking up its name. Throws the `OutboundFailure` that `checkTarget` would
 * reject with. `literal` is set when the host is an address and not a name.
 */
export function readTarget(text: string, { purpose, allowedHosts, ports }: Omit<TargetRules, 'lookup' | 'proxies'>) {
  const url = parseUrl(text);
  const port = Number(url.port || defaultPorts[url.protocol]);
  const isAllowed = allowedHosts.has(url.hostname, port);
  const literal = toLiteral(url.hostname);
  if (!isAllowed) {
    if (!ports.includes(port)) throw new OutboundFailure(`port ${port} is not allowed for ${purpose}`);
    if (isLocalName(url.hostname)) throw new OutboundFailure(notPublic);
    if (literal) assertPublic(literal);
  }
  return { url, isAllowed, literal };
}

function assertPublic(addresses: readonly string[]): void {
  if (!addresses.every(isPublicAddress)) throw new OutboundFailure(notPublic);
}

const notPublic = 'its host is not on the public internet';

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

const lookupByDns = createDnsLookup();

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url) throw new OutboundFailure('it is not a URL');
  if (defaultPorts[url.protocol] === undefined) throw new OutboundFailure('it is not an http or https URL');
  if (url.username !== '' || url.password !== '') throw new OutboundFailure('it contains a user name or a password');
  // Without trailing dots: certificates and the rules on names use only this spelling.
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
