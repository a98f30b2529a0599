import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Whether this is an address of the public internet. Other texts are not, nor are spellings that can lead to a private
 * address: the IPv4-mapped, 6to4 and Teredo forms, and addresses with a zone. An address with the well-known NAT64 prefix
 * is as public as the IPv4 address inside it, because hosts without IPv4 reach IPv4 hosts this way.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !closed.check(address);
  if (!isIPv6(address) || address.includes('%')) return false;
  return open.check(address, 'ipv6') && !closed.check(address, 'ipv6');
}

/** The IPv4 addresses that are not public: the IANA special-purpose registry, and one more. */
const closedIpv4 = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT; 100.100.100.200 is a cloud's metadata
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // the metadata and agent address of Azure; only its number looks public
  ['169.254.0.0', 16], // link-local; 169.254.169.254 is the metadata of most clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments; 192.0.0.192 is a cloud's metadata
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // relays of 6to4
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
] as const;

/** The addresses inside 2000::/3 that are not public. */
const closedIpv6 = [
  ['2001::', 23], // protocol assignments: Teredo, benchmarks, ORCHID
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['3ffe::', 16], // the 6bone test network, returned to IANA
  ['3fff::', 20], // documentation
] as const;

const nat64 = '64:ff9b::';

/** The only open IPv6 addresses. All others (loopback, mapped, unique-local, link-local, multicast, …) are outside. */
const open = new BlockList();
open.addSubnet('2000::', 3, 'ipv6');
open.addSubnet(nat64, 96, 'ipv6');

const closed = new BlockList();
for (const [network, prefix] of closedIpv4) {
  closed.addSubnet(network, prefix);
  closed.addSubnet(nat64 + network, 96 + prefix, 'ipv6');
}
for (const [network, prefix] of closedIpv6) closed.addSubnet(network, prefix, 'ipv6');
