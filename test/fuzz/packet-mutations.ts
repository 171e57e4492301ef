// Mutations of one packet; each gives a new packet or null when it has nothing to do with this one.
import { address, join, u16, u32 } from '../support/build.ts'
import { viewOf } from './capture-model.ts'
import type { Chance } from './chance.ts'
import { ETHERTYPES, type Field, fieldsOf, ipHeaderAt, PROTOCOLS } from './fields.ts'

export type PacketMutation = (packet: Uint8Array, chance: Chance) => Uint8Array | null

/** Above this a pcap record is taken for broken before it is decoded. */
const MAX_PACKET_BYTES = 200_000
const PORTS = [0, 22, 53, 67, 80, 137, 443, 500, 1701, 1900, 2152, 3544, 4500, 4754, 4789, 4790, 5072, 5247, 5353, 5355, 6081, 51820, 65535]

/** Numbers at which decoders go wrong, and those near what is true. */
export function extreme(chance: Chance, bytes: number, current: number, rest: number): number {
  const limit = 256 ** bytes
  const numbers = [0, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 19, 20, 28, 39, 40, 127, 128, 192, 255, 256, 0x4000, 0x7fff, 0x8000, 0xffff]
  const near = [current - 1, current + 1, current * 2, rest - 1, rest, rest + 1, rest + 4, limit - 1, limit / 2, limit / 2 - 1, limit - 4]
  const value = chance.is(0.5) ? chance.pick(numbers) : chance.is(0.8) ? chance.pick(near) : chance.below(limit)
  return ((value % limit) + limit) % limit
}

function spoilField(packet: Uint8Array, field: Field, chance: Chance): void {
  const { at, bytes, kind } = field
  let current = 0
  for (let i = 0; i < bytes; i++) current = current * 256 + packet[at + i]
  let value = extreme(chance, bytes, current, packet.length - at - bytes)
  if (kind === 'ethertype' && chance.is(0.7)) value = chance.pick(ETHERTYPES)
  else if (kind === 'protocol' && chance.is(0.7)) value = chance.pick(PROTOCOLS)
  else if (bytes === 2 && chance.is(0.15)) value = chance.pick(PORTS)
  for (let i = bytes - 1; i >= 0; i--) {
    packet[at + i] = value % 256
    value = Math.floor(value / 256)
  }
}

/** One to four of the packet's own fields take extreme values. */
const fields: PacketMutation = (packet, chance) => {
  const found = fieldsOf(packet)
  if (found.length === 0) return null
  const spoilt = packet.slice()
  for (let count = 1 + chance.below(4); count > 0; count--) spoilField(spoilt, chance.pick(found), chance)
  return spoilt
}

const flips: PacketMutation = (packet, chance) => {
  if (packet.length === 0) return null
  const spoilt = packet.slice()
  // Headers stand in front, so half of the flips go there.
  for (let count = 1 + chance.below(8); count > 0; count--) {
    const reach = chance.is(0.5) ? Math.min(64, packet.length) : packet.length
    spoilt[chance.below(reach)] ^= 1 << chance.below(8)
  }
  return spoilt
}

const cut: PacketMutation = (packet, chance) => packet.slice(0, chance.below(Math.min(packet.length, chance.is(0.7) ? 120 : 1e6) + 1))

/** A run of bytes becomes zeros, ones or the DNS pointer to itself. */
const fill: PacketMutation = (packet, chance) => {
  if (packet.length === 0) return null
  const at = chance.below(packet.length)
  const spoilt = packet.slice()
  const pattern = chance.pick([[0], [0xff], [0xc0, 0x0c], [1], [0x3f]])
  for (let i = at; i < Math.min(packet.length, at + 1 + chance.below(64)); i++) spoilt[i] = pattern[(i - at) % pattern.length]
  return spoilt
}

/** Bytes are taken out, put in or doubled. */
const shift: PacketMutation = (packet, chance) => {
  const at = chance.below(packet.length + 1)
  const length = 1 + chance.below(chance.is(0.8) ? 16 : 400)
  const more = chance.is(0.5) ? packet.subarray(Math.max(0, at - length), at) : new Uint8Array(length).fill(chance.below(256))
  return chance.is(0.4)
    ? join(packet.subarray(0, at), packet.subarray(Math.min(packet.length, at + length)))
    : join(packet.subarray(0, at), more, packet.subarray(at))
}

/** More fragments, no fragment, the last one first: flags and offset of IPv4, identification kept or changed (RFC 791 3.1). */
const fragment: PacketMutation = (packet, chance) => {
  const at = ipHeaderAt(packet)
  if (at < 0 || packet[at] >> 4 !== 4) return null
  const spoilt = packet.slice()
  const offset = chance.pick([0, 0, 1, 2, 3, 185, 0x1fff])
  viewOf(spoilt).setUint16(at + 6, (chance.is(0.6) ? 0x2000 : 0) | (chance.is(0.1) ? 0xc000 : 0) | offset)
  if (chance.is(0.3)) viewOf(spoilt).setUint16(at + 4, chance.below(4))
  return spoilt
}

