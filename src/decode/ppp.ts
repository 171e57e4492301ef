// PPP and Cisco HDLC (RFC 1661, 1662, 2516 PPPoE, 1990 multilink, 3518 bridging, 1144 header compression) -> the payload's layer.
import { be16 } from './bytes.ts'
import { EtherType, Layer, Protocol } from './codes.ts'
import { followEtherType } from './ethertype.ts'
import { decodeIpv4, followProtocol } from './ip.ts'
import { followTable } from './next-layer.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

const ADDRESS_ALL_STATIONS = 0xff
const CONTROL_UNNUMBERED = 0x03
/** Cisco HDLC's unicast and broadcast address: routers also write it under PPP link types. */
const CISCO_UNICAST = 0x0f
const CISCO_BROADCAST = 0x8f

/** IANA, PPP DLL Protocol Numbers; some equipment sends EtherTypes instead. */
const LAYERS = new Map<number, number>([
  [0x0021, Layer.ipv4],
  [EtherType.ipv4, Layer.ipv4],
  [0x0057, Layer.ipv6],
  [EtherType.ipv6, Layer.ipv6],
  [0x0281, Layer.mpls],
  [0x0283, Layer.mpls],
  [0x002f, Layer.vjUncompressed],
  [0x0031, Layer.bridgedPpp],
  [0x003d, Layer.multilinkPpp],
])

/** RFC 1662 3.1: address and control may be omitted, and the protocol may be one byte, which then is odd (RFC 1661 2). */
export function decodePpp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  const first = bytes[at]
  const isCisco = (first === CISCO_UNICAST || first === CISCO_BROADCAST) && bytes[at + 1] === 0
  if (isCisco) return decodeCiscoHdlc(bytes, at, out)
  const hasAddress = first === ADDRESS_ALL_STATIONS && bytes[at + 1] === CONTROL_UNNUMBERED
  return decodePppProtocol(bytes, hasAddress ? at + 2 : at, out)
}

function decodePppProtocol(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 1) return skip(Skip.truncatedLink, 0)
  if ((bytes[at] & 1) === 1) return followTable(LAYERS, bytes[at], at + 1, Skip.notIpPpp, out)
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  return followTable(LAYERS, be16(bytes, at), at + 2, Skip.notIpPpp, out)
}

/** Linux's pppd log has the direction in place of the address. */
export function decodePppdDirection(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  return decodePppProtocol(bytes, bytes[at + 1] === CONTROL_UNNUMBERED ? at + 2 : at + 1, out)
}

/** RFC 2516 4, also LINKTYPE_PPP_ETHER: version, type, code, session id, length. Code 0 is a session's data. */
export function decodePppoe(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 6) return skip(Skip.truncatedLink, 0)
  if (bytes[at + 1] !== 0) return skip(Skip.notIp, 0x8863)
  const length = be16(bytes, at + 4)
  if (length > 0) out.end = Math.min(out.end, at + 6 + length)
  return decodePppProtocol(bytes, at + 6, out)
}

/** Address, control 0, EtherType (RFC 4349 3.1); a PPP address shows that it is PPP. */
export function decodeCiscoHdlc(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  if (bytes[at] === ADDRESS_ALL_STATIONS && bytes[at + 1] === CONTROL_UNNUMBERED) return decodePppProtocol(bytes, at + 2, out)
  return followEtherType(be16(bytes, at + 2), at + 4, out)
}

/** RFC 1144 3.2.2: a complete IPv4 header with the connection number in place of the protocol, which is TCP. */
export function decodeVjUncompressed(bytes: Uint8Array, at: number, out: PacketView): number {
  const next = decodeIpv4(bytes, at, out)
  if (next < 0 || out.fragmentOffset > 0) return next
  out.protocol = Protocol.tcp
  return followProtocol(bytes, at + ((bytes[at] & 15) << 2), out)
}

const BRIDGED_LAN_ID = 0x40
const BRIDGED_ETHERNET = 1

/** RFC 3518 4.2: flags, MAC type, an optional LAN id, then the frame. */
export function decodeBridgedPpp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  if (bytes[at + 1] !== BRIDGED_ETHERNET) return skip(Skip.notIpBridged, bytes[at + 1])
  out.next = Layer.ethernet
  return (bytes[at] & BRIDGED_LAN_ID) !== 0 ? at + 6 : at + 2
}

const MULTILINK_BEGIN = 0x80

/** RFC 1990 3: begin and end bits and a long sequence number; only a first fragment begins with a PPP protocol. */
export function decodeMultilinkPpp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  if ((bytes[at] & MULTILINK_BEGIN) === 0) return skip(Skip.linkFragment, 0)
  return decodePpp(bytes, at + 4, out)
}
