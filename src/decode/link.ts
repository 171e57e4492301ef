// Link layers: each takes (bytes, at, out), sets out.next and answers the offset of what follows, or a negative status. Hot path.
import { EtherType, Layer, LinkType } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** The first layer of a link type (https://www.tcpdump.org/linktypes.html), or Layer.none if it is not read. */
export function layerOfLinkType(linkType: number): number {
  switch (linkType) {
    case LinkType.ethernet:
      return Layer.ethernet
    case LinkType.linuxSll:
      return Layer.linuxSll
    case LinkType.linuxSll2:
      return Layer.linuxSll2
    case LinkType.null:
    case LinkType.loop:
      return Layer.bsdNull
    case LinkType.raw:
    case LinkType.rawBsd:
    case LinkType.rawOpenBsd:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return Layer.rawIp
    default:
      return Layer.none
  }
}

/** IEEE 802.3 3.2: addresses, then an EtherType or, up to 1500, the length of an LLC frame. */
export function decodeEthernet(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 14) return skip(Skip.truncatedLink, 0)
  const type = (bytes[at + 12] << 8) | bytes[at + 13]
  if (type > 1500) return followEtherType(type, at + 14, out)
  out.end = Math.min(out.end, at + 14 + type)
  out.next = Layer.llc
  return at + 14
}

/** IEEE 802.1Q tag: two bytes of priority and VLAN, then the EtherType of what it tags. */
export function decodeVlan(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  const type = (bytes[at + 2] << 8) | bytes[at + 3]
  if (type > 1500) return followEtherType(type, at + 4, out)
  out.next = Layer.llc
  return at + 4
}

/** Linux cooked capture v1 (LINKTYPE_LINUX_SLL): the protocol is at byte 14. */
export function decodeLinuxSll(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 16) return skip(Skip.truncatedLink, 0)
  return followCookedProtocol((bytes[at + 14] << 8) | bytes[at + 15], at + 16, out)
}

/** Linux cooked capture v2 (LINKTYPE_LINUX_SLL2): the protocol comes first. */
export function decodeLinuxSll2(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 20) return skip(Skip.truncatedLink, 0)
  return followCookedProtocol((bytes[at] << 8) | bytes[at + 1], at + 20, out)
}

/** BSD loopback (LINKTYPE_NULL, LINKTYPE_LOOP): an address family in the byte order of the machine that captured. */
export function decodeBsdNull(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  const family = bytes[at] === 0 && bytes[at + 1] === 0 ? (bytes[at + 2] << 8) | bytes[at + 3] : (bytes[at + 1] << 8) | bytes[at]
  // AF_INET is 2 everywhere; AF_INET6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS, 10 on Linux and 23 on Windows.
  if (family === 2) out.next = Layer.ipv4
  else if (family === 24 || family === 28 || family === 30 || family === 10 || family === 23) out.next = Layer.ipv6
  else return skip(Skip.notIpFamily, family)
  return at + 4
}

/** No link header: the version nibble tells IPv4 from IPv6. */
export function decodeRawIp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 1) return skip(Skip.truncatedLink, 0)
  const version = bytes[at] >> 4
  if (version === 4) out.next = Layer.ipv4
  else if (version === 6) out.next = Layer.ipv6
  else return skip(Skip.notIpVersion, version)
  return at
}

/** IEEE 802.2 LLC: IP directly (SAP 6) or behind a SNAP header (RFC 1042). */
export function decodeLlc(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 3) return skip(Skip.truncatedLink, 0)
  const sap = bytes[at]
  if (sap === 0x06) {
    out.next = Layer.ipv4
    return at + 3
  }
  if (sap !== 0xaa || bytes[at + 1] !== 0xaa) return skip(Skip.notIpLlc, sap)
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  return followEtherType((bytes[at + 6] << 8) | bytes[at + 7], at + 8, out)
}

/** Sets the layer an EtherType stands for; `at` is where it begins. */
export function followEtherType(type: number, at: number, out: PacketView): number {
  switch (type) {
    case EtherType.ipv4:
      out.next = Layer.ipv4
      return at
    case EtherType.ipv6:
      out.next = Layer.ipv6
      return at
    case EtherType.vlan:
    case EtherType.serviceVlan:
    case EtherType.oldQinQ:
      out.next = Layer.vlan
      return at
    default:
      return skip(Skip.notIp, type)
  }
}

/** Values below 1536 are Linux's own (if_ether.h): 4 is 802.2 LLC; the rest carry no IP. */
function followCookedProtocol(protocol: number, at: number, out: PacketView): number {
  if (protocol !== 4) return followEtherType(protocol, at, out)
  out.next = Layer.llc
  return at
}