/** A header of IPv4 around `payload`. */
function ipv4(protocol: number, payload: Uint8Array): Uint8Array {
  const length = Math.min(0xffff, 20 + payload.length)
  return join(
    Uint8Array.of(0x45, 0),
    u16(length),
    u16(1),
    u16(0),
    Uint8Array.of(64, protocol),
    u16(0),
    address('192.0.2.1'),
    address('198.51.100.2'),
    payload,
  )
}

function ipv6(protocol: number, payload: Uint8Array): Uint8Array {
  return join(
    u32(0x60000000),
    u16(Math.min(0xffff, payload.length)),
    Uint8Array.of(protocol, 64),
    address('2001:db8::1'),
    address('2001:db8::2'),
    payload,
  )
}

function udp(port: number, payload: Uint8Array): Uint8Array {
  return join(u16(40_000), u16(port), u16(Math.min(0xffff, 8 + payload.length)), u16(0), payload)
}

const MACS = new Uint8Array(12).fill(2)
const isSix = (ip: Uint8Array): boolean => ip[0] >> 4 === 6
const etherTypeOf = (ip: Uint8Array): Uint8Array => u16(isSix(ip) ? 0x86dd : 0x0800)

/** An IP packet inside another, as tunnels carry it. */
const WRAPPINGS: ((ip: Uint8Array, chance: Chance) => Uint8Array)[] = [
  (ip) => ipv4(isSix(ip) ? 41 : 4, ip),
  (ip) => ipv6(isSix(ip) ? 41 : 4, ip),
  (ip) => ipv4(47, join(u16(0), etherTypeOf(ip), ip)),
  (ip) => ipv4(47, join(u16(0x2000), u16(0x6558), u32(1), MACS, etherTypeOf(ip), ip)),
  (ip) => ipv4(17, udp(4789, join(u32(0x08000000), u32(256), MACS, etherTypeOf(ip), ip))),
  (ip) => ipv4(17, udp(6081, join(u16(0), u16(0x6558), u32(256), MACS, etherTypeOf(ip), ip))),
  (ip) => ipv4(17, udp(2152, join(Uint8Array.of(0x30, 0xff), u16(ip.length), u32(7), ip))),
  (ip) => ipv4(17, udp(3544, ip)),
  (ip) => ipv4(97, join(u16(0x3000), MACS, etherTypeOf(ip), ip)),
  (ip, chance) => ipv4(47, join(u16(chance.below(0x10000)), etherTypeOf(ip), u32(0), u32(0), ip)),
  (ip) => ipv6(0, join(Uint8Array.of(isSix(ip) ? 41 : 4, 0), new Uint8Array(6), ip)),
  (ip) => ipv6(44, join(Uint8Array.of(isSix(ip) ? 41 : 4, 0), u16(0), u32(9), ip)),
]

/** The packet's IP header put into tunnels, one in the other, far beyond any sane depth. */
const tunnels: PacketMutation = (packet, chance) => {
  const at = ipHeaderAt(packet)
  if (at < 0) return null
  let ip = packet.subarray(at)
  const only = chance.is(0.5) ? chance.pick(WRAPPINGS) : null
  for (let depth = 1 + chance.below(chance.is(0.7) ? 4 : 64); depth > 0 && ip.length < 60_000; depth--)
    ip = (only ?? chance.pick(WRAPPINGS))(ip, chance)
  // The link header must announce what now follows; where it is not Ethernet's, both versions are worth reading as garbage.
  const front = packet.slice(0, at)
  if (front.length >= 2) front.set(etherTypeOf(ip), front.length - 2)
  return join(front, ip)
}

/** Hundreds of the same small header: VLAN tags, MPLS labels, IPv6 options, PPPoE. */
const stacks: PacketMutation = (packet, chance) => {
  const at = ipHeaderAt(packet)
  if (at < 2) return null
  const count = 1 + chance.below(chance.is(0.7) ? 12 : 3000)
  const front = packet.slice(0, at - 2)
  const type = packet.subarray(at - 2, at)
  const rest = packet.subarray(at)
  const many = (bytes: Uint8Array): Uint8Array => join(...Array<Uint8Array>(count).fill(bytes))
  const headers = chance.below(4)
  if (headers === 0) return join(front, many(Uint8Array.of(0x81, 0, 0, 5)), type, rest)
  if (headers === 1) return join(front, u16(0x8847), many(u32(0x00010040)), u32(0x00010140), rest)
  if (headers === 2) return join(front, many(Uint8Array.of(0x88, 0xa8, 0, 5, 0x81, 0, 0, 5)), type, rest)
  const options = many(Uint8Array.of(60, 0, 1, 4, 0, 0, 0, 0))
  return join(front, u16(0x86dd), ipv6(60, join(options, Uint8Array.of(isSix(rest) ? 41 : 4, 0, 1, 4, 0, 0, 0, 0), rest)))
}

export const PACKET_MUTATIONS: Record<string, PacketMutation> = { fields, flips, cut, fill, shift, fragment, tunnels, stacks }

/** @returns null when the mutation has nothing to do with the packet */
export function spoilPacket(name: string, packet: Uint8Array, chance: Chance): Uint8Array | null {
  return PACKET_MUTATIONS[name](packet, chance)?.subarray(0, MAX_PACKET_BYTES) ?? null
}
