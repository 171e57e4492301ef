// IPv4 and IPv6 headers, extension headers, fragments -> PacketView. Hot path: the whole header is checked once, and stored only if valid.
import { Layer, Protocol } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'
import { enterTunnel, Tunnel } from './tunnel.ts'

/** More extension headers than this are an attack, not a packet. */
const MAX_EXTENSION_HEADERS = 16

/** IPv4 (RFC 791 3.1). Some senders put IPv6 where a lower layer announces IPv4: the version field decides. */
export function decodeIpv4(bytes: Uint8Array, at: number, out: PacketView): number {
  const have = out.end - at
  if (have < 20) return skip(Skip.truncatedIpv4, 0)
  const version = bytes[at] >> 4
  if (version !== 4) return version === 6 ? decodeIpv6(bytes, at, out) : skip(Skip.notIpVersion, version)
  const headerBytes = (bytes[at] & 15) << 2
  const totalBytes = (bytes[at + 2] << 8) | bytes[at + 3]
  if (headerBytes < 20 || (totalBytes !== 0 && totalBytes < headerBytes)) return skip(Skip.malformedIpv4, 0)
  if (totalBytes !== 0 && totalBytes < have) out.end = at + totalBytes // 0: segmentation offload; less than there is: padding
  out.clearTransport()
  out.wireEnd = totalBytes !== 0 ? at + totalBytes : out.end
  out.family = 4
  out.tunnel = out.path
  out.sourceAt = at + 12
  out.targetAt = at + 16
  if (headerBytes > 20 && have >= headerBytes) out.targetAt = finalTargetAt(bytes, at + 20, at + headerBytes, at + 16)
  out.protocol = bytes[at + 9]
  out.next = Layer.none
  const flags = (bytes[at + 6] << 8) | bytes[at + 7]
  if ((flags & 0x3fff) !== 0) {
    out.isFragment = true
    out.fragmentId = (bytes[at + 4] << 8) | bytes[at + 5]
    out.fragmentOffset = (flags & 0x1fff) << 3
    noteFragment(at + headerBytes, out.protocol, (flags & 0x2000) !== 0, out)
    if (out.fragmentOffset > 0) return at
  }
  if (have < headerBytes) return at // the snap length cut the options: addresses are captured, ports are not
  return followProtocol(bytes, at + headerBytes, out)
}

const OPTION_END = 0
const OPTION_NOTHING = 1
const LOOSE_ROUTE = 131
const STRICT_ROUTE = 137

/**
 * The header's destination of a source-routed packet is only the next hop; the final destination is the last address of a route that is not used up
 * (RFC 791 3.1). @returns offset of the final destination: `headerTargetAt` without such a route
 */
function finalTargetAt(bytes: Uint8Array, from: number, end: number, headerTargetAt: number): number {
  for (let at = from; at < end && bytes[at] !== OPTION_END; ) {
    if (bytes[at] === OPTION_NOTHING) {
      at++
      continue
    }
    const length = at + 1 < end ? bytes[at + 1] : 0
    if (length < 2 || at + length > end) break
    if (bytes[at] === LOOSE_ROUTE || bytes[at] === STRICT_ROUTE) {
      const pointer = bytes[at + 2]
      if (length >= 7 && length % 4 === 3 && pointer >= 4 && pointer % 4 === 0 && pointer + 3 <= length) return at + length - 4
    }
    at += length
  }
  return headerTargetAt
}

/** IPv6 (RFC 8200 3). */
export function decodeIpv6(bytes: Uint8Array, at: number, out: PacketView): number {
  const have = out.end - at
  if (have < 40) return skip(Skip.truncatedIpv6, 0)
  const version = bytes[at] >> 4
  if (version !== 6) return skip(Skip.notIpVersion, version)
  const payloadBytes = (bytes[at + 4] << 8) | bytes[at + 5]
  if (payloadBytes !== 0 && payloadBytes + 40 < have) out.end = at + 40 + payloadBytes // 0: jumbogram or segmentation offload
  out.clearTransport()
  out.wireEnd = payloadBytes !== 0 ? at + 40 + payloadBytes : out.end
  out.family = 6
  out.tunnel = out.path
  out.sourceAt = at + 8
  out.targetAt = at + 24
  out.protocol = bytes[at + 6]
  out.next = Layer.none
  return followProtocol(bytes, at + 40, out)
}

