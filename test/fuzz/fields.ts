// Where a packet's decisive fields stand, found by looking for headers at every offset: so every link type and every tunnel is covered,
// and nothing is taken over from the decoder under test.
import { viewOf } from './capture-model.ts'

export interface Field {
  at: number
  bytes: 1 | 2 | 3 | 4
  kind: 'ethertype' | 'protocol' | 'number'
}

export const ETHERTYPES = [
  ...[0x0800, 0x86dd, 0x8100, 0x88a8, 0x9100, 0x8847, 0x8848, 0x8863, 0x8864, 0x6558, 0x880b, 0x88be, 0x22eb, 0x894f, 0x88e5],
  ...[0x0806, 0x8137, 0x8906, 0x88e7, 0x8902, 0x0000, 0x05dc, 0xffff],
]
export const PROTOCOLS = [
  0, 1, 2, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 89, 94, 97, 103, 108, 115, 132, 135, 136, 137, 139, 140, 255,
]

const KNOWN_ETHERTYPES = new Set(ETHERTYPES.filter((type) => type > 0x05dc && type !== 0xffff))
const KNOWN_PROTOCOLS = new Set(PROTOCOLS)
const EXTENSIONS = new Set([0, 43, 44, 51, 60])
/** Headers are in front; a hostile one far behind is found by the mutations that overwrite anything. */
const SEARCHED_BYTES = 300
const MAX_FIELDS = 200

/** Offset of the first thing that looks like an IP header, -1 for none. */
export function ipHeaderAt(packet: Uint8Array): number {
  for (let at = 0; at + 20 <= packet.length && at < SEARCHED_BYTES; at++) if (isIpv4(packet, at) || isIpv6(packet, at)) return at
  return -1
}

export function fieldsOf(packet: Uint8Array): Field[] {
  const fields: Field[] = []
  const view = viewOf(packet)
  for (let at = 0; at + 4 <= packet.length && at < SEARCHED_BYTES && fields.length < MAX_FIELDS; at++) {
    if (KNOWN_ETHERTYPES.has(view.getUint16(at))) fields.push({ at, bytes: 2, kind: 'ethertype' })
    if (isIpv4(packet, at)) ipv4Fields(packet, at, fields)
    else if (isIpv6(packet, at)) ipv6Fields(packet, at, fields)
    if (packet[at] >= 0x14 && packet[at] <= 0x17 && packet[at + 1] === 3) tlsFields(packet, at, fields)
  }
  return fields.filter((field) => field.at + field.bytes <= packet.length)
}

function isIpv4(packet: Uint8Array, at: number): boolean {
  const total = (packet[at + 2] << 8) | packet[at + 3]
  return packet[at] >> 4 === 4 && (packet[at] & 15) >= 5 && total >= 20 && total <= packet.length - at + 64 && at + 20 <= packet.length
}

function isIpv6(packet: Uint8Array, at: number): boolean {
  if (packet[at] >> 4 !== 6 || at + 40 > packet.length) return false
  return ((packet[at + 4] << 8) | packet[at + 5]) <= packet.length - at && KNOWN_PROTOCOLS.has(packet[at + 6])
}

/** RFC 791 3.1. */
function ipv4Fields(packet: Uint8Array, at: number, fields: Field[]): void {
  fields.push(number(at, 1), number(at + 2, 2), number(at + 4, 2), number(at + 6, 2), { at: at + 9, bytes: 1, kind: 'protocol' })
  transportFields(packet, at + (packet[at] & 15) * 4, packet[at + 9], fields)
}

/** RFC 8200 3 and 4. */
function ipv6Fields(packet: Uint8Array, at: number, fields: Field[]): void {
  fields.push(number(at, 1), number(at + 4, 2), { at: at + 6, bytes: 1, kind: 'protocol' })
  let protocol = packet[at + 6]
  let next = at + 40
  for (let depth = 0; depth < 8 && EXTENSIONS.has(protocol) && next + 8 <= packet.length; depth++) {
    fields.push({ at: next, bytes: 1, kind: 'protocol' }, number(next + 1, 1), number(next + 2, 2))
    const length = protocol === 44 ? 8 : protocol === 51 ? (packet[next + 1] + 2) * 4 : (packet[next + 1] + 1) * 8
    protocol = packet[next]
    next += length
  }
  transportFields(packet, next, protocol, fields)
}

function transportFields(packet: Uint8Array, at: number, protocol: number, fields: Field[]): void {
  if (at + 8 > packet.length) return
  if (protocol === 6 || protocol === 17 || protocol === 132) fields.push(number(at, 2), number(at + 2, 2))
  if (protocol === 6) {
    // Data offset and flags (RFC 9293 3.1), sequence number, the first option.
    fields.push(number(at + 12, 1), number(at + 13, 1), number(at + 4, 4), number(at + 20, 1), number(at + 21, 1))
    payloadFields(packet, at + ((packet[at + 12] >> 4) << 2), fields)
  } else if (protocol === 17) {
    fields.push(number(at + 4, 2))
    payloadFields(packet, at + 8, fields)
  } else if (protocol === 47) fields.push(number(at, 1), number(at + 1, 1), { at: at + 2, bytes: 2, kind: 'ethertype' })
  else fields.push(number(at, 1), number(at + 1, 1), number(at + 4, 2))
}

/** The first bytes, and, as in DNS (RFC 1035 4.1), counts, labels and pointers. */
function payloadFields(packet: Uint8Array, at: number, fields: Field[]): void {
  for (let i = 0; i < 12; i++) fields.push(number(at + i, i % 2 === 0 ? 2 : 1))
  for (let i = at + 12; i + 1 < packet.length && i < at + SEARCHED_BYTES && fields.length < MAX_FIELDS; i++) {
    const byte = packet[i]
    if (byte >= 0xc0 || (byte > 0 && byte < 20)) fields.push(number(i, byte >= 0xc0 ? 2 : 1))
  }
}

/** Lengths of a TLS record, of the handshake message in it, and of a ClientHello's lists (RFC 8446 4, 5.1). */
function tlsFields(packet: Uint8Array, at: number, fields: Field[]): void {
  fields.push(number(at, 1), number(at + 1, 2), number(at + 3, 2), number(at + 5, 1), number(at + 6, 3), number(at + 43, 1))
  const suites = at + 44 + (packet[at + 43] ?? 0)
  if (suites + 2 > packet.length) return
  const methods = suites + 2 + viewOf(packet).getUint16(suites)
  let extension = methods + 1 + (packet[methods] ?? 0) + 2
  fields.push(number(suites, 2), number(methods, 1), number(extension - 2, 2))
  for (let i = 0; i < 24 && extension + 4 <= packet.length; i++) {
    fields.push(number(extension, 2), number(extension + 2, 2), number(extension + 4, 2), number(extension + 7, 2))
    extension += 4 + viewOf(packet).getUint16(extension + 2)
  }
}

function number(at: number, bytes: Field['bytes']): Field {
  return { at, bytes, kind: 'number' }
}
