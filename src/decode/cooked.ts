// Headers that a capturing system writes instead of a link header (Linux cooked, BSD loopback and packet filter, NFLOG, PKTAP, IPNET) -> what follows.
import { be16, be32, le16, le32 } from './bytes.ts'
import { Layer } from './codes.ts'
import { followEtherType } from './ethertype.ts'
import { followGreProtocol } from './gre.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** Linux cooked capture v1 (LINKTYPE_LINUX_SLL): the ARPHRD type is at byte 2, the protocol at byte 14. */
export function decodeLinuxSll(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 16) return skip(Skip.truncatedLink, 0)
  return followCookedProtocol((bytes[at + 2] << 8) | bytes[at + 3], (bytes[at + 14] << 8) | bytes[at + 15], at + 16, out)
}

/** Linux cooked capture v2 (LINKTYPE_LINUX_SLL2): the protocol comes first, the ARPHRD type is at byte 8. */
export function decodeLinuxSll2(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 20) return skip(Skip.truncatedLink, 0)
  return followCookedProtocol((bytes[at + 8] << 8) | bytes[at + 9], (bytes[at] << 8) | bytes[at + 1], at + 20, out)
}

/** if_arp.h */
const ARPHRD_FRAME_RELAY = 770
const ARPHRD_IPGRE = 778
const ARPHRD_RADIOTAP = 803
const ARPHRD_NETLINK = 824

/** Protocols below 1536 are defined by Linux (if_ether.h): 3 any Ethernet frame, 4 802.2 LLC, 7 PPP; the others carry no IP. */
function followCookedProtocol(hardware: number, protocol: number, at: number, out: PacketView): number {
  switch (hardware) {
    case ARPHRD_FRAME_RELAY:
      out.next = Layer.frameRelay
      return at
    case ARPHRD_RADIOTAP:
      out.next = Layer.radiotap
      return at
    case ARPHRD_NETLINK:
      return skip(Skip.unknownLinkType, 253)
    case ARPHRD_IPGRE:
      return followGreProtocol(protocol, at, out)
    default:
  }
  if (protocol > 1500) return followEtherType(protocol, at, out)
  if (protocol === 3) out.next = Layer.ethernet
  else if (protocol === 4) out.next = Layer.llc
  else if (protocol === 7) out.next = Layer.ppp
  else return skip(Skip.notIp, protocol)
  return at
}

/** BSD loopback (LINKTYPE_NULL, LINKTYPE_LOOP): an address family in the capturing machine's byte order, or an EtherType, or PPP. */
export function decodeBsdNull(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  if (bytes[at] === 0xff && bytes[at + 1] === 0x03) {
    out.next = Layer.ppp
    return at
  }
  const isBigEndian = bytes[at] === 0 && bytes[at + 1] === 0
  const family = isBigEndian ? be16(bytes, at + 2) : le16(bytes, at)
  if (family > 1500) return followEtherType(family, at + 4, out)
  return followFamily(family, at + 4, out)
}

/** AF_INET is 2 everywhere; AF_INET6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS, 10 on Linux, 23 on Windows, 26 on Solaris. */
function followFamily(family: number, at: number, out: PacketView): number {
  if (family === 2) out.next = Layer.ipv4
  else if (family === 24 || family === 28 || family === 30 || family === 10 || family === 23 || family === 26) out.next = Layer.ipv6
  else return skip(Skip.notIpFamily, family)
  return at
}

/** No link header: the version nibble distinguishes IPv4 and IPv6; some dial-up adapters leave a PPP header. */
export function decodeRawIp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 1) return skip(Skip.truncatedLink, 0)
  const version = bytes[at] >> 4
  if (version === 4) out.next = Layer.ipv4
  else if (version === 6) out.next = Layer.ipv6
  else if (bytes[at] === 0xff && out.end - at >= 4 && bytes[at + 1] === 0x03) out.next = Layer.ppp
  else return skip(Skip.notIpVersion, version)
  return at
}

/** OpenBSD's packet filter log (LINKTYPE_PFLOG): its length, padded to 32 bits, then the address family. */
export function decodePflog(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  const headerBytes = (bytes[at] + 3) & ~3
  if (headerBytes < 4) return skip(Skip.malformedLink, 0)
  if (out.end - at < headerBytes) return skip(Skip.truncatedLink, 0)
  return followFamily(bytes[at + 1], at + headerBytes, out)
}

/** OpenBSD's decrypted IPsec (LINKTYPE_ENC): family in the capturing machine's byte order, SPI, flags. */
export function decodeEnc(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 12) return skip(Skip.truncatedLink, 0)
  const isBigEndian = bytes[at] === 0 && bytes[at + 1] === 0
  return followFamily(isBigEndian ? be16(bytes, at + 2) : le16(bytes, at), at + 12, out)
}

const NFULA_PAYLOAD = 9

/** Linux netfilter log (LINKTYPE_NFLOG): family, version 0, then attributes in the capturing machine's byte order, padded to 32 bits. */
export function decodeNflog(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  if (bytes[at + 1] !== 0) return skip(Skip.malformedLink, 0)
  const family = bytes[at]
  let next = at + 4
  // The first attribute is shorter than 256 bytes in practice, so a zero first byte means big-endian.
  const isBigEndian = bytes[next] === 0 && bytes[next + 1] !== 0
  while (out.end - next >= 4) {
    const length = isBigEndian ? be16(bytes, next) : le16(bytes, next)
    const type = (isBigEndian ? be16(bytes, next + 2) : le16(bytes, next + 2)) & 0x7fff
    if (length < 4) return skip(Skip.malformedLink, 0)
    if (type === NFULA_PAYLOAD) {
      const status = followFamily(family, next + 4, out)
      if (status > 0) out.end = Math.min(out.end, next + length)
      return status
    }
    next += (length + 3) & ~3
  }
  return skip(Skip.notIpFamily, family)
}

/** macOS PKTAP: length of the header and link type of what follows, little-endian. */
export function decodePktap(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 12) return skip(Skip.truncatedLink, 0)
  const headerBytes = le32(bytes, at)
  if (headerBytes < 12) return skip(Skip.malformedLink, 0)
  if (out.end - at < headerBytes) return skip(Skip.truncatedLink, 0)
  out.linkType = le32(bytes, at + 8)
  out.next = Layer.linkType
  return at + headerBytes
}

/** Solaris IPNET (LINKTYPE_IPNET): version, family, zones, interfaces. */
export function decodeIpnet(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 24) return skip(Skip.truncatedLink, 0)
  if (bytes[at] !== 1) return skip(Skip.malformedLink, 0)
  return followFamily(bytes[at + 1], at + 24, out)
}

/** Symantec firewall (LINKTYPE_SYMANTEC_FIREWALL): version 2 has 44 bytes, version 3 has 56; the position of the EtherType shows which. */
export function decodeSymantec(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 44) return skip(Skip.truncatedLink, 0)
  const type = be16(bytes, at + 6)
  if (type !== 0) return followEtherType(type, at + 44, out)
  if (out.end - at < 56 || be32(bytes, at + 4) !== 0) return skip(Skip.malformedLink, 0)
  return followEtherType(be16(bytes, at + 34), at + 56, out)
}
