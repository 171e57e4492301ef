// A negative status of the decoder -> the text in skipped.reason.
import { describeLinkType } from './link-types.ts'
import { Skip } from './status.ts'

const ETHERTYPE_NAMES = new Map<number, string>([
  [0x0806, 'ARP'],
  [0x0842, 'Wake-on-LAN'],
  [0x2000, 'CDP'],
  [0x22f3, 'TRILL'],
  [0x4305, 'batman-adv'],
  [0x6002, 'DEC MOP'],
  [0x6003, 'DECnet'],
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
  [0x886f, 'Microsoft network load balancing'],
  [0x888e, '802.1X (EAPOL)'],
  [0x8892, 'PROFINET'],
  [0x88a2, 'ATA over Ethernet'],
  [0x88a4, 'EtherCAT'],
  [0x88b8, 'GOOSE'],
  [0x88ba, 'IEC 61850 sampled values'],
  [0x88ca, 'TIPC'],
  [0x88cc, 'LLDP'],
  [0x88e1, 'HomePlug'],
  [0x88e5, 'MACsec'],
  [0x88f7, 'PTP'],
  [0x8899, 'Realtek'],
  [0x8902, 'CFM'],
  [0x8906, 'FCoE'],
  [0x8947, 'GeoNetworking'],
  [0xfefe, 'OSI'],
  [0x9000, 'Ethernet loopback test'],
])

const PPP_NAMES = new Map<number, string>([
  [0x0023, 'OSI'],
  [0x002b, 'IPX'],
  [0x002d, 'compressed TCP/IP'],
  [0x8021, 'IPCP'],
  [0x8057, 'IPV6CP'],
  [0x80fd, 'CCP'],
  [0x8281, 'MPLSCP'],
  [0xc021, 'LCP'],
  [0xc023, 'PAP'],
  [0xc025, 'link quality report'],
  [0xc223, 'CHAP'],
  [0xc227, 'EAP'],
])

const LLC_NAMES = new Map<number, string>([
  [0x04, 'SNA'],
  [0x42, 'spanning tree'],
  [0xe0, 'IPX'],
  [0xf0, 'NetBIOS'],
  [0xfe, 'OSI'],
  [0xff, 'IPX'],
])

const CISCO_NAMES = new Map<number, string>([
  [0x0104, 'PAgP'],
  [0x010b, 'PVST+'],
  [0x0111, 'UDLD'],
  [0x2000, 'CDP'],
  [0x2003, 'VTP'],
  [0x2004, 'DTP'],
])

const NLPID_NAMES = new Map<number, string>([
  [0x08, 'Q.933'],
  [0x81, 'CLNP'],
  [0x82, 'ES-IS'],
  [0x83, 'IS-IS'],
])

/** Begin of the reasons that the user chose. */
export const LEFT_OUT = 'left out by choice'

/** Reasons without a detail. */
const PLAIN = new Map<number, string>([
  [Skip.truncatedLink, 'truncated: ends inside its link header'],
  [Skip.malformedLink, 'malformed: link header with impossible lengths'],
  [Skip.truncatedIpv4, 'truncated: ends inside its IPv4 header'],
  [Skip.malformedIpv4, 'malformed: IPv4 header with impossible lengths'],
  [Skip.truncatedIpv6, 'truncated: ends inside its IPv6 header'],
  [Skip.tooManyLayers, 'unsupported: too many layers'],
  [Skip.linkControl, 'not IP: control of the link itself'],
  [Skip.linkFragment, 'not IP: later fragment of a link frame'],
  [Skip.notIpInfiniband, 'not IP: InfiniBand'],
  [Skip.wlanManagement, 'not IP: 802.11 management'],
  [Skip.wlanControl, 'not IP: 802.11 control'],
  [Skip.wlanExtension, 'not IP: 802.11 extension'],
  [Skip.wlanNoData, 'not IP: 802.11 without data'],
  [Skip.wlanProtected, 'encrypted: 802.11 protected data'],
  [Skip.wlanFragment, 'not IP: later fragment of an 802.11 frame'],
  [Skip.macsecEncrypted, 'encrypted: MACsec'],
  [Skip.docsisEncrypted, 'encrypted: DOCSIS baseline privacy'],
  [Skip.repeated, 'repeated: the same bytes as one of the four packets before it'],
  [Skip.outsideTime, `${LEFT_OUT} (outside the time of --from and --to)`],
  [Skip.leftOutByOnly, `${LEFT_OUT} (not what --only selects)`],
  [Skip.leftOutByCaptureFilter, `${LEFT_OUT} (not what the capture filter -f selects)`],
])

/** The text in skipped.reason. */
export function describeSkip(status: number): string {
  const kind = Math.floor(-status / 65_536)
  const detail = -status % 65_536
  switch (kind) {
    case Skip.notIp:
      return named(ETHERTYPE_NAMES, detail, `EtherType ${hex(detail, 4)}`)
    case Skip.notIpLlc:
      return named(LLC_NAMES, detail, `LLC ${hex(detail, 2)}`)
    case Skip.notIpSnap:
      return `not IP: SNAP organization ending in ${hex(detail, 4)}`
    case Skip.notIpCisco:
      return named(CISCO_NAMES, detail, `Cisco SNAP ${hex(detail, 4)}`)
    case Skip.notIpBridged:
      return `not IP: bridged frame of type ${detail}`
    case Skip.notIpNlpid:
      return named(NLPID_NAMES, detail, `NLPID ${hex(detail, 2)}`)
    case Skip.notIpPpp:
      return named(PPP_NAMES, detail, `PPP ${hex(detail, 4)}`)
    case Skip.notIpIsl:
      return `not IP: Cisco ISL frame of type ${detail}`
    case Skip.notIpArcnet:
      return detail === 213 || detail === 241 ? 'not IP: ARP' : `not IP: ARCNET ${hex(detail, 2)}`
    case Skip.notIpErf:
      return `not IP: ERF record of type ${detail}`
    case Skip.notIpJuniper:
      return `not IP: Juniper protocol ${detail}`
    case Skip.notIpWlanVersion:
      return `malformed: 802.11 version ${detail}`
    case Skip.unknownLinkType:
      return describeLinkType(detail)
    case Skip.notIpFamily:
      return `not IP: address family ${detail}`
    case Skip.notIpVersion:
      return `malformed: IP version ${detail}`
    default:
      return PLAIN.get(kind) ?? `unknown: reason ${kind}`
  }
}

function named(names: ReadonlyMap<number, string>, value: number, otherwise: string): string {
  return `not IP: ${names.get(value) ?? otherwise}`
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`
}

/** Reasons of frames that are whole and carry no IP, or nothing that can be read. */
const LISTED = /^(?:not IP|encrypted): /

/** The protocol of a reason in skipped, as link_traffic names it; null for frames that it does not list. */
export function linkProtocolOf(reason: string): string | null {
  return LISTED.test(reason) ? reason.replace(/^not IP: /, '') : null
}

/** The reverse of linkProtocolOf(). */
export function reasonOfLinkProtocol(protocol: string): string {
  return LISTED.test(protocol) ? protocol : `not IP: ${protocol}`
}
