// Conditions on addresses, ports and protocols -> functions that test one decoded packet. Hot path: the functions allocate nothing.
import type { PacketView } from '../decode/packet.ts'
import { isOfIpv4 } from '../filter/address.ts'

export type PacketTest = (view: PacketView) => boolean

/** Which end of the packet: its source, its target, either of them, or both. */
export type End = 'source' | 'target' | 'either' | 'both'

const BYTES = 16
/** ::ffff:0:0/96: IPv4 addresses among those of IPv6 (RFC 4291, 2.5.5.2). */
const MAPPED_BYTES = 12

export const and =
  (one: PacketTest, other: PacketTest): PacketTest =>
  (view) =>
    one(view) && other(view)
export const or =
  (one: PacketTest, other: PacketTest): PacketTest =>
  (view) =>
    one(view) || other(view)
export const not =
  (one: PacketTest): PacketTest =>
  (view) =>
    !one(view)

/** @param first as 32 hexadecimal digits (filter/address.ts), as is `last` */
export function addressTest(first: string, last: string, end: End): PacketTest {
  const low = bytesOf(first)
  const high = bytesOf(last)
  const hasIpv4 = isOfIpv4(first, last)
  const passes = (view: PacketView, at: number): boolean =>
    (hasIpv4 || view.family === 6) && compare(view.bytes, at, view.family, low) >= 0 && compare(view.bytes, at, view.family, high) <= 0
  return endTest(
    end,
    (view) => passes(view, view.sourceAt),
    (view) => passes(view, view.targetAt),
  )
}

/** Packets without ports have none in any range. */
export function portTest(from: number, to: number, end: End): PacketTest {
  const low = Math.max(0, from)
  return endTest(
    end,
    (view) => view.sourcePort >= low && view.sourcePort <= to,
    (view) => view.targetPort >= low && view.targetPort <= to,
  )
}

/** @param passes is asked once for each of the 256 protocol numbers */
export function protocolTest(passes: (protocol: number) => boolean): PacketTest {
  const wanted = Uint8Array.from({ length: 256 }, (_, protocol) => (passes(protocol) ? 1 : 0))
  return (view) => wanted[view.protocol] === 1
}

export function familyTest(family: 4 | 6): PacketTest {
  return (view) => view.family === family
}

export function endTest(end: End, source: PacketTest, target: PacketTest): PacketTest {
  if (end === 'source') return source
  if (end === 'target') return target
  return end === 'both' ? and(source, target) : or(source, target)
}

function bytesOf(key: string): Uint8Array {
  return Uint8Array.from({ length: BYTES }, (_, at) => Number.parseInt(key.slice(at * 2, at * 2 + 2), 16))
}

/** The address at `at` against another one: below 0, 0 or above 0. An IPv4 address is the one that maps it. */
function compare(bytes: Uint8Array, at: number, family: number, other: Uint8Array): number {
  const begin = family === 4 ? MAPPED_BYTES : 0
  for (let index = 0; index < begin; index++) {
    const difference = (index < 10 ? 0 : 0xff) - other[index]
    if (difference !== 0) return difference
  }
  for (let index = begin; index < BYTES; index++) {
    const difference = bytes[at + index - begin] - other[index]
    if (difference !== 0) return difference
  }
  return 0
}
