// Why a packet is in no flow. Layers answer a negative number made of a kind and a detail, so that counting allocates nothing.

/** Truncated: the capture cut it. Malformed: its own fields contradict each other. Others: nothing wrong, but not IP. */
export const Skip = {
  notIp: 1,
  notIpLlc: 2,
  unknownLinkType: 3,
  truncatedLink: 4,
  truncatedIpv4: 5,
  malformedIpv4: 6,
  truncatedIpv6: 7,
  malformedIpv6: 8,
  notIpFamily: 9,
  notIpVersion: 10,
  tooManyLayers: 11,
} as const

/** The packet is in PacketView. */
export const DECODED = 0

/**
 * @param kind one of Skip
 * @param detail 0 to 65535: an EtherType, a link type, ...
 * @returns negative, unique for kind and detail
 */
export function skip(kind: number, detail: number): number {
  return -(kind * 65_536 + detail)
}

const ETHERTYPE_NAMES = new Map<number, string>([
  [0x0806, 'ARP'],
  [0x0842, 'Wake-on-LAN'],
  [0x2000, 'CDP'],
  [0x22f3, 'TRILL'],
  [0x6002, 'DEC MOP'],
  [0x8035, 'RARP'],
  [0x809b, 'AppleTalk'],
  [0x80f3, 'AppleTalk ARP'],
  [0x8137, 'IPX'],
  [0x8808, 'Ethernet flow control'],
  [0x8809, 'LACP and other slow protocols'],
  [0x8847, 'MPLS'],
  [0x8848, 'MPLS'],
  [0x8863, 'PPPoE discovery'],
  [0x8864, 'PPPoE session'],
  [0x886d, 'Intel ANS probe'],
  [0x888e, '802.1X (EAPOL)'],
  [0x8892, 'PROFINET'],
  [0x88a2, 'ATA over Ethernet'],
  [0x88a4, 'EtherCAT'],
  [0x88b8, 'GOOSE'],
  [0x88ba, 'IEC 61850 sampled values'],
  [0x88cc, 'LLDP'],
  [0x88e1, 'HomePlug'],
  [0x88e5, 'MACsec'],
  [0x88f7, 'PTP'],
  [0x8902, 'CFM'],
  [0x8906, 'FCoE'],
  [0x9000, 'Ethernet loopback test'],
])

/** The text in skipped.reason. */
export function describeSkip(status: number): string {
  const kind = Math.floor(-status / 65_536)
  const detail = -status % 65_536
  const hex = `0x${detail.toString(16).padStart(4, '0')}`
  switch (kind) {
    case Skip.notIp: {
      const name = ETHERTYPE_NAMES.get(detail)
      return name === undefined ? `not IP: EtherType ${hex}` : `not IP: ${name}`
    }
    case Skip.notIpLlc:
      return detail === 0x42 ? 'not IP: spanning tree (LLC 0x42)' : `not IP: LLC 0x${detail.toString(16).padStart(2, '0')}`
    case Skip.unknownLinkType:
      return `unsupported: link type ${detail}`
    case Skip.truncatedLink:
      return 'truncated: ends inside its link header'
    case Skip.truncatedIpv4:
      return 'truncated: ends inside its IPv4 header'
    case Skip.malformedIpv4:
      return 'malformed: IPv4 header with impossible lengths'
    case Skip.truncatedIpv6:
      return 'truncated: ends inside its IPv6 header'
    case Skip.malformedIpv6:
      return 'malformed: IPv6 header'
    case Skip.notIpFamily:
      return `not IP: address family ${detail}`
    case Skip.notIpVersion:
      return `malformed: IP version ${detail}`
    default:
      return 'unsupported: too many layers'
  }
}
