import { describe, expect, test } from 'vitest'
import { parseAddress } from '../../src/decode/address.ts'
import { scopeOf } from '../../src/decode/scope.ts'
import type { Scope } from '../../src/types.ts'

function scope(text: string): Scope {
  const address = parseAddress(text)!
  const bytes = new Uint8Array(address.length + 5)
  bytes.set(address, 5)
  return scopeOf(bytes, 5, address.length as 4 | 16)
}

/** [first, last, scope, the address just below, its scope, the address just above, its scope]: both edges of every range. */
type Edges = [string, string, Scope, string | null, Scope | null, string | null, Scope | null]

const IPV4: Edges[] = [
  ['0.0.0.0', '0.255.255.255', 'reserved', null, null, '1.0.0.0', 'public'],
  ['10.0.0.0', '10.255.255.255', 'private', '9.255.255.255', 'public', '11.0.0.0', 'public'],
  ['100.64.0.0', '100.127.255.255', 'cgnat', '100.63.255.255', 'public', '100.128.0.0', 'public'],
  ['127.0.0.0', '127.255.255.255', 'loopback', '126.255.255.255', 'public', '128.0.0.0', 'public'],
  ['169.254.0.0', '169.254.255.255', 'link-local', '169.253.255.255', 'public', '169.255.0.0', 'public'],
  ['172.16.0.0', '172.31.255.255', 'private', '172.15.255.255', 'public', '172.32.0.0', 'public'],
  ['192.0.0.0', '192.0.0.8', 'reserved', '191.255.255.255', 'public', '192.0.0.9', 'public'],
  ['192.0.0.9', '192.0.0.10', 'public', '192.0.0.8', 'reserved', '192.0.0.11', 'reserved'],
  ['192.0.0.11', '192.0.0.255', 'reserved', '192.0.0.10', 'public', '192.0.1.0', 'public'],
  ['192.0.2.0', '192.0.2.255', 'documentation', '192.0.1.255', 'public', '192.0.3.0', 'public'],
  ['192.31.196.0', '192.31.196.255', 'public', '192.31.195.255', 'public', '192.31.197.0', 'public'],
  ['192.88.99.0', '192.88.99.255', 'reserved', '192.88.98.255', 'public', '192.88.100.0', 'public'],
  ['192.168.0.0', '192.168.255.255', 'private', '192.167.255.255', 'public', '192.169.0.0', 'public'],
  ['198.18.0.0', '198.19.255.255', 'reserved', '198.17.255.255', 'public', '198.20.0.0', 'public'],
  ['198.51.100.0', '198.51.100.255', 'documentation', '198.51.99.255', 'public', '198.51.101.0', 'public'],
  ['203.0.113.0', '203.0.113.255', 'documentation', '203.0.112.255', 'public', '203.0.114.0', 'public'],
  ['224.0.0.0', '239.255.255.255', 'multicast', '223.255.255.255', 'public', '240.0.0.0', 'reserved'],
  ['240.0.0.0', '255.255.255.254', 'reserved', '239.255.255.255', 'multicast', '255.255.255.255', 'broadcast'],
  ['255.255.255.255', '255.255.255.255', 'broadcast', '255.255.255.254', 'reserved', null, null],
]

