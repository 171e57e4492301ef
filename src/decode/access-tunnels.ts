// Tunnels of access networks: L2TP, and the split 802.11 of CAPWAP and LWAPP.
import { be16, be32 } from './bytes.ts'
import { EtherType, Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'
import { enterTunnel, Tunnel } from './tunnel.ts'

/** Flags in the first two bytes. */
const L2tp = { control: 0x8000, length: 0x4000, sequence: 0x0800, offset: 0x0200 } as const

/** L2TP over UDP: version 2 (RFC 2661 3.1) carries PPP; version 3 (RFC 3931 4.1.2) continues as over IP. */
export function decodeL2tp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 6) return skip(Skip.truncatedLink, 0)
  const flags = be16(bytes, at)
  if ((flags & L2tp.control) !== 0) return skip(Skip.linkControl, 0)
  if ((flags & 15) === 3) return decodeL2tpv3(bytes, at + 4, out)
  if ((flags & 15) !== 2) return skip(Skip.malformedLink, 0)
  let next = at + ((flags & L2tp.length) !== 0 ? 8 : 6)
  if ((flags & L2tp.sequence) !== 0) next += 4
  if ((flags & L2tp.offset) !== 0) {
    if (out.end - next < 2) return skip(Skip.truncatedLink, 0)
    next += 2 + be16(bytes, next)
  }
  if (out.end - next < 2) return skip(Skip.truncatedLink, 0)
  enterTunnel(Tunnel.l2tp, out)
  out.next = Layer.ppp
  return next
}

/** A cookie of 0, 4 or 8 bytes and a sublayer of 0 or 4 (RFC 3931 4.1, 4.6). Their sizes are negotiated at session setup, not stated in the packet. */
const L2TPV3_HEADER_BYTES = [4, 8, 12, 16]

/** L2TPv3 over IP (RFC 3931 4.1.1). The content is decoded as Ethernet or IP only if an IP header inside confirms it. */
export function decodeL2tpv3(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  if (be32(bytes, at) === 0) return skip(Skip.linkControl, 0)
  for (let i = 0; i < L2TPV3_HEADER_BYTES.length; i++) {
    const next = at + L2TPV3_HEADER_BYTES[i]
    const layer = layerProven(bytes, next, out.end)
    if (layer === Layer.none) continue
    enterTunnel(Tunnel.l2tpv3, out)
    out.next = layer
    return next
  }
  return skip(Skip.linkControl, 0)
}

function layerProven(bytes: Uint8Array, at: number, end: number): number {
  if (isIpv4(bytes, at, end)) return Layer.ipv4
  if (end - at < 18) return Layer.none
  let type = at + 12
  if (be16(bytes, type) === EtherType.vlan) type += 4
  const isEthernet = be16(bytes, type) === EtherType.ipv4 ? isIpv4(bytes, type + 2, end) : isIpv6Ethernet(bytes, type, end)
  return isEthernet ? Layer.ethernet : Layer.none
}

/** True for an IPv4 header of 20 bytes with a correct checksum (RFC 1071). */
function isIpv4(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 20 || bytes[at] !== 0x45) return false
  let sum = 0
  for (let i = 0; i < 20; i += 2) sum += be16(bytes, at + i)
  return (sum & 0xffff) + (sum >> 16) === 0xffff
}

/** IPv6 has no checksum: its payload must end at the end of the packet. */
function isIpv6Ethernet(bytes: Uint8Array, type: number, end: number): boolean {
  if (be16(bytes, type) !== EtherType.ipv6 || end - type < 42) return false
  return bytes[type + 2] >> 4 === 6 && be16(bytes, type + 6) === end - type - 42
}

/** A native frame is one of the wireless link, not Ethernet. */
const CapwapFlag = { nativeFrame: 0x01, fragment: 0x80, keepalive: 0x08 } as const
const CAPWAP_WLAN = 1

/** CAPWAP data (RFC 5415 4.3): a header that states its length, then 802.11 or Ethernet; type 1 is DTLS. */
export function decodeCapwap(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  if (bytes[at] !== 0) return skip(Skip.linkControl, 0)
  const headerBytes = (bytes[at + 1] >> 3) << 2
  const binding = (bytes[at + 2] >> 1) & 31
  const flags = bytes[at + 3]
  if (headerBytes < 8) return skip(Skip.malformedLink, 0)
  if ((flags & CapwapFlag.keepalive) !== 0) return skip(Skip.linkControl, 0)
  const isLaterFragment = (flags & CapwapFlag.fragment) !== 0 && be16(bytes, at + 6) >> 3 !== 0
  if (isLaterFragment) return skip(Skip.linkFragment, 0)
  enterTunnel(Tunnel.capwap, out)
  if ((bytes[at + 2] & CapwapFlag.nativeFrame) === 0) out.next = Layer.ethernet
  else if (binding === CAPWAP_WLAN) out.next = Layer.swappedWlan
  else return skip(Skip.linkControl, 0)
  return at + headerBytes
}

const LWAPP_CONTROL = 0x04

/** LWAPP over UDP (RFC 5412 3.2.2): six bytes, then 802.11 unless it is a control message. */
export function decodeLwapp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  enterTunnel(Tunnel.lwapp, out)
  return decodeLwappHeader(bytes, at, out)
}

/** LWAPP directly over Ethernet. */
export function decodeLwappHeader(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  if (bytes[at] >> 6 !== 0 || (bytes[at] & LWAPP_CONTROL) !== 0) return skip(Skip.linkControl, 0)
  out.next = Layer.swappedWlan
  return at + 6
}
