// Addresses -> host ids ordered by the addresses' texts, as SQLite's index on them needs.

import { placesByValue } from '../column.ts'
import type { HostTable } from './hosts.ts'

/**
 * Rank of each octet when octets are sorted as text. "." and the end of a text sort before digits, so IPv4 addresses sort as text like their
 * four octets do.
 */
const OCTET_RANKS = new Int32Array(256)
for (const [rank, octet] of [...OCTET_RANKS.keys()].map(String).sort().entries()) OCTET_RANKS[Number(octet)] = rank

/** IPv4 by radix sort, from the last octet to the first; comparing texts takes ten times as long. */
export function hostsInTextOrder(hosts: HostTable): Int32Array {
  const { bytes, families } = hosts.addresses(0)
  const others: number[] = []
  let sorted = new Int32Array(families.length)
  let count = 0
  for (let host = 0; host < families.length; host++) {
    if (families[host] === 4 && !hosts.isAny(host)) sorted[count++] = host
    else others.push(host)
  }
  sorted = sorted.subarray(0, count)
  const ranks = new Int32Array(count)
  for (let octet = 3; octet >= 0; octet--) {
    for (let i = 0; i < count; i++) ranks[i] = OCTET_RANKS[bytes[sorted[i] * 16 + octet]]
    const places = placesByValue(ranks, OCTET_RANKS.length)
    const next = new Int32Array(count)
    for (let i = 0; i < count; i++) next[places[ranks[i]]++] = sorted[i]
    sorted = next
  }
  if (others.length === 0) return sorted
  others.sort((a, b) => (hosts.ip(a) < hosts.ip(b) ? -1 : 1))
  return merged(sorted, others, hosts)
}

function merged(octets: Int32Array, others: number[], hosts: HostTable): Int32Array {
  const order = new Int32Array(octets.length + others.length)
  for (let i = 0, j = 0; i + j < order.length; ) {
    const isOctetsNext = j === others.length || (i < octets.length && hosts.ip(octets[i]) < hosts.ip(others[j]))
    order[i + j] = isOctetsNext ? octets[i++] : others[j++]
  }
  return order
}
