import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/**
 * Where an address leads. `public`: the internet. `private`: this machine or its networks, which an operator may open.
 * `never`: cloud metadata, link-local, multicast, reserved; only a CIDR that names it opens it.
 */
export type Reach = 'public' | 'private' | 'never';

const privateRanges = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']);
const allocatedIpv6 = ipaddr.parseCIDR('2000::/3');
const nat64 = ipaddr.parseCIDR('64:ff9b::/96');

/** What clouds keep in ranges that are public or private otherwise: Azure's host, Alibaba, AWS (the whole net) and Google. */
const metadata = ['168.63.129.16/32', '100.100.100.200/32', 'fd00:ec2::/32', 'fd20:ce::254/128'].map((cidr) =>
  ipaddr.parseCIDR(cidr),
);

/** Classifies an address in text; what cannot be read as one is `never`. */
export const reachOf = (text: string): Reach => {
  const address = innermost(text);
  if (address === null || metadata.some((range) => within(address, range))) return 'never';
  const range = address.range();
  if (privateRanges.has(range)) return 'private';
  if (range !== 'unicast') return 'never';
  return address.kind() === 'ipv4' || within(address, allocatedIpv6) ? 'public' : 'never';
};

/** True when the address, or the IPv4 address inside it, lies in one of the ranges. */
export const inRanges = (text: string, ranges: readonly Range[]): boolean => {
  const address = innermost(text);
  return address !== null && ranges.some((range) => within(address, range));
};

/** Reads `10.0.0.0/8` or a single address; null when it is neither. */
export const parseRange = (text: string): Range | null => {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
};

/** An IPv4 address that IPv6 carries (mapped, or translated by NAT64) is what the packet reaches in the end. */
const innermost = (text: string): Address | null => {
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.parse(text);
  if (address.kind() === 'ipv4') return address;
  const ipv6 = address as ipaddr.IPv6;
  if (ipv6.isIPv4MappedAddress()) return ipv6.toIPv4Address();
  return within(ipv6, nat64) ? ipaddr.fromByteArray(ipv6.toByteArray().slice(12)) : ipv6;
};

const within = (address: Address, [base, bits]: Range): boolean =>
  address.kind() === base.kind() && (address as ipaddr.IPv4).match(base as ipaddr.IPv4, bits);