/** Sets the layer of out.protocol; extension headers are parsed in a separate function. */
export function followProtocol(bytes: Uint8Array, at: number, out: PacketView): number {
  switch (out.protocol) {
    case Protocol.tcp:
      out.next = Layer.tcp
      return at
    case Protocol.udp:
      out.next = Layer.udp
      return at
    case Protocol.icmp:
    case Protocol.icmpv6:
      out.next = Layer.icmp
      return at
    case Protocol.sctp:
    case Protocol.dccp:
    case Protocol.udpLite:
      out.next = Layer.ports
      return at
    case Protocol.hopByHop:
    case Protocol.routing:
    case Protocol.fragment:
    case Protocol.destinationOptions:
    case Protocol.mobility:
    case Protocol.hip:
    case Protocol.shim6:
      return out.family === 6 ? walkExtensionHeaders(bytes, at, out) : finish(at, out)
    case Protocol.authentication:
      return walkExtensionHeaders(bytes, at, out)
    default:
      return followTunnel(at, out)
  }
}

/** Protocols that carry packets or frames of their own: their layer, and the tunnel it is over IPv4 and over IPv6; 0 where the header tells. */
const CARRIERS = new Map<number, { layer: number; overIpv4: number; overIpv6: number }>([
  [Protocol.ipv4, { layer: Layer.ipv4, overIpv4: Tunnel.ipip, overIpv6: Tunnel.ipv4InIpv6 }],
  [Protocol.ipv6, { layer: Layer.ipv6, overIpv4: Tunnel.ipv6InIpv4, overIpv6: Tunnel.ipv6InIpv6 }],
  [Protocol.gre, { layer: Layer.gre, overIpv4: 0, overIpv6: 0 }],
  [Protocol.ax25, { layer: Layer.ax25, overIpv4: Tunnel.ax25, overIpv6: Tunnel.ax25 }],
  [Protocol.etherIp, { layer: Layer.etherIp, overIpv4: 0, overIpv6: 0 }],
  [Protocol.pim, { layer: Layer.pim, overIpv4: 0, overIpv6: 0 }],
  [Protocol.l2tp, { layer: Layer.l2tpv3, overIpv4: 0, overIpv6: 0 }],
  [Protocol.mplsInIp, { layer: Layer.mpls, overIpv4: Tunnel.mpls, overIpv6: Tunnel.mpls }],
  [Protocol.ethernet, { layer: Layer.ethernet, overIpv4: Tunnel.srv6, overIpv6: Tunnel.srv6 }],
])

function followTunnel(at: number, out: PacketView): number {
  finish(at, out)
  const carrier = CARRIERS.get(out.protocol)
  if (carrier === undefined) return at
  const tunnel = out.family === 4 ? carrier.overIpv4 : carrier.overIpv6
  if (tunnel !== 0) enterTunnel(tunnel, out)
  out.next = carrier.layer
  return at
}

/** Stores what reassembly needs (flows/reassembly.ts). */
function noteFragment(at: number, protocol: number, hasMore: boolean, out: PacketView): void {
  out.fragmentProtocol = protocol
  out.hasMoreFragments = hasMore
  out.fragmentAt = Math.min(at, out.end)
  out.fragmentEnd = out.end
}

/** Ends the layer loop: nothing after this is decoded. */
function finish(at: number, out: PacketView): number {
  out.payloadAt = Math.min(at, out.end)
  out.next = Layer.none
  return at
}

/** RFC 8200 4 and RFC 4302 2: follows the extension headers to the first other protocol; a cut or endless chain ends the decoding. */
function walkExtensionHeaders(bytes: Uint8Array, from: number, out: PacketView): number {
  let at = from
  for (let count = 0; count < MAX_EXTENSION_HEADERS; count++) {
    const type = out.protocol
    if (out.end - at < 8) return finish(at, out)
    switch (type) {
      case Protocol.fragment: {
        const offsetAndFlags = (bytes[at + 2] << 8) | bytes[at + 3]
        out.protocol = bytes[at]
        if ((offsetAndFlags & 0xfff9) !== 0) {
          out.isFragment = true
          out.fragmentId = ((bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7]) >>> 0
          out.fragmentOffset = offsetAndFlags & 0xfff8
          noteFragment(at + 8, out.protocol, (offsetAndFlags & 1) !== 0, out)
          if (out.fragmentOffset > 0) return finish(at + 8, out)
        }
        at += 8
        break
      }
      case Protocol.authentication:
        out.protocol = bytes[at]
        at += (bytes[at + 1] + 2) << 2
        break
      case Protocol.hopByHop:
      case Protocol.routing:
      case Protocol.destinationOptions:
      case Protocol.mobility:
      case Protocol.hip:
      case Protocol.shim6:
        out.protocol = bytes[at]
        at += (bytes[at + 1] + 1) << 3
        break
      default:
        return followProtocol(bytes, at, out)
    }
    if (out.protocol === Protocol.noNext || at > out.end) return finish(at, out)
  }
  return finish(at, out)
}
