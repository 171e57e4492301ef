// UDP ports -> tunnels (VXLAN, Geneve, LISP, Teredo, AYIYA, AMT) -> their payload's layer. A payload that does not match is another use of the port.
import { be16, be32 } from './bytes.ts'
import { EtherType, Layer, Protocol } from './codes.ts'
import { followEtherType } from './ethertype.ts'
import { followNextProtocol } from './mpls.ts'
import type { PacketView } from './packet.ts'
import { decodeTzsp } from './probes.ts'
import { Skip, skip } from './status.ts'
import { enterTunnel, Tunnel } from './tunnel.ts'

/** IANA, Service Name and Transport Protocol Port Number Registry; 8472 is Linux's VXLAN from before 4789 was assigned. */
const TUNNEL_PORTS: readonly (readonly [number, number])[] = [
  [1701, Layer.l2tp],
  [2123, Layer.gtp], // control port; a few senders use it for tunnelled packets, too
  [2152, Layer.gtp],
  [2268, Layer.amt],
  [3386, Layer.gtpV0],
  [3544, Layer.teredo],
  [4341, Layer.lisp],
  [4754, Layer.gre], // RFC 8086
  [4789, Layer.vxlan],
  [4790, Layer.vxlanGpe],
  [5072, Layer.ayiya],
  [5247, Layer.capwap],
  [6081, Layer.geneve],
  [6635, Layer.mplsInUdp],
  [8472, Layer.vxlanLinux],
  [12222, Layer.lwapp],
  [12223, Layer.lwapp],
  [37008, Layer.tzspInUdp],
]
/** Services with clients on any port, including a tunnel's: next to these, a tunnel port is a client's. All ports below 1024 are services, too. */
const SERVICE_PORTS = [1194, 1812, 1813, 1900, 2049, 2055, 3478, 3702, 4500, 4739, 5004, 5060, 5246, 5353, 5355, 6343, 11211, 27015]
const SERVICE = 255

const PORT_LAYERS = new Uint8Array(65_536)
PORT_LAYERS.fill(SERVICE, 0, 1024)
for (const port of SERVICE_PORTS) PORT_LAYERS[port] = SERVICE
for (const [port, layer] of TUNNEL_PORTS) PORT_LAYERS[port] = layer

/** The tunnel of two UDP ports, or Layer.none; the lower port decides if it is known. Hot path. */
export function layerOfPorts(source: number, target: number): number {
  const lower = PORT_LAYERS[Math.min(source, target)]
  if (lower === SERVICE) return layerBesideService(target)
  if (lower !== Layer.none) return lower
  const higher = PORT_LAYERS[Math.max(source, target)]
  return higher === SERVICE ? Layer.none : higher
}

/** Senders of Geneve and VXLAN derive their source port from a hash, so it can equal a service's port: then only an unambiguous header is accepted. */
function layerBesideService(target: number): number {
  const layer = PORT_LAYERS[target]
  if (layer === Layer.geneve) return Layer.geneve
  return layer === Layer.vxlan ? Layer.vxlanLinux : Layer.none
}

/** VXLAN (RFC 7348 5): flags, network identifier, then Ethernet. Not every sender sets the flag that the identifier is valid. */
export function decodeVxlan(_bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  enterTunnel(Tunnel.vxlan, out)
  out.next = Layer.ethernet
  return at + 8
}

/** VXLAN on a port that is not registered for it: accepted only if all reserved bits are zero. */
export function decodeVxlanLinux(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  if (be32(bytes, at) !== 0x08000000 || bytes[at + 7] !== 0) return skip(Skip.malformedLink, 0)
  return decodeVxlan(bytes, at, out)
}

/** VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe 3): the next protocol is in the fourth byte. */
export function decodeVxlanGpe(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  enterTunnel(Tunnel.vxlanGpe, out)
  return followNextProtocol(bytes[at + 3], at + 8, out)
}

/** Geneve (RFC 8926 3.4): version 0, options in four-byte words, an EtherType. */
export function decodeGeneve(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  if (bytes[at] >> 6 !== 0 || (PORT_LAYERS[out.sourcePort] === SERVICE && !isSureGeneve(bytes, at))) return skip(Skip.malformedLink, 0)
  enterTunnel(Tunnel.geneve, out)
  return followEtherType(be16(bytes, at + 2), at + 8 + ((bytes[at] & 63) << 2), out)
}

/** All reserved bits are zero, and the type is Ethernet or IP. */
function isSureGeneve(bytes: Uint8Array, at: number): boolean {
  if ((bytes[at + 1] & 63) !== 0 || bytes[at + 7] !== 0) return false
  const type = be16(bytes, at + 2)
  return type === EtherType.bridgedEthernet || type === EtherType.ipv4 || type === EtherType.ipv6
}

/** LISP data (RFC 9300 5.1): eight bytes, then an IP header. */
export function decodeLisp(_bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 9) return skip(Skip.truncatedLink, 0)
  enterTunnel(Tunnel.lisp, out)
  out.next = Layer.rawIp
  return at + 8
}

