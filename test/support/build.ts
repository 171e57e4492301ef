// Packets as prose: ethernet(ipv4('192.0.2.1', '192.0.2.2', udp(5353, 53, payload))). The inverse of src/decode, and no code of it.
// Lengths and checksums come out right; a test that wants them wrong edits the bytes afterwards.

/** What one layer hands to the layer below it. */
export interface Layer {
  /** EtherType (IEEE 802), when the layer below is a link layer; 0 if it cannot be. */
  etherType: number
  /** IANA protocol number, when the layer below is IP. */
  protocol: number
  bytes: Uint8Array
  /** Where the transport header starts, past extension headers, and its protocol: the checksum covers from there. */
  upperAt: number
  upperProtocol: number
  /** Where a checksum over the pseudo header (RFC 9293 3.1, RFC 8200 8.1) is still to be filled in; null for none. */
  checksumAt: number | null
}

export type Part = number | string | Uint8Array

const TEXT = new TextEncoder()

/** Joins bytes, numbers (one byte each) and texts (UTF-8). Called some ten times per packet, so it makes no lists. */
export function join(...parts: Part[]): Uint8Array {
  let length = 0
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]
    if (typeof part === 'string') parts[index] = TEXT.encode(part)
    length += typeof part === 'number' ? 1 : (parts[index] as Uint8Array).length
  }
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts as (number | Uint8Array)[]) {
    if (typeof part === 'number') joined[at++] = part
    else {
      joined.set(part, at)
      at += part.length
    }
  }
  return joined
}

/** 16 bits in network order. */
export const u16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value)
/** 24 bits in network order. */
export const u24 = (value: number): Uint8Array => Uint8Array.of(value >>> 16, value >>> 8, value)
/** 32 bits in network order. */
export const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)

/** "de ad be ef" as bytes; spaces and colons are for the reader. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replace(/[\s:]/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Address text (dotted quad, or RFC 4291 with one "::") as 4 or 16 bytes. */
export function address(ip: string): Uint8Array {
  if (!ip.includes(':')) {
    const bytes = new Uint8Array(4)
    ip.split('.').forEach((octet, index) => {
      bytes[index] = Number(octet)
    })
    return bytes
  }
  const [head = '', tail] = ip.split('::')
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const middle = new Array(8 - front.length - back.length).fill(0)
  return join(...[...front, ...middle, ...back].map(u16))
}

