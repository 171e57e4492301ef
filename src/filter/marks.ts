// Matching rows -> flows set in a mask. Each distinct text is tested once.
import { rangeTest } from './address.ts'
import type { Side } from './field.ts'
import type { FilterSource, Mask, TextColumn } from './source.ts'
import type { Range } from './values.ts'

export type TextTest = (text: string) => boolean

export function markTexts(mask: Mask, { texts, code }: TextColumn, passes: TextTest): void {
  const wanted = texts.map(passes)
  for (let flow = 0; flow < mask.length; flow++) if (wanted[code[flow]]) mask[flow] = 1
}

export function markRange(mask: Mask, column: ArrayLike<number>, { from, to }: Range): void {
  for (let flow = 0; flow < mask.length; flow++) if (column[flow] >= from && column[flow] <= to) mask[flow] = 1
}

/** Sets the flows whose client, server, or either host (without side) is one of the hosts. */
export function markHosts(mask: Mask, hosts: Uint8Array, side: Side | undefined, { flows }: FilterSource): void {
  if (side !== 'server') for (let flow = 0; flow < mask.length; flow++) mask[flow] |= hosts[flows.clientHost[flow]]
  if (side !== 'client') for (let flow = 0; flow < mask.length; flow++) mask[flow] |= hosts[flows.serverHost[flow]]
}

/** One byte for each host: 1 if its address is in the range. */
export function hostsWithin(range: { first: string; last: string }, { hosts }: FilterSource): Uint8Array {
  const isInRange = rangeTest(range)
  return Uint8Array.from(hosts.key, (key, host) => (isInRange(key, hosts.ip[host]) ? 1 : 0))
}

/** Hosts with a name that passes. */
export function hostsNamed(passes: TextTest, { hosts, names }: FilterSource): Uint8Array {
  const found = new Uint8Array(hosts.count)
  names.texts.forEach((name, index) => {
    if (passes(name)) found[names.host[index]] = 1
  })
  return found
}

/** Hosts with a name or an address that passes. */
export function hostsCalled(passes: TextTest, source: FilterSource): Uint8Array {
  const found = hostsNamed(passes, source)
  source.hosts.ip.forEach((ip, host) => {
    if (passes(ip)) found[host] = 1
  })
  return found
}
