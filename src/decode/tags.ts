// Headers between an Ethernet header and its payload (security, fabric, provider and switch tags) -> the payload's layer.
import { be16 } from './bytes.ts'
import { EtherType, Layer } from './codes.ts'
import { followEtherType } from './ethertype.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** Flags in the first byte. */
const Macsec = { sci: 0x20, encrypted: 0x08, changed: 0x04 } as const
const MACSEC_ICV_BYTES = 16

/** MACsec (IEEE 802.1AE 9.3): with integrity only, the frame is readable and a check value of 16 bytes follows it. */
export function decodeMacsec(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 6) return skip(Skip.truncatedLink, 0)
  if ((bytes[at] & (Macsec.encrypted | Macsec.changed)) !== 0) return skip(Skip.macsecEncrypted, 0)
  const next = at + ((bytes[at] & Macsec.sci) !== 0 ? 14 : 6)
  if (out.end - next < 2) return skip(Skip.truncatedLink, 0)
  // Short length: number of bytes of user data if a frame is below the minimum size; padding follows the check value then.
  const shortBytes = bytes[at + 1] & 0x3f
  if (shortBytes > 0) out.end = Math.min(out.end, next + shortBytes)
  else out.end = Math.max(next + 2, out.end - MACSEC_ICV_BYTES)
  if (out.end - next < 2) return skip(Skip.malformedLink, 0)
  return followInner(bytes, next, out)
}

/** An EtherType, or the length of an LLC frame. */
function followInner(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  const type = be16(bytes, at)
  if (type > 1500) return followEtherType(type, at + 2, out)
  out.next = Layer.llc
  return at + 2
}

/** Provider backbone bridging (IEEE 802.1Q 9.7): the I-TAG's control word, then a whole Ethernet frame. */
export function decodeServiceInstance(_bytes: Uint8Array, at: number, out: PacketView): number {
  out.next = Layer.ethernet
  return at + 4
}

/** TRILL (RFC 6325 3): options in four-byte words, hop count, egress and ingress, then Ethernet. */
export function decodeTrill(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 6) return skip(Skip.truncatedLink, 0)
  const optionWords = ((bytes[at] & 7) << 2) | (bytes[at + 1] >> 6)
  out.next = Layer.ethernet
  return at + 6 + optionWords * 4
}

/** Cisco FabricPath: a tag, then a frame. */
export function decodeFabricPath(_bytes: Uint8Array, at: number, out: PacketView): number {
  out.next = Layer.ethernet
  return at + 2
}

/** Cisco VN-Tag: four bytes, then an EtherType. */
export function decodeVnTag(bytes: Uint8Array, at: number, out: PacketView): number {
  return followInner(bytes, at + 4, out)
}

/** IEEE 802.1BR E-TAG: six bytes, then an EtherType. */
export function decodeBridgePortTag(bytes: Uint8Array, at: number, out: PacketView): number {
  return followInner(bytes, at + 6, out)
}

/** Cisco metadata: version, length, option, security group; then an EtherType. */
export function decodeCiscoMetadata(bytes: Uint8Array, at: number, out: PacketView): number {
  return followInner(bytes, at + 6, out)
}

/** HSR (IEC 62439-3) and the R-TAG of IEEE 802.1CB: path and length, or reserved; sequence number; then an EtherType. */
export function decodeRedundancyTag(bytes: Uint8Array, at: number, out: PacketView): number {
  return followInner(bytes, at + 4, out)
}

/** Broadcom's tag with its own EtherType: four bytes, then an EtherType. */
export function decodeBroadcomTag(bytes: Uint8Array, at: number, out: PacketView): number {
  return followInner(bytes, at + 4, out)
}

const ARISTA_TIMESTAMP = 1
const ARISTA_48_BIT = 0x20

/** Arista's timestamp tag: subtype, version, and a time of eight or six bytes; then an EtherType. */
export function decodeAristaTimestamp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  if (be16(bytes, at) !== ARISTA_TIMESTAMP) return skip(Skip.notIp, EtherType.aristaTimestamp)
  const timeBytes = (bytes[at + 3] & 0xf0) === ARISTA_48_BIT ? 6 : 8
  return followInner(bytes, at + 4 + timeBytes, out)
}

/** Marvell DSA (LINKTYPE_DSA_TAG_DSA): a tag of four bytes between the addresses and the EtherType. */
export function decodeDsa(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 18) return skip(Skip.truncatedLink, 0)
  return followInner(bytes, at + 16, out)
}

/** Marvell's tag with its own EtherType (LINKTYPE_DSA_TAG_EDSA): eight bytes. */
export function decodeExtendedDsa(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 22) return skip(Skip.truncatedLink, 0)
  return followInner(bytes, at + 20, out)
}

/** Broadcom (LINKTYPE_DSA_TAG_BRCM): a tag of four bytes between the addresses and the EtherType. */
export function decodeBroadcomDsa(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 18) return skip(Skip.truncatedLink, 0)
  return followInner(bytes, at + 16, out)
}

const BATMAN_VERSION = 15

/** batman-adv (Linux batadv_packet.h): packet type, version, time to live; broadcasts and unicasts carry Ethernet after their own headers. */
export function decodeBatmanAdvanced(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  if (bytes[at + 1] !== BATMAN_VERSION) return skip(Skip.notIp, EtherType.batmanAdvanced)
  out.next = Layer.ethernet
  switch (bytes[at]) {
    case 0x01: // broadcast
      return at + 14
    case 0x40: // unicast
      return at + 10
    case 0x42: // unicast with the originator's address
      return at + 18
    default:
      return skip(Skip.notIp, EtherType.batmanAdvanced)
  }
}