/** The Internet checksum (RFC 1071) of all pieces in a row; every piece but the last has an even length. */
function internetChecksum(...pieces: Uint8Array[]): number {
  let sum = 0
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += 2) sum += (piece[at] << 8) | (piece[at + 1] ?? 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

const layer = (etherType: number, protocol: number, bytes: Uint8Array, checksumAt: number | null = null): Layer => ({
  etherType,
  protocol,
  bytes,
  upperAt: 0,
  upperProtocol: protocol,
  checksumAt,
})

/** A payload of any kind under any protocol number or EtherType. */
export const raw = (protocolOrType: number, ...parts: Part[]): Layer => layer(protocolOrType, protocolOrType, join(...parts))

/** The layer's bytes with its checksum filled in for these two addresses. UDP sends 0xffff for a sum of zero (RFC 768). */
function summed(inner: Layer, source: Uint8Array, target: Uint8Array): Uint8Array {
  const bytes = inner.bytes.slice()
  if (inner.checksumAt === null) return bytes
  const upper = bytes.subarray(inner.upperAt)
  const lengthAndProtocol =
    source.length === 4 ? join(0, inner.upperProtocol, u16(upper.length)) : join(u32(upper.length), u24(0), inner.upperProtocol)
  const sum = internetChecksum(source, target, lengthAndProtocol, upper)
  bytes.set(u16(sum === 0 && inner.upperProtocol === 17 ? 0xffff : sum), inner.checksumAt)
  return bytes
}

export interface Ipv4Options {
  ttl?: number
  identification?: number
  /** Raw options, a multiple of 4 bytes. */
  options?: Uint8Array
  /** Fragment offset in bytes (a multiple of 8) and whether more follow. */
  fragmentOffset?: number
  moreFragments?: boolean
  /** The total length to write; 0 is what segmentation offload leaves behind. */
  totalLength?: number
}

/** IPv4 (RFC 791 3.1). */
export function ipv4(source: string, target: string, inner: Layer, more: Ipv4Options = {}): Layer {
  const options = more.options ?? new Uint8Array(0)
  const [from, to] = [address(source), address(target)]
  const payload = more.fragmentOffset || more.moreFragments ? inner.bytes : summed(inner, from, to)
  const total = more.totalLength ?? 20 + options.length + payload.length
  const fragment = (more.moreFragments ? 0x2000 : 0) | ((more.fragmentOffset ?? 0) >> 3)
  const header = join(
    0x40 | (5 + options.length / 4),
    0,
    u16(total),
    u16(more.identification ?? 0),
    u16(fragment),
    more.ttl ?? 64,
    inner.protocol,
    u16(0),
    from,
    to,
    options,
  )
  header.set(u16(internetChecksum(header)), 10)
  return layer(0x0800, 4, join(header, payload))
}

/** The datagram cut into pieces of `size` payload bytes (a multiple of 8), the checksum computed over the whole (RFC 791 3.2). */
export function ipv4Fragments(source: string, target: string, inner: Layer, identification: number, size: number): Layer[] {
  const whole = summed(inner, address(source), address(target))
  const fragments: Layer[] = []
  for (let at = 0; at < whole.length; at += size) {
    const piece = raw(inner.protocol, whole.slice(at, at + size))
    fragments.push(ipv4(source, target, piece, { identification, fragmentOffset: at, moreFragments: at + size < whole.length }))
  }
  return fragments
}

/** IPv6 (RFC 8200 3). */
export function ipv6(source: string, target: string, inner: Layer, hopLimit = 64): Layer {
  const payload = summed(inner, address(source), address(target))
  return layer(0x86dd, 41, join(0x60, u24(0), u16(payload.length), inner.protocol, hopLimit, address(source), address(target), payload))
}

/** An IPv6 extension header of 8 bytes in front of `inner`: hop-by-hop 0, routing 43, destination options 60 (RFC 8200 4). */
export function extension(protocol: 0 | 43 | 60, inner: Layer): Layer {
  const body = protocol === 43 ? hex('00 00 00 00 00 00') : hex('01 04 00 00 00 00')
  const bytes = join(inner.protocol, 0, body, inner.bytes)
  const checksumAt = inner.checksumAt === null ? null : inner.checksumAt + 8
  return { ...inner, etherType: 0, protocol, bytes, upperAt: inner.upperAt + 8, checksumAt }
}

/** The IPv6 packet cut into pieces of `size` bytes behind fragment headers (RFC 8200 4.5). */
export function ipv6Fragments(source: string, target: string, inner: Layer, identification: number, size: number): Layer[] {
  const whole = summed(inner, address(source), address(target))
  const fragments: Layer[] = []
  for (let at = 0; at < whole.length; at += size) {
    const more = at + size < whole.length ? 1 : 0
    const header = join(inner.protocol, 0, u16(at | more), u32(identification))
    fragments.push(ipv6(source, target, raw(44, header, whole.slice(at, at + size))))
  }
  return fragments
}

const TCP_FLAGS: Record<string, number> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32, E: 64, C: 128 }

export interface TcpOptions {
  sequence?: number
  acknowledgment?: number
  window?: number
  /** Raw options, a multiple of 4 bytes. */
  options?: Uint8Array
}