/** MPLS over UDP (RFC 7510). */
export function decodeMplsInUdp(_bytes: Uint8Array, at: number, out: PacketView): number {
  enterTunnel(Tunnel.mpls, out)
  out.next = Layer.mpls
  return at
}

/** TZSP sent over UDP to a collector. */
export function decodeTzspInUdp(bytes: Uint8Array, at: number, out: PacketView): number {
  enterTunnel(Tunnel.tzsp, out)
  return decodeTzsp(bytes, at, out)
}

const TEREDO_AUTHENTICATION = 0x0001
const TEREDO_ORIGIN = 0x0000

/** Teredo (RFC 4380 5.1.1): authentication and origin indication, both optional, then IPv6. */
export function decodeTeredo(bytes: Uint8Array, from: number, out: PacketView): number {
  let at = from
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  if (be16(bytes, at) === TEREDO_AUTHENTICATION) at += 13 + bytes[at + 2] + bytes[at + 3]
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  if (be16(bytes, at) === TEREDO_ORIGIN) at += 8
  enterTunnel(Tunnel.teredo, out)
  out.next = Layer.ipv6
  return at
}

const AYIYA_FORWARD = 1

/** AYIYA (draft-massar-v6ops-ayiya 3): lengths of identity and signature in the first two bytes, the payload's protocol in the fourth. */
export function decodeAyiya(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  if ((bytes[at + 2] & 15) !== AYIYA_FORWARD) return skip(Skip.linkControl, 0)
  const protocol = bytes[at + 3]
  if (protocol !== Protocol.ipv6 && protocol !== Protocol.ipv4) return skip(Skip.notIp, protocol)
  const identityBytes = 1 << (bytes[at] >> 4)
  const signatureBytes = (bytes[at + 1] >> 4) << 2
  enterTunnel(Tunnel.ayiya, out)
  out.next = protocol === Protocol.ipv6 ? Layer.ipv6 : Layer.ipv4
  return at + 8 + identityBytes + signatureBytes
}

/** Automatic multicast tunneling (RFC 7450 5.1): queries (4) and updates (5) carry IP after twelve bytes, data (6) after two. */
export function decodeAmt(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 3) return skip(Skip.truncatedLink, 0)
  const type = bytes[at]
  if (type < 4 || type > 6) return skip(Skip.linkControl, 0)
  enterTunnel(Tunnel.amt, out)
  out.next = Layer.rawIp
  return type === 6 ? at + 2 : at + 12
}

const GtpFlag = { extension: 0x04, options: 0x07, notPrime: 0x10 } as const
const GTP_TUNNELLED_PACKET = 255
/** More extension headers than this are an attack, not a packet. */
const GTP_MAX_EXTENSIONS = 16

/** GTP-U version 1 (3GPP TS 29.281 5): 8 bytes, 4 more if any option is present, a chain of extension headers, then the tunnelled packet. */
export function decodeGtp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  const flags = bytes[at]
  if (flags >> 5 === 0) return decodeGtpV0(bytes, at, out)
  if (flags >> 5 !== 1 || (flags & GtpFlag.notPrime) === 0) return skip(Skip.malformedLink, 0)
  if (bytes[at + 1] !== GTP_TUNNELLED_PACKET) return skip(Skip.linkControl, 0)
  if ((flags & GtpFlag.options) === 0) return followTunnelledPacket(bytes, at + 8, out)
  if (out.end - at < 12) return skip(Skip.truncatedLink, 0)
  let next = at + 12
  let type = (flags & GtpFlag.extension) !== 0 ? bytes[at + 11] : 0
  for (let count = 0; type !== 0; count++) {
    if (out.end - next < 1) return skip(Skip.truncatedLink, 0)
    const length = bytes[next] << 2
    if (length === 0 || count === GTP_MAX_EXTENSIONS) return skip(Skip.malformedLink, 0)
    next += length
    if (out.end < next) return skip(Skip.truncatedLink, 0)
    type = bytes[next - 1]
  }
  return followTunnelledPacket(bytes, next, out)
}

/** GTP version 0 (3GPP TS 09.60 6): 20 bytes. */
export function decodeGtpV0(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 20) return skip(Skip.truncatedLink, 0)
  if (bytes[at] >> 5 !== 0 || (bytes[at] & GtpFlag.notPrime) === 0) return skip(Skip.malformedLink, 0)
  if (bytes[at + 1] !== GTP_TUNNELLED_PACKET) return skip(Skip.linkControl, 0)
  return followTunnelledPacket(bytes, at + 20, out)
}

/** No header states the kind of session: IP if the version nibble fits, else PPP. */
function followTunnelledPacket(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  const first = bytes[at]
  enterTunnel(Tunnel.gtp, out)
  if (first >= 0x45 && first <= 0x4f) out.next = Layer.ipv4
  else if (first >> 4 === 6) out.next = Layer.ipv6
  else if (be16(bytes, at) === 0xff03) out.next = Layer.ppp
  else return skip(Skip.notIp, EtherType.ppp)
  return at
}
