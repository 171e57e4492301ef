// Other local networks: FDDI, Token Ring, ARCNET, IP over InfiniBand, ATM interfaces, DOCSIS, AX.25.
import { be16, be24 } from './bytes.ts'
import { Layer } from './codes.ts'
import { followEtherType } from './link.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** FDDI (ISO 9314-2): frame control, addresses, LLC. Asynchronous and synchronous LLC frames have x101xxxx. */
export function decodeFddi(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 13) return skip(Skip.truncatedLink, 0)
  if ((bytes[at] & 0x70) !== 0x50) return skip(Skip.linkControl, 0)
  out.next = Layer.llc
  return at + 13
}

const SOURCE_ROUTED = 0x80

/** Token Ring (IEEE 802.5 3.2): access and frame control, addresses, a routing field if the source's first bit is set, LLC. */
export function decodeTokenRing(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 16) return skip(Skip.truncatedLink, 0)
  if (bytes[at + 1] >> 6 !== 1) return skip(Skip.linkControl, 0)
  out.next = Layer.llc
  return (bytes[at + 8] & SOURCE_ROUTED) !== 0 ? at + 14 + (bytes[at + 14] & 31) : at + 14
}

/** ARCNET as BSD captures it: source, destination, then the protocol. */
export function decodeArcnetBsd(bytes: Uint8Array, at: number, out: PacketView): number {
  return decodeArcnetProtocol(bytes, at + 2, out)
}

/** ARCNET as Linux captures it: two bytes of offset come first. */
export function decodeArcnetLinux(bytes: Uint8Array, at: number, out: PacketView): number {
  return decodeArcnetProtocol(bytes, at + 4, out)
}

const ARCNET_EXCEPTION = 0xff

/** RFC 1051 has IP right behind the protocol id; RFC 1201 puts a split flag and a sequence number between, twice in exception packets. */
function decodeArcnetProtocol(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  const protocol = bytes[at]
  if (protocol === 240) {
    out.next = Layer.ipv4
    return at + 1
  }
  if (protocol === 212) out.next = Layer.ipv4
  else if (protocol === 196) out.next = Layer.ipv6
  else return skip(Skip.notIpArcnet, protocol)
  const flag = bytes[at + 1] === ARCNET_EXCEPTION ? at + 5 : at + 1
  if (out.end - flag < 3) return skip(Skip.truncatedLink, 0)
  // RFC 1201 3: 0 is a whole packet, an odd flag the first of several fragments.
  if (bytes[flag] !== 0 && (bytes[flag] & 1) === 0) return skip(Skip.linkFragment, 0)
  return flag + 3
}

const GRH_BYTES = 40

/** IP over InfiniBand (LINKTYPE_IPOIB): a Global Routing Header, then an EtherType and two bytes of zero (RFC 4391 6). */
export function decodeIpoib(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < GRH_BYTES + 4) return skip(Skip.truncatedLink, 0)
  return followEtherType(be16(bytes, at + GRH_BYTES), at + GRH_BYTES + 4, out)
}

const UNRELIABLE_DATAGRAM_SEND = 0x64

/** InfiniBand (LINKTYPE_INFINIBAND): local route header, an optional global one, base transport header; IPoIB goes in unreliable datagrams. */
export function decodeInfiniband(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  const following = bytes[at + 1] & 3
  if (following < 2) return skip(Skip.notIpInfiniband, 0)
  const transport = following === 3 ? at + 8 + GRH_BYTES : at + 8
  if (out.end - transport < 24) return skip(Skip.truncatedLink, 0)
  const payload = transport + 20
  const isIpoib = bytes[transport] === UNRELIABLE_DATAGRAM_SEND && be16(bytes, payload + 2) === 0
  return isIpoib ? followEtherType(be16(bytes, payload), payload + 4, out) : skip(Skip.notIpInfiniband, 0)
}

const SUN_ATM_LANE = 1
const SUN_ATM_LLC = 2

/** SunATM (LINKTYPE_SUNATM): the kind of traffic in the low bits, VPI, VCI; LAN emulation puts a client id before the Ethernet frame. */
export function decodeSunAtm(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  const kind = bytes[at] & 15
  if (kind === SUN_ATM_LLC) {
    out.next = Layer.llc
    return at + 4
  }
  if (kind !== SUN_ATM_LANE) return skip(Skip.linkControl, 0)
  out.next = Layer.ethernet
  return at + 6
}

/** Linux's classical IP over ATM: LLC and SNAP as RFC 2225 has it, or bare IP. */
export function decodeClip(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 3) return skip(Skip.truncatedLink, 0)
  out.next = be24(bytes, at) === 0xaaaa03 ? Layer.llc : Layer.rawIp
  return at
}

const DOCSIS_EXTENDED = 0x01
const DOCSIS_PRIVACY_UPSTREAM = 3
const DOCSIS_PRIVACY_DOWNSTREAM = 4
const DOCSIS_PRIVACY_ENCRYPTED = 0x80

/** DOCSIS MAC frames (CableLabs MULPI 6.2): control, parameter, length, extended header, check sequence, then Ethernet for packet PDUs. */
export function decodeDocsis(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 6) return skip(Skip.truncatedLink, 0)
  const type = bytes[at] >> 6
  if (type !== 0 && type !== 2) return skip(Skip.linkControl, 0)
  const extendedBytes = (bytes[at] & DOCSIS_EXTENDED) !== 0 ? bytes[at + 1] : 0
  if (out.end - at < 6 + extendedBytes) return skip(Skip.truncatedLink, 0)
  if (extendedBytes >= 4) {
    const element = bytes[at + 4] >> 4
    const isPrivacy = element === DOCSIS_PRIVACY_UPSTREAM || element === DOCSIS_PRIVACY_DOWNSTREAM
    if (isPrivacy && (bytes[at + 6] & DOCSIS_PRIVACY_ENCRYPTED) !== 0) return skip(Skip.docsisEncrypted, 0)
  }
  out.next = Layer.ethernet
  return at + 6 + extendedBytes
}

/** AX.25 2.2 3.12: up to ten addresses of seven bytes, the last one marked; then control and protocol id. */
const AX25_MAX_ADDRESSES = 10
const AX25_IP = 0xcc

export function decodeAx25(bytes: Uint8Array, at: number, out: PacketView): number {
  for (let count = 1; count <= AX25_MAX_ADDRESSES; count++) {
    const next = at + 7 * count
    if (out.end - next < 2) return skip(Skip.truncatedLink, 0)
    if ((bytes[next - 1] & 1) === 0) continue
    const isInformation = (bytes[next] & 1) === 0 || (bytes[next] & 0xef) === 0x03
    if (!isInformation) return skip(Skip.linkControl, 0)
    if (bytes[next + 1] !== AX25_IP) return skip(Skip.notIpNlpid, bytes[next + 1])
    out.next = Layer.ipv4
    return next + 2
  }
  return skip(Skip.malformedLink, 0)
}