/** TCP (RFC 9293 3.1); flags as letters, e.g. 'SA'. */
export function tcp(sourcePort: number, targetPort: number, flags: string, payload: Part = '', more: TcpOptions = {}): Layer {
  const options = more.options ?? new Uint8Array(0)
  const bits = [...flags].reduce((sum, flag) => sum | TCP_FLAGS[flag], 0)
  const ports = join(u16(sourcePort), u16(targetPort), u32(more.sequence ?? 1), u32(more.acknowledgment ?? 0))
  const header = join(ports, (5 + options.length / 4) << 4, bits, u16(more.window ?? 64240), u32(0), options)
  return layer(0, 6, join(header, payload), 16)
}

/** UDP (RFC 768). */
export function udp(sourcePort: number, targetPort: number, payload: Part = ''): Layer {
  const data = join(payload)
  return layer(0, 17, join(u16(sourcePort), u16(targetPort), u16(8 + data.length), u16(0), data), 6)
}

/** ICMP (RFC 792): type, code, the four bytes after the checksum, and the rest. */
export function icmp(type: number, code: number, rest: Part = u32(0), payload: Part = ''): Layer {
  const bytes = join(type, code, u16(0), rest, payload)
  bytes.set(u16(internetChecksum(bytes)), 2)
  return layer(0, 1, bytes)
}

/** ICMPv6 (RFC 4443 2.1). */
export function icmpv6(type: number, code: number, rest: Part = u32(0), payload: Part = ''): Layer {
  return layer(0, 58, join(type, code, u16(0), rest, payload), 2)
}

/** CRC32c (RFC 9260 appendix A), bit by bit: a few packets need no table. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

/** SCTP (RFC 9260 3): common header and the chunks given; its checksum is stored low byte first. */
export function sctp(sourcePort: number, targetPort: number, verificationTag: number, ...chunks: Uint8Array[]): Layer {
  const bytes = join(u16(sourcePort), u16(targetPort), u32(verificationTag), u32(0), ...chunks)
  new DataView(bytes.buffer).setUint32(8, crc32c(bytes), true)
  return layer(0, 132, bytes)
}

/** An ARP request (RFC 826): not IP, so in no conversation. */
export const arp = (source: string, target: string, sender = mac(1)): Layer =>
  layer(0x0806, 0, join(hex('0001 0800 06 04 0001'), sender, address(source), hex('000000000000'), address(target)))

/** A locally administered MAC address that ends in this number. */
export const mac = (number: number): Uint8Array => join(hex('02 00'), u32(number))

/** Ethernet II (IEEE 802.3). */
export const ethernet = (inner: Layer, source = mac(1), target = mac(2)): Uint8Array =>
  join(target, source, u16(inner.etherType), inner.bytes)

/** An 802.1Q tag; EtherType 0x88a8 makes it the outer one of QinQ (IEEE 802.1ad). */
export const vlan = (id: number, inner: Layer, etherType = 0x8100): Layer =>
  layer(etherType, 0, join(u16(id), u16(inner.etherType), inner.bytes))

/** Linux cooked capture v1 (LINKTYPE_LINUX_SLL, 113). */
export const sll = (inner: Layer, packetType = 0): Uint8Array =>
  join(u16(packetType), u16(1), u16(6), mac(1), u16(0), u16(inner.etherType), inner.bytes)

/** Linux cooked capture v2 (LINKTYPE_LINUX_SLL2, 276). */
export const sll2 = (inner: Layer, packetType = 0): Uint8Array =>
  join(u16(inner.etherType), u16(0), u32(2), u16(1), packetType, 6, mac(1), u16(0), inner.bytes)

/** BSD null/loop: the address family in the given byte order (LINKTYPE_NULL, 0: host's; LINKTYPE_LOOP, 108: big). */
export function nullLoop(inner: Layer, order: 'little' | 'big', family = inner.etherType === 0x0800 ? 2 : 30): Uint8Array {
  const header = u32(family)
  return join(order === 'little' ? header.reverse() : header, inner.bytes)
}
