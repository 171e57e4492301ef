// Packet bytes -> PacketView: the layer loop. Hot path: allocates nothing and is bounded for any input.
import { Layer } from './codes.ts'
import { decodeBsdNull, decodeLinuxSll, decodeLinuxSll2, decodeRawIp } from './cooked.ts'
import { decodeEthernet, decodeVlan } from './ethernet.ts'
import { decodeIpv4, decodeIpv6 } from './ip.ts'
import { decodeRareLayer } from './layers.ts'
import { followLinkType } from './link-types.ts'
import { decodeLlc } from './llc.ts'
import type { PacketView } from './packet.ts'
import { DECODED, Skip, skip } from './status.ts'
import { decodeIcmp, decodePorts, decodeTcp, decodeUdp } from './transport.ts'
import { enterSubframe } from './wlan.ts'

/** Enough for link, tags and several tunnels of three or four layers each; more is an attack. */
const MAX_LAYERS = 32

/**
 * Fills `out` from the packet bytes[start..end).
 * @returns DECODED when an IP header was found; else a negative status for describeSkip()
 */
export function decodePacket(bytes: Uint8Array, start: number, end: number, linkType: number, out: PacketView): number {
  out.clear(bytes, end)
  return decodeLayers(bytes, followLinkType(linkType, start, out), out)
}

/** The same for a subframe of an aggregated 802.11 frame: the one at out.nextSubframe of the previous packet or subframe. */
export function decodeSubframe(bytes: Uint8Array, at: number, end: number, out: PacketView): number {
  out.clear(bytes, end)
  return decodeLayers(bytes, enterSubframe(bytes, at, end, out), out)
}

function decodeLayers(bytes: Uint8Array, start: number, out: PacketView): number {
  let at = start
  if (at < 0) return at
  for (let depth = 0; depth < MAX_LAYERS; depth++) {
    at = decodeLayer(out.next, bytes, at, out)
    if (at < 0) return out.family === 0 ? at : keepOuter(out)
    if (out.next === Layer.none) return DECODED
  }
  return out.family === 0 ? skip(Skip.tooManyLayers, 0) : keepOuter(out)
}

/** If decoding fails inside a tunnel, the packet is counted by its outer IP header. */
function keepOuter(out: PacketView): number {
  if (out.path !== out.tunnel) out.end = out.outerEnd
  return DECODED
}

/** Cases ordered by their frequency in typical captures. */
function decodeLayer(layer: number, bytes: Uint8Array, at: number, out: PacketView): number {
  switch (layer) {
    case Layer.ethernet:
      return decodeEthernet(bytes, at, out)
    case Layer.ipv4:
      return decodeIpv4(bytes, at, out)
    case Layer.tcp:
      return decodeTcp(bytes, at, out)
    case Layer.udp:
      return decodeUdp(bytes, at, out)
    case Layer.ipv6:
      return decodeIpv6(bytes, at, out)
    case Layer.icmp:
      return decodeIcmp(bytes, at, out)
    case Layer.vlan:
      return decodeVlan(bytes, at, out)
    case Layer.linuxSll:
      return decodeLinuxSll(bytes, at, out)
    case Layer.linuxSll2:
      return decodeLinuxSll2(bytes, at, out)
    case Layer.bsdNull:
      return decodeBsdNull(bytes, at, out)
    case Layer.rawIp:
      return decodeRawIp(bytes, at, out)
    case Layer.llc:
      return decodeLlc(bytes, at, out)
    case Layer.ports:
      return decodePorts(bytes, at, out)
    default:
      return decodeRareLayer(layer, bytes, at, out)
  }
}
