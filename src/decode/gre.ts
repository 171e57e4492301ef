// GRE (RFC 2784, RFC 2890, RFC 1701), version 1 (RFC 2637, PPTP), and protocols over it (NVGRE, ERSPAN, EoIP, WCCP) -> the payload's layer.
import { be16, be32 } from './bytes.ts'
import { EtherType, Layer } from './codes.ts'
import { followEtherType } from './ethertype.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'
import { enterTunnel, Tunnel } from './tunnel.ts'

const GreFlag = { checksum: 0x8000, routing: 0x4000, key: 0x2000, sequence: 0x1000, acknowledgment: 0x0080 } as const
const VERSION = 0x0007

const PROTOCOL_EOIP = 0x6400
const PROTOCOL_WCCP = 0x883e
/** Aruba's controllers send 802.11 under these protocol types, 16 for each purpose. */
const PROTOCOL_ARUBA_FIRST = 0x8200
const PROTOCOL_ARUBA_LAST = 0x8370
/** RFC 1701 3: more source route entries than this are an attack, not a packet. */
const MAX_ROUTES = 16

export function decodeGre(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  const flags = be16(bytes, at)
  const protocol = be16(bytes, at + 2)
  const version = flags & VERSION
  if (version > 1) return skip(Skip.malformedLink, 0)
  let next = at + 4
  if ((flags & (GreFlag.checksum | GreFlag.routing)) !== 0) next += 4
  if ((flags & GreFlag.key) !== 0) next += 4
  if ((flags & GreFlag.sequence) !== 0) next += 4
  if (version === 1 && (flags & GreFlag.acknowledgment) !== 0) next += 4
  if ((flags & GreFlag.routing) !== 0) next = skipRoutes(bytes, next, out)
  if (next < 0 || out.end < next) return skip(Skip.truncatedLink, 0)
  if (version === 1 && protocol === PROTOCOL_EOIP) return decodeEoip(next, out)
  if (protocol === EtherType.erspan) return decodeErspan(bytes, next, (flags & GreFlag.sequence) !== 0, out)
  if (protocol === EtherType.erspanIII) return decodeErspanIII(bytes, next, out)
  if (protocol === PROTOCOL_WCCP) return decodeWccp(bytes, next, out)
  const isVirtualNetwork = protocol === EtherType.bridgedEthernet && (flags & GreFlag.key) !== 0
  if (protocol === EtherType.ciscoMetadata) return decodeMetadata(bytes, next, out)
  enterTunnel(version === 1 ? Tunnel.pptp : isVirtualNetwork ? Tunnel.nvgre : Tunnel.gre, out)
  return followGreProtocol(protocol, next, out)
}

/** RFC 1701 3: entries of family, offset and length, ended by one that is all zero. */
function skipRoutes(bytes: Uint8Array, from: number, out: PacketView): number {
  let at = from
  for (let count = 0; count < MAX_ROUTES; count++) {
    if (out.end - at < 4) return -1
    const length = bytes[at + 3]
    at += 4 + length
    if (length === 0) return at
  }
  return -1
}

/** Protocol types are EtherTypes, and some of GRE's own. */
export function followGreProtocol(protocol: number, at: number, out: PacketView): number {
  if (protocol === EtherType.frameRelay) {
    out.next = Layer.frameRelay
    return at
  }
  if (protocol >= PROTOCOL_ARUBA_FIRST && protocol <= PROTOCOL_ARUBA_LAST && (protocol & 15) === 0) {
    out.next = Layer.wlan
    return at
  }
  return followEtherType(protocol, at, out)
}

/** Cisco metadata: in GRE, the EtherType is before version, length, option and security group. */
function decodeMetadata(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  enterTunnel(Tunnel.gre, out)
  return followEtherType(be16(bytes, at), at + 8, out)
}

/** MikroTik's Ethernet over IP: the key contains a length and the tunnel's id. */
function decodeEoip(at: number, out: PacketView): number {
  enterTunnel(Tunnel.eoip, out)
  out.next = Layer.ethernet
  return at
}

/** ERSPAN (draft-foschiano-erspan): type I is an Ethernet frame without header, type II has a header of eight bytes and always a sequence number. */
function decodeErspan(bytes: Uint8Array, at: number, hasSequence: boolean, out: PacketView): number {
  enterTunnel(Tunnel.erspan, out)
  out.next = Layer.ethernet
  if (!hasSequence) return at
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  return bytes[at] >> 4 === 1 ? at + 8 : skip(Skip.malformedLink, 0)
}

const ERSPAN_FRAME_ETHERNET = 0
const ERSPAN_FRAME_IP = 2

/** ERSPAN type III: twelve bytes with the type of the frame, and eight more if the last bit is set. */
function decodeErspanIII(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 12) return skip(Skip.truncatedLink, 0)
  if (bytes[at] >> 4 !== 2) return skip(Skip.malformedLink, 0)
  const trailer = be16(bytes, at + 10)
  const frameType = (trailer >> 10) & 31
  const next = at + ((trailer & 1) !== 0 ? 20 : 12)
  enterTunnel(Tunnel.erspan, out)
  if (frameType === ERSPAN_FRAME_ETHERNET) out.next = Layer.ethernet
  else if (frameType === ERSPAN_FRAME_IP) out.next = Layer.rawIp
  else return skip(Skip.linkControl, 0)
  return next
}

/** WCCP redirection (draft-wilson-wrec-wccp-v2 3.5.2): a redirect header of four bytes, unless an IPv4 header follows directly. */
function decodeWccp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  enterTunnel(Tunnel.wccp, out)
  out.next = Layer.rawIp
  return bytes[at] >> 4 === 4 ? at : at + 4
}

/** EtherIP (RFC 3378): version 3, twelve reserved bits, then Ethernet. */
export function decodeEtherIp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  if (bytes[at] >> 4 !== 3) return skip(Skip.malformedLink, 0)
  enterTunnel(Tunnel.etherIp, out)
  out.next = Layer.ethernet
  return at + 2
}

const PIM_REGISTER = 0x21

/** PIM Register (RFC 7761 4.9.3): the source's first packets, sent to the rendezvous point; an empty one is a keepalive. */
export function decodePim(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 9) return skip(Skip.truncatedLink, 0)
  if (bytes[at] !== PIM_REGISTER || be32(bytes, at + 8) === 0) return skip(Skip.linkControl, 0)
  enterTunnel(Tunnel.pim, out)
  out.next = Layer.rawIp
  return at + 8
}
