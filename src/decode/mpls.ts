// MPLS (RFC 3032), its pseudowires (RFC 4385, RFC 4448) and the Network Service Header (RFC 8300) -> the payload's layer.
import { be16, be24, be32 } from './bytes.ts'
import { EtherType, Layer } from './codes.ts'
import { followTable } from './next-layer.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** More labels than this are an attack, not a packet. */
const MAX_LABELS = 32

/** Skips labels to the bottom of the stack. No field names what follows: its first nibble identifies it (RFC 4928 2). */
export function decodeMpls(bytes: Uint8Array, from: number, out: PacketView): number {
  let at = from
  for (let count = 0; count < MAX_LABELS; count++) {
    if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
    const isBottom = (bytes[at + 2] & 1) === 1
    at += 4
    if (isBottom) return followLabels(bytes, at, out)
  }
  return skip(Skip.tooManyLayers, 0)
}

function followLabels(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 1) return skip(Skip.truncatedLink, 0)
  const nibble = bytes[at] >> 4
  if ((nibble === 4 || nibble === 6) && isSureEthernet(bytes, at, out.end)) out.next = Layer.ethernet
  else if (nibble === 4) out.next = Layer.ipv4
  else if (nibble === 6) out.next = Layer.ipv6
  else if (nibble === 1) return skip(Skip.linkControl, 0)
  else {
    out.next = Layer.ethernet
    // A control word begins with a zero nibble, and so do many MAC addresses: the position of a valid EtherType decides.
    return nibble === 0 && isEthernet(bytes, at + 4, out.end) && !isEthernet(bytes, at, out.end) ? at + 4 : at
  }
  return at
}

/**
 * Recognises a pseudowire without control word whose MAC address begins with 4 or 6: its EtherType matches what follows more closely than any
 * IP header could by chance. A VLAN tag may be in between.
 */
function isSureEthernet(bytes: Uint8Array, at: number, end: number): boolean {
  const typeAt = end - at >= 18 && be16(bytes, at + 12) === EtherType.vlan ? at + 16 : at + 12
  const have = end - typeAt - 2
  if (have < 20) return false
  const inner = typeAt + 2
  switch (be16(bytes, typeAt)) {
    case EtherType.ipv4:
      return bytes[inner] >> 4 === 4 && isSummedIpv4(bytes, inner, end)
    case EtherType.ipv6:
      return have >= 40 && bytes[inner] >> 4 === 6 && be16(bytes, inner + 4) <= have - 40
    case EtherType.arp:
      // ARP: Ethernet, IPv4 and the lengths of their addresses (RFC 826).
      return be32(bytes, inner) === 0x00010800 && be16(bytes, inner + 4) === 0x0604
    default:
      return false
  }
}

/** True for an IPv4 header with a correct checksum (RFC 791 3.1). */
function isSummedIpv4(bytes: Uint8Array, at: number, end: number): boolean {
  const headerBytes = (bytes[at] & 15) << 2
  if (headerBytes < 20 || end - at < headerBytes) return false
  let sum = 0
  for (let i = 0; i < headerBytes; i += 2) sum += be16(bytes, at + i)
  return ((sum & 0xffff) + (sum >>> 16)) % 0xffff === 0
}

function isEthernet(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 14) return false
  const type = be16(bytes, at + 12)
  if (type <= 1500) return type <= end - at - 14 && type >= 3
  switch (type) {
    case EtherType.ipv4:
    case EtherType.ipv6:
    case EtherType.arp:
    case EtherType.vlan:
    case EtherType.serviceVlan:
    case EtherType.mpls:
    case EtherType.mplsMulticast:
    case EtherType.pppoeSession:
      return true
    default:
      return type >= 0x8800 && be24(bytes, at) !== 0
  }
}

/** RFC 8300 2.2: length in four-byte words, next protocol. */
export function decodeNsh(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  const headerBytes = (bytes[at + 1] & 0x3f) << 2
  if (headerBytes < 8) return skip(Skip.malformedLink, 0)
  if (out.end - at < headerBytes) return skip(Skip.truncatedLink, 0)
  return followNextProtocol(bytes[at + 3], at + headerBytes, out)
}

/** Next protocol numbers of NSH and VXLAN-GPE (RFC 8300 9.1.5). */
const NEXT_PROTOCOLS = new Map<number, number>([
  [1, Layer.ipv4],
  [2, Layer.ipv6],
  [3, Layer.ethernet],
  [4, Layer.nsh],
  [5, Layer.mpls],
])

export function followNextProtocol(protocol: number, at: number, out: PacketView): number {
  return followTable(NEXT_PROTOCOLS, protocol, at, Skip.notIp, out)
}
