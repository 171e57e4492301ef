// Ethernet, VLAN tags, LLC and SNAP, EtherTypes: each takes (bytes, at, out), sets out.next and answers the offset of what follows, or a
// negative status. Hot path.
import { be16, be24, be32 } from './bytes.ts'
import { EtherType, Layer } from './codes.ts'
import { followNlpid } from './frame-relay.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** IEEE 802.3 3.2: addresses, then an EtherType or, up to 1500, the length of an LLC frame. */
export function decodeEthernet(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 14) return skip(Skip.truncatedLink, 0)
  const type = (bytes[at + 12] << 8) | bytes[at + 13]
  return type > 1500 ? followEtherType(type, at + 14, out) : followLength(type, bytes, at, out)
}

const ISL_HEADER_BYTES = 26

/** A length field: LLC, unless the first five address bytes say Cisco ISL, whose header ends where another Ethernet header begins. */
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

/** IEEE 1394 and others whose header ends in an EtherType. */
export function decodeEtherTypeField(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  return followEtherType(be16(bytes, at), at + 2, out)
}

const SAP_IP = 0x06
const SAP_SNAP = 0xaa
const SAP_OSI = 0xfe

/** IEEE 802.2 LLC: IP directly (SAP 6), behind a SNAP header (RFC 1042) or an OSI NLPID (RFC 2684 5.1). */
export function decodeLlc(bytes: Uint8Array, at: number, out: PacketView): number {
  const have = out.end - at
  if (have < 3) return skip(Skip.truncatedLink, 0)
  const sap = bytes[at]
  if (sap === 0xff && bytes[at + 1] === 0xff) return skip(Skip.notIpLlc, 0xff)
  // IEEE 802.2 5.2: unnumbered formats have one byte of control, the others two.
  const headerBytes = (bytes[at + 2] & 3) === 3 ? 3 : 4
  if (sap === SAP_SNAP && bytes[at + 1] === SAP_SNAP) return decodeSnap(bytes, at + headerBytes, ATM_BRIDGE_PADDING, out)
  const carriesData = (bytes[at + 2] & 1) === 0 || (bytes[at + 2] & 0xef) === 0x03
  if (!carriesData) return skip(Skip.notIpLlc, sap)
  if (sap === SAP_IP) {
    out.next = Layer.ipv4
    return at + headerBytes
  }
  if (sap === SAP_OSI && have > headerBytes) return followNlpid(bytes[at + headerBytes], at + headerBytes + 1, out)
  return skip(Skip.notIpLlc, sap)
}

const OUI_ETHERTYPE = 0x000000
/** Cisco's own for the same, and Apple's for AppleTalk's EtherTypes. */
const OUI_CISCO_90 = 0x0000f8
const OUI_APPLE = 0x080007
const OUI_BRIDGED = 0x0080c2
const OUI_CISCO = 0x00000c

/** Bridged frames behind LLC come over ATM, where they are padded (RFC 2684 5.2). */
const ATM_BRIDGE_PADDING = 2

/** SNAP (IEEE 802 10.3): who numbers the protocols, and a number. @param padding bytes before a bridged frame */
export function decodeSnap(bytes: Uint8Array, at: number, padding: number, out: PacketView): number {
  if (out.end - at < 5) return skip(Skip.truncatedLink, 0)
  const organization = be24(bytes, at)
  const type = be16(bytes, at + 3)
  switch (organization) {
    case OUI_ETHERTYPE:
    case OUI_CISCO_90:
    case OUI_APPLE:
      return followEtherType(type, at + 5, out)
    case OUI_BRIDGED:
      return followBridged(type, at + 5 + padding, out)
    case OUI_CISCO:
      return skip(Skip.notIpCisco, type)
    default:
      return skip(Skip.notIpSnap, organization & 0xffff)
  }
}

/** RFC 2427 appendix A, RFC 2684 5.2: odd values up to 6 keep the frame check sequence, the others are without it. */
function followBridged(type: number, at: number, out: PacketView): number {
  switch (type) {
    case 1:
    case 7:
      out.next = Layer.ethernet
      return at
    case 3:
    case 9:
      out.next = Layer.tokenRing
      return at
    case 4:
    case 10:
      out.next = Layer.fddi
      return at
    default:
      return skip(Skip.notIpBridged, type)
  }
}

/** Sets the layer an EtherType stands for; `at` is where it begins. */
export function followEtherType(type: number, at: number, out: PacketView): number {
  switch (type) {
    case EtherType.ipv4:
      out.next = Layer.ipv4
      return at
    case EtherType.ipv6:
      out.next = Layer.ipv6
      return at
    case EtherType.vlan:
    case EtherType.serviceVlan:
    case EtherType.oldQinQ:
    case EtherType.oldQinQ2:
    case EtherType.oldQinQ3:
      out.next = Layer.vlan
      return at
    default:
      return followRareEtherType(type, at, out)
  }
}

/** The EtherTypes that carry IP behind a header of their own, by layer. */
const RARE_ETHERTYPES = new Map<number, number>([
  [EtherType.trill, Layer.trill],
  [EtherType.centrino, Layer.wlan], // 802.11 as Intel's drivers hand it on
  [EtherType.batmanAdvanced, Layer.batmanAdvanced],
  [EtherType.bridgedEthernet, Layer.ethernet],
  [EtherType.ppp, Layer.ppp],
  [EtherType.mpls, Layer.mpls],
  [EtherType.mplsMulticast, Layer.mpls],
  [EtherType.pppoeSession, Layer.pppoe],
  [EtherType.jumboLlc, Layer.llc],
  [EtherType.broadcomTag, Layer.broadcomTag],
  [EtherType.lwapp, Layer.lwappFrame],
  [EtherType.macsec, Layer.macsec],
  [EtherType.serviceInstance, Layer.serviceInstance],
  [EtherType.fabricPath, Layer.fabricPath],
  [EtherType.ciscoMetadata, Layer.ciscoMetadata],
  [EtherType.vnTag, Layer.vnTag],
  [EtherType.hsr, Layer.redundancyTag],
  [EtherType.bridgePortTag, Layer.bridgePortTag],
  [EtherType.nsh, Layer.nsh],
  [EtherType.ciscoLwapp, Layer.lwappFrame],
  [EtherType.aristaTimestamp, Layer.aristaTimestamp],
  [EtherType.redundancyTag, Layer.redundancyTag],
])

function followRareEtherType(type: number, at: number, out: PacketView): number {
  const layer = RARE_ETHERTYPES.get(type)
  if (layer === undefined) return skip(Skip.notIp, type)
  out.next = layer
  return at
}
