// Ethernet, ISL and VLAN tags -> an EtherType or LLC. A decoder takes (bytes, at, out), sets out.next and returns the offset of the next layer,
// or a negative status. Hot path.
import { be16, be32 } from './bytes.ts'
import { Layer } from './codes.ts'
import { followEtherType } from './ethertype.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** IEEE 802.3 3.2: addresses, then an EtherType or, up to 1500, the length of an LLC frame. */
export function decodeEthernet(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 14) return skip(Skip.truncatedLink, 0)
  const type = (bytes[at + 12] << 8) | bytes[at + 13]
  return type > 1500 ? followEtherType(type, at + 14, out) : followLength(type, bytes, at, out)
}

const ISL_HEADER_BYTES = 26

/** A length field: LLC follows, unless the first five address bytes are those of Cisco ISL, which contains another Ethernet header. */
function followLength(length: number, bytes: Uint8Array, at: number, out: PacketView): number {
  const isIsl = (bytes[at] & 0xfd) === 0x01 && be32(bytes, at + 1) === 0x000c0000
  if (isIsl && out.end - at >= ISL_HEADER_BYTES) {
    if (bytes[at + 5] >> 4 > 1) return skip(Skip.notIpIsl, bytes[at + 5] >> 4)
    out.next = bytes[at + 5] >> 4 === 0 ? Layer.ethernet : Layer.tokenRing
    return at + ISL_HEADER_BYTES
  }
  out.end = Math.min(out.end, at + 14 + length)
  out.next = Layer.llc
  return at + 14
}

/** IEEE 802.1Q tag: two bytes of priority and VLAN, then the EtherType of what it tags. */
export function decodeVlan(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  const type = (bytes[at + 2] << 8) | bytes[at + 3]
  if (type > 1500) return followEtherType(type, at + 4, out)
  out.next = Layer.llc
  return at + 4
}

/** IEEE 1394 and other headers that end with an EtherType. */
export function decodeEtherTypeField(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  return followEtherType(be16(bytes, at), at + 2, out)
}
