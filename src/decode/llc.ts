// LLC (IEEE 802.2), SNAP and NLPIDs (ISO/IEC TR 9577) -> the layer they carry. Hot path.
import { be16, be24 } from './bytes.ts'
import { Layer } from './codes.ts'
import { followEtherType } from './ethertype.ts'
import { followTable } from './next-layer.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

const SAP_IP = 0x06
const SAP_SNAP = 0xaa
const SAP_OSI = 0xfe

/** IEEE 802.2 LLC: IP directly (SAP 6), after a SNAP header (RFC 1042) or an OSI NLPID (RFC 2684 5.1). */
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

/** Cisco's OUI for the same, and Apple's for AppleTalk's EtherTypes. */
const OUI_CISCO_90 = 0x0000f8
const OUI_APPLE = 0x080007
const OUI_BRIDGED = 0x0080c2
const OUI_CISCO = 0x00000c

/** Bridged frames in LLC are used on ATM, where they are padded (RFC 2684 5.2). */
const ATM_BRIDGE_PADDING = 2

/** RFC 2427 appendix A, RFC 2684 5.2: odd values up to 6 keep the frame check sequence, the others omit it. */
const BRIDGED_LAYERS = new Map<number, number>([
  [1, Layer.ethernet],
  [7, Layer.ethernet],
  [3, Layer.tokenRing],
  [9, Layer.tokenRing],
  [4, Layer.fddi],
  [10, Layer.fddi],
])

/** SNAP (IEEE 802 10.3): an organization (OUI) and its protocol number. @param padding bytes before a bridged frame */
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
      return followTable(BRIDGED_LAYERS, type, at + 5 + padding, Skip.notIpBridged, out)
    case OUI_CISCO:
      return skip(Skip.notIpCisco, type)
    default:
      return skip(Skip.notIpSnap, organization & 0xffff)
  }
}

const NLPID_IPV6 = 0x8e
const NLPID_IPV4 = 0xcc
const NLPID_PPP = 0xcf

export function decodeNlpid(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 1) return skip(Skip.truncatedLink, 0)
  return followNlpid(bytes[at], at + 1, out)
}

/** Sets the layer of a network layer protocol identifier. */
export function followNlpid(nlpid: number, at: number, out: PacketView): number {
  if (nlpid === NLPID_IPV4) out.next = Layer.ipv4
  else if (nlpid === NLPID_IPV6) out.next = Layer.ipv6
  else if (nlpid === NLPID_PPP) out.next = Layer.ppp
  else return skip(Skip.notIpNlpid, nlpid)
  return at
}
