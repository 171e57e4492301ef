// Juniper's monitoring headers (LINKTYPE_JUNIPER_*: magic "MGC", flags, optional extensions, a cookie per interface card) -> what follows.
import { be16, be24, be32, le16, le32 } from './bytes.ts'
import { Layer } from './codes.ts'
import { followTable } from './next-layer.ts'
import type { Decoder, PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

const MAGIC = 0x4d4743
const Flag = { incoming: 0x01, noLinkHeader: 0x02, extensions: 0x80 } as const

/** Protocol numbers used when the link header was left out; only those that carry IP. */
const PROTOCOL_LAYERS = new Map<number, number>([
  [2, Layer.ipv4],
  [3, Layer.ipv4], // from MPLS
  [4, Layer.mpls], // IPv4 into MPLS
  [5, Layer.mpls],
  [6, Layer.ipv6],
  [7, Layer.ipv6], // from MPLS
  [8, Layer.mpls], // IPv6 into MPLS
  [32, Layer.mpls],
  [200, Layer.ppp],
  [202, Layer.llc],
  [203, Layer.llc],
  [204, Layer.ethernet],
  [207, Layer.frameRelay],
  [208, Layer.ciscoHdlc],
])

/** Returns the offset of the card's own header, or a negative status. Without a link header, out.next is already set. */
function decodeHeader(bytes: Uint8Array, at: number, out: PacketView): number {
  out.next = Layer.none
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  // Old systems write neither the magic nor the header.
  if (be24(bytes, at) !== MAGIC) return at
  let next = at + 4
  if ((bytes[at + 3] & Flag.extensions) !== 0) {
    if (out.end - at < 6) return skip(Skip.truncatedLink, 0)
    next = at + 6 + be16(bytes, at + 4)
  }
  if (out.end < next) return skip(Skip.truncatedLink, 0)
  if ((bytes[at + 3] & Flag.noLinkHeader) === 0) return next
  if (out.end - next < 4) return skip(Skip.truncatedLink, 0)
  return followTable(PROTOCOL_LAYERS, le32(bytes, next), next + 4, Skip.notIpJuniper, out)
}

/** The header, then `cookieBytes` that are skipped, then always the same layer. */
function decodeFixed(bytes: Uint8Array, at: number, cookieBytes: number, layer: number, out: PacketView): number {
  const next = decodeHeader(bytes, at, out)
  if (next < 0 || out.next !== Layer.none) return next
  out.next = layer
  return next + cookieBytes
}

const fixed =
  (cookieBytes: number, layer: number): Decoder =>
  (bytes, at, out) =>
    decodeFixed(bytes, at, cookieBytes, layer, out)

export const decodeJuniperEthernet = fixed(0, Layer.ethernet)
export const decodeJuniperPpp = fixed(0, Layer.ppp)
export const decodeJuniperFrameRelay = fixed(0, Layer.frameRelay)
export const decodeJuniperHdlc = fixed(0, Layer.ciscoHdlc)
export const decodeJuniperEtherType = fixed(0, Layer.etherTypeField)
export const decodeJuniperVoice = fixed(18, Layer.ipv4)

/** The services card's cookie depends on the direction. */
export function decodeJuniperServices(bytes: Uint8Array, at: number, out: PacketView): number {
  const isIncoming = out.end - at >= 4 && (bytes[at + 3] & Flag.incoming) !== 0
  return decodeFixed(bytes, at, isIncoming ? 16 : 12, Layer.ipv4, out)
}

/** The GGSN card: a protocol and a VLAN, little-endian. */
export function decodeJuniperGgsn(bytes: Uint8Array, at: number, out: PacketView): number {
  const next = decodeHeader(bytes, at, out)
  if (next < 0 || out.next !== Layer.none) return next
  if (out.end - next < 4) return skip(Skip.truncatedLink, 0)
  return followTable(PROTOCOL_LAYERS, le16(bytes, next), next + 4, Skip.notIpJuniper, out)
}

export function decodeJuniperAtm1(bytes: Uint8Array, at: number, out: PacketView): number {
  return decodeAtm(bytes, at, 4, out)
}

export function decodeJuniperAtm2(bytes: Uint8Array, at: number, out: PacketView): number {
  return decodeAtm(bytes, at, 8, out)
}

const SNAP_HEADER = 0xaaaa03
const OSI_HEADER = 0xfefe03
const GAP_COUNT = 0x3fe

/** ATM cards: a cookie, then one of the encapsulations of RFC 2684, which only their first bytes distinguish. */
function decodeAtm(bytes: Uint8Array, at: number, cookieBytes: number, out: PacketView): number {
  const cookie = decodeHeader(bytes, at, out)
  if (cookie < 0 || out.next !== Layer.none) return cookie
  const next = cookie + cookieBytes
  if (out.end - next < 3) return skip(Skip.truncatedLink, 0)
  const isMaintenance = cookieBytes === 4 ? bytes[cookie] === 0x80 : (bytes[cookie + 7] & 0x70) !== 0
  if (isMaintenance) return skip(Skip.linkControl, 0)
  const start = be24(bytes, next)
  if (start === SNAP_HEADER || start === OSI_HEADER) out.next = Layer.llc
  else if (cookieBytes === 8 && (bytes[at + 3] & Flag.incoming) === 0 && (be32(bytes, cookie) & GAP_COUNT) !== 0) out.next = Layer.ethernet
  else if (cookieBytes === 8 && isPppProtocol(start >> 8)) out.next = Layer.ppp
  else return followVersion(bytes, next, out)
  return next
}

/** IP directly (VC multiplexing), or Cisco's form with an LLC control byte and an NLPID before it. */
function followVersion(bytes: Uint8Array, at: number, out: PacketView): number {
  if (bytes[at] === 0x03) {
    out.next = Layer.nlpid
    return at + 1
  }
  out.next = Layer.rawIp
  return at
}

function isPppProtocol(protocol: number): boolean {
  return protocol === 0x0021 || protocol === 0x0057 || protocol === 0x0281 || protocol === 0x0283 || protocol === 0x003d
}

const COOKIE_LINK_SERVICES = 0x54
const COOKIE_SERVICES = [0x40, 0x43]
/** What follows a services cookie. */
const Inner = { ipv4: 0, ipv6: 1, mpls: 2 } as const

/** A bundle: eight bytes or more follow the header; a services cookie, or what `follow` reads. */
function ofBundle(follow: Decoder): Decoder {
  return (bytes, at, out) => {
    const next = decodeHeader(bytes, at, out)
    if (next < 0 || out.next !== Layer.none) return next
    if (out.end - next < 8) return skip(Skip.truncatedLink, 0)
    return COOKIE_SERVICES.includes(bytes[next]) ? followCookie(bytes, next, out) : follow(bytes, next, out)
  }
}

/** Multilink PPP bundles: a cookie of 8, 4, 2 or 0 bytes; its first byte shows which. */
export const decodeJuniperMlppp = ofBundle((bytes, at, out) => {
  out.next = Layer.ppp
  if (bytes[at] === COOKIE_LINK_SERVICES) return at + 4
  return isPppProtocol(be16(bytes, at)) ? at : at + 2
})

/** Multilink Frame Relay bundles (FRF.15): the same cookies, then an LLC control byte and an NLPID. */
export const decodeJuniperMlfr = ofBundle((bytes, at, out) => {
  let protocol = bytes[at] === COOKIE_LINK_SERVICES ? at + 4 : at + 2
  while (protocol < at + 7 && (bytes[protocol] === 0x03 || bytes[protocol] === 0)) protocol++
  out.next = Layer.nlpid
  return protocol
})

/** Multilink Frame Relay (FRF.16): frames of a child link follow the header; a bundle has a services cookie. */
export const decodeJuniperMfr = ofBundle((_, at, out) => {
  out.next = Layer.multilinkFrameRelay
  return at
})

/** A services cookie of eight bytes, which contains the type of what follows. */
function followCookie(bytes: Uint8Array, at: number, out: PacketView): number {
  const protocol = (be16(bytes, at + 4) >> 4) & 7
  if (protocol === Inner.ipv4) out.next = Layer.rawIp
  else if (protocol === Inner.ipv6) out.next = Layer.ipv6
  else if (protocol === Inner.mpls) out.next = Layer.mpls
  else return skip(Skip.notIpJuniper, protocol)
  return at + 8
}