const F = 'ffff:ffff:ffff:ffff'
const IPV6: Edges[] = [
  ['::', '::', 'reserved', null, null, '::1', 'loopback'],
  ['::1', '::1', 'loopback', '::', 'reserved', '::2', 'reserved'],
  ['::2', '::fffe:ffff:ffff', 'reserved', '::1', 'loopback', '::1:0:0:0', 'reserved'],
  ['64:ff9b:1::', `64:ff9b:1:ffff:${F}`, 'private', '64:ff9b::1:0:0', 'reserved', '64:ff9b:2::', 'reserved'],
  ['100::', `100::${F}`, 'reserved', `ff:ffff:ffff:ffff:${F}`, 'reserved', '100:0:0:1::', 'reserved'],
  ['100:0:0:1::', `100:0:0:1:${F}`, 'reserved', `100::${F}`, 'reserved', '100:0:0:2::', 'reserved'],
  ['2000::', `2000:ffff:ffff:ffff:${F}`, 'public', `1fff:ffff:ffff:ffff:${F}`, 'reserved', '2001:1::', 'reserved'],
  ['2001:1::1', '2001:1::3', 'public', '2001:1::', 'reserved', '2001:1::4', 'reserved'],
  ['2001:2::', `2001:2::ffff:${F}`, 'reserved', `2001:1:ffff:ffff:${F}`, 'reserved', '2001:2:1::', 'reserved'],
  ['2001:3::', `2001:3:ffff:ffff:${F}`, 'public', `2001:2:ffff:ffff:${F}`, 'reserved', '2001:4::', 'reserved'],
  ['2001:4:112::', `2001:4:112:ffff:${F}`, 'public', `2001:4:111:ffff:${F}`, 'reserved', '2001:4:113::', 'reserved'],
  ['2001:10::', `2001:1f:ffff:ffff:${F}`, 'reserved', `2001:f:ffff:ffff:${F}`, 'reserved', '2001:20::', 'public'],
  ['2001:20::', `2001:3f:ffff:ffff:${F}`, 'public', `2001:1f:ffff:ffff:${F}`, 'reserved', '2001:40::', 'reserved'],
  ['2001:40::', `2001:1ff:ffff:ffff:${F}`, 'reserved', `2001:3f:ffff:ffff:${F}`, 'public', '2001:200::', 'public'],
  ['2001:db8::', `2001:db8:ffff:ffff:${F}`, 'documentation', `2001:db7:ffff:ffff:${F}`, 'public', '2001:db9::', 'public'],
  ['2620:4f:8000::', `2620:4f:8000:ffff:${F}`, 'public', `2620:4f:7fff:ffff:${F}`, 'public', '2620:4f:8001::', 'public'],
  ['3fff::', `3fff:fff:ffff:ffff:${F}`, 'documentation', `3ffe:ffff:ffff:ffff:${F}`, 'public', '3fff:1000::', 'public'],
  ['3fff:1000::', `3fff:ffff:ffff:ffff:${F}`, 'public', `3fff:fff:ffff:ffff:${F}`, 'documentation', '4000::', 'reserved'],
  ['5f00::', `5f00:ffff:ffff:ffff:${F}`, 'reserved', `5eff:ffff:ffff:ffff:${F}`, 'reserved', '5f01::', 'reserved'],
  ['fc00::', `fdff:ffff:ffff:ffff:${F}`, 'private', `fbff:ffff:ffff:ffff:${F}`, 'reserved', 'fe00::', 'reserved'],
  ['fe80::', `febf:ffff:ffff:ffff:${F}`, 'link-local', `fe7f:ffff:ffff:ffff:${F}`, 'reserved', 'fec0::', 'reserved'],
  ['ff00::', `ffff:ffff:ffff:ffff:${F}`, 'multicast', `feff:ffff:ffff:ffff:${F}`, 'reserved', null, null],
]

describe.each([
  ['IPv4', IPV4],
  ['IPv6', IPV6],
] as const)('scopeOf, %s', (_version, ranges) => {
  test.each(ranges)('%s to %s is %s', (first, last, expected, below, belowScope, above, aboveScope) => {
    expect(scope(first)).toBe(expected)
    expect(scope(last)).toBe(expected)
    if (below !== null) expect(scope(below)).toBe(belowScope)
    if (above !== null) expect(scope(above)).toBe(aboveScope)
  })
})

describe('scopeOf, IPv4 inside IPv6', () => {
  test.each<[string, Scope]>([
    ['::ffff:8.8.8.8', 'public'],
    ['::ffff:10.1.2.3', 'private'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:255.255.255.255', 'broadcast'],
    ['::fffe:808:808', 'reserved'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['64:ff9b::192.168.1.1', 'private'],
    ['64:ff9b::224.0.0.1', 'multicast'],
    ['2002:808:808::1', 'public'],
    ['2002:a00:1::1', 'reserved'],
    ['2001:0:4136:e378:8000:63bf:f7f7:f7f7', 'public'], // Teredo client 8.8.8.8
    ['2001:0:4136:e378:8000:63bf:f5ff:fffe', 'reserved'], // Teredo client 10.0.0.1
    ['2606:4700:4700::1111', 'public'],
  ])('%s is %s', (text, expected) => {
    expect(scope(text)).toBe(expected)
  })
})
