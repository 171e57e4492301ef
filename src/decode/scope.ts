// Address -> scope, by IANA's IPv4 and IPv6 special-purpose address registries (RFC 6890, as updated to 2025) and the multicast ranges.
import type { Scope } from '../types.ts'
import { embeddedIpv4, parseAddress } from './address.ts'

/** [prefix, scope], in the registries' order; the longest matching prefix wins. Addresses without a matching prefix are public. */
const IPV4_RANGES: readonly (readonly [string, Scope])[] = [
  ['0.0.0.0/8', 'reserved'], // this network, RFC 791 3.2
  ['10.0.0.0/8', 'private'], // RFC 1918
  ['100.64.0.0/10', 'cgnat'], // shared address space, RFC 6598
  ['127.0.0.0/8', 'loopback'], // RFC 1122 3.2.1.3
  ['169.254.0.0/16', 'link-local'], // RFC 3927
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'], // IETF protocol assignments, RFC 6890 2.1; all but the next two are local
  ['192.0.0.9/32', 'public'], // port control protocol anycast, RFC 7723
  ['192.0.0.10/32', 'public'], // TURN anycast, RFC 8155
  ['192.0.2.0/24', 'documentation'], // TEST-NET-1, RFC 5737
  ['192.88.99.0/24', 'reserved'], // 6to4 relay anycast, deprecated by RFC 7526
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'reserved'], // benchmarking, RFC 2544
  ['198.51.100.0/24', 'documentation'], // TEST-NET-2
  ['203.0.113.0/24', 'documentation'], // TEST-NET-3
  ['224.0.0.0/4', 'multicast'], // RFC 5771
  ['240.0.0.0/4', 'reserved'], // RFC 1112 4
  ['255.255.255.255/32', 'broadcast'], // RFC 8190
]

/** IPv6. Here only 2000::/3 is allocated as global unicast (RFC 4291 2.4); other addresses are reserved. */
const IPV6_RANGES: readonly (readonly [string, Scope])[] = [
  ['::/0', 'reserved'],
  ['::1/128', 'loopback'], // RFC 4291 2.5.3
  ['64:ff9b:1::/48', 'private'], // translation for use within a site, RFC 8215
  ['2000::/3', 'public'],
  ['2001::/23', 'reserved'], // IETF protocol assignments, RFC 2928; these are exceptions
  ['2001:1::1/128', 'public'], // port control protocol anycast, RFC 7723
  ['2001:1::2/128', 'public'], // TURN anycast, RFC 8155
  ['2001:1::3/128', 'public'], // DNS-SD service registration anycast, RFC 9665
  ['2001:3::/32', 'public'], // automatic multicast tunneling, RFC 7450
  ['2001:4:112::/48', 'public'], // AS112, RFC 7535
  ['2001:20::/28', 'public'], // ORCHIDv2, RFC 7343
  ['2001:30::/28', 'public'], // drone remote identification, RFC 9374
  ['2001:db8::/32', 'documentation'], // RFC 3849
  ['3fff::/20', 'documentation'], // RFC 9637
  ['fc00::/7', 'private'], // unique local, RFC 4193
  ['fe80::/10', 'link-local'], // RFC 4291 2.5.6
  ['ff00::/8', 'multicast'], // RFC 4291 2.7
]

interface Range {
  prefix: Uint8Array
  bits: number
  scope: Scope
}

const IPV4 = longestFirst(IPV4_RANGES)
const IPV6 = longestFirst(IPV6_RANGES)

function longestFirst(ranges: readonly (readonly [string, Scope])[]): Range[] {
  return ranges
    .map(([text, scope]) => {
      const [address, bits] = text.split('/')
      return { prefix: parseAddress(address) as Uint8Array, bits: Number(bits), scope }
    })
    .sort((a, b) => b.bits - a.bits)
}

/**
 * Scope of the 4 or 16 address bytes at `at`. An IPv6 address that contains an IPv4 address (mapped, NAT64) has the IPv4 address's scope, because
 * its packets go there. 6to4 and Teredo are public only with a public IPv4 address inside; others are invalid (RFC 3964 4, RFC 4380 4).
 */
export function scopeOf(bytes: Uint8Array, at: number, length: 4 | 16): Scope {
  if (length === 4) return match(IPV4, bytes, at, 'public')
  const ipv4 = embeddedIpv4(bytes, at)
  if (ipv4 === null) return match(IPV6, bytes, at, 'reserved')
  const scope = match(IPV4, ipv4, 0, 'public')
  const translated = bytes[at] === 0 // ::ffff:0:0/96 and 64:ff9b::/96; 2001::/32 and 2002::/16 are tunnels
  return translated || scope === 'public' ? scope : 'reserved'
}

function match(ranges: Range[], bytes: Uint8Array, at: number, otherwise: Scope): Scope {
  for (const range of ranges) if (isWithin(range, bytes, at)) return range.scope
  return otherwise
}

function isWithin({ prefix, bits }: Range, bytes: Uint8Array, at: number): boolean {
  const whole = bits >> 3
  for (let i = 0; i < whole; i++) if (bytes[at + i] !== prefix[i]) return false
  const rest = bits & 7
  return rest === 0 || ((bytes[at + whole] ^ prefix[whole]) & (0xff00 >> rest) & 0xff) === 0
}
