// TCP, UDP, ICMP and other protocols with ports -> PacketView. Hot path. Of a cut header, the captured fields are used.
import { Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { layerOfPorts } from './udp-tunnels.ts'

/** TCP (RFC 9293 3.1). */
export function decodeTcp(bytes: Uint8Array, at: number, out: PacketView): number {
  decodePorts(bytes, at, out)
  const have = out.end - at
  if (have < 14) return at
  out.tcpSequence = ((bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7]) >>> 0
  out.tcpFlags = bytes[at + 13]
  if (have >= 20) out.tcpAt = at
  const headerBytes = (bytes[at + 12] >> 4) << 2
  out.payloadAt = headerBytes < 20 || headerBytes > have ? out.end : at + headerBytes
  return at
}

/** UDP (RFC 768). Length 0: jumbogram or segmentation offload. Some ports identify tunnels. */
export function decodeUdp(bytes: Uint8Array, at: number, out: PacketView): number {
  decodePorts(bytes, at, out)
  const have = out.end - at
  if (have < 8) return at
  const length = (bytes[at + 4] << 8) | bytes[at + 5]
  if (length >= 8 && length < have) out.end = at + length
  out.payloadAt = at + 8
  if (length >= 8 || length === 0) out.next = layerOfPorts(out.sourcePort, out.targetPort)
  return at + 8
}

/** ICMP (RFC 792) and ICMPv6 (RFC 4443): the header quoted in an error is payload, not a packet. */
export function decodeIcmp(bytes: Uint8Array, at: number, out: PacketView): number {
  out.next = Layer.none
  if (out.end - at < 4) return at
  out.icmpType = bytes[at]
  out.icmpCode = bytes[at + 1]
  out.payloadAt = at + 4
  return at
}

/** SCTP (RFC 9260), DCCP (RFC 4340), UDP-Lite (RFC 3828): all begin with the two ports, as TCP and UDP do. */
export function decodePorts(bytes: Uint8Array, at: number, out: PacketView): number {
  out.next = Layer.none
  out.payloadAt = out.end
  if (out.end - at < 4) return at
  out.sourcePort = (bytes[at] << 8) | bytes[at + 1]
  out.targetPort = (bytes[at + 2] << 8) | bytes[at + 3]
  return at
}
