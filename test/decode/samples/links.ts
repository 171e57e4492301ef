// Every link type that carries IP, built from its specification (https://www.tcpdump.org/linktypes.html).
import { arp, ethernet, hex, join, mac, nullLoop, raw, sll, sll2, u16, u32, vlan } from '../../support/build.ts'
import { FLOW4, FLOW6, INNER4, INNER6, type Sample } from './sample.ts'

const SNAP4 = join(hex('aa aa 03 000000 0800'), INNER4.bytes)
const SNAP6 = join(hex('aa aa 03 000000 86dd'), INNER6.bytes)
const FRAME = ethernet(INNER4)
/** Addresses that begin as IPv6 and IPv4 headers do. */
const SIXTY = hex('60 00 00 00 00 28')
const FORTY = hex('45 00 00 28 00 01')

const v4 = (name: string, linkType: number, ...parts: (Uint8Array | number)[]): Sample => ({
  name,
  linkType,
  bytes: join(...parts),
  flow: FLOW4,
  tunnel: null,
})
const v6 = (name: string, linkType: number, ...parts: (Uint8Array | number)[]): Sample => ({ ...v4(name, linkType, ...parts), flow: FLOW6 })

/** An 802.11 data frame: frame control in wire order, then duration, addresses and sequence control. */
const wlan = (control: string, addresses: number, more = ''): Uint8Array =>
  join(hex(control), u16(0), mac(1), mac(2), mac(3), u16(0), addresses === 4 ? mac(4) : hex(''), hex(more))

const ETHERNET: Sample[] = [
  v4('Ethernet', 1, FRAME),
  v6('Ethernet, IPv6', 1, ethernet(INNER6)),
  v4('802.1Q', 1, ethernet(vlan(7, INNER4))),
  v4('QinQ', 1, ethernet(vlan(7, vlan(8, INNER4), 0x88a8))),
  v4('QinQ by its old EtherType', 1, ethernet(vlan(7, vlan(8, INNER4), 0x9100))),
  v4('802.3, LLC with IP', 1, mac(1), mac(2), u16(3 + INNER4.bytes.length), hex('06 06 03'), INNER4.bytes),
  v4('802.3, SNAP', 1, mac(1), mac(2), u16(SNAP4.length), SNAP4),
  v6('802.3, SNAP, IPv6', 1, mac(1), mac(2), u16(SNAP6.length), SNAP6),
  v4('Cisco ISL', 1, hex('01000c0000 00 020000000001'), u16(0), hex('aaaa03 020000 000e 0000 0000'), FRAME),
  v4('MPLS, two labels', 1, ethernet(raw(0x8847, hex('00064040 00065140'), INNER4.bytes))),
  v6('MPLS, multicast EtherType', 1, ethernet(raw(0x8848, hex('00065140'), INNER6.bytes))),
  v4('MPLS, Ethernet behind a control word', 1, ethernet(raw(0x8847, hex('00065140 00000000'), FRAME))),
  v4('MPLS, Ethernet without one', 1, ethernet(raw(0x8847, hex('00065140'), FRAME))),
  v4('MPLS, Ethernet to 6x without one', 1, ethernet(raw(0x8847, hex('00065140'), ethernet(INNER4, mac(1), SIXTY)))),
  v6('MPLS, Ethernet to 4x without one', 1, ethernet(raw(0x8847, hex('00065140'), ethernet(INNER6, mac(1), FORTY)))),
  v4('MPLS, Ethernet to 4x without one, 802.1Q', 1, ethernet(raw(0x8847, hex('00065140'), ethernet(vlan(7, INNER4), mac(1), FORTY)))),
  v4('PPPoE session', 1, ethernet(raw(0x8864, hex('11 00 0001'), u16(2 + INNER4.bytes.length), hex('0021'), INNER4.bytes))),
  v6('PPPoE session, IPv6', 1, ethernet(raw(0x8864, hex('11 00 0001'), u16(2 + INNER6.bytes.length), hex('0057'), INNER6.bytes))),
  v4('MACsec without encryption', 1, ethernet(raw(0x88e5, hex('20 00 00000001 0200000000010001 0800'), INNER4.bytes, new Uint8Array(16)))),
  v4('provider backbone bridge', 1, ethernet(raw(0x88e7, hex('00000001'), FRAME))),
  v4('TRILL', 1, ethernet(raw(0x22f3, hex('003f 0001 0002'), FRAME))),
  v4('network service header', 1, ethernet(raw(0x894f, hex('0fc2 02 01 00000101'), INNER4.bytes))),
  v4('VN-Tag', 1, ethernet(raw(0x8926, hex('00000001 0800'), INNER4.bytes))),
  v4('802.1BR tag', 1, ethernet(raw(0x893f, hex('000000010000 0800'), INNER4.bytes))),
  v4('Cisco metadata', 1, ethernet(raw(0x8909, hex('01 01 0001 0000 0800'), INNER4.bytes))),
  v4('802.1CB redundancy tag', 1, ethernet(raw(0xf1c1, hex('0000 0001 0800'), INNER4.bytes))),
  v4('HSR', 1, ethernet(raw(0x892f, hex('0040 0001 0800'), INNER4.bytes))),
  v4('FabricPath', 1, hex('020000000001 020000000002 8903 0001'), FRAME),
  v4('batman-adv unicast', 1, ethernet(raw(0x4305, hex('400f3200 020000000001'), FRAME))),
  v6('IPv6 announced as IPv4', 1, ethernet(raw(0x0800, INNER6.bytes))),
  v4('Arista timestamp', 1, ethernet(raw(0xd28b, hex('0001 0010 00000000 00000000 0800'), INNER4.bytes))),
]

const WIRELESS: Sample[] = [
  v4('802.11 data', 105, wlan('0801', 3), SNAP4),
  v6('802.11 QoS data', 105, wlan('8802', 3, '0000'), SNAP6),
  v4('802.11, four addresses', 105, wlan('8803', 4, '0000'), SNAP4),
  v4('802.11 QoS with HT control', 105, wlan('8881', 3, '0000 00000000'), SNAP4),
  v4('802.11, aggregated', 105, wlan('8802', 3, '8000'), mac(5), mac(6), u16(SNAP4.length), SNAP4),
  v4('802.11 mesh', 105, wlan('8803', 4, '0001 00 1f 00000001'), SNAP4),
  v4('radiotap', 127, hex('00 00 0900 02000000 00'), wlan('0801', 3), SNAP4),
  v4('radiotap, time before flags', 127, hex('00 00 1900 03000080 00000000 00000000 0000000000000000 10'), wlan('0801', 3), SNAP4, u32(0)),
  v4('radiotap, padded header', 127, hex('00 00 0900 02000000 20'), wlan('8801', 3, '0000'), u16(0), SNAP4),
  v4('Prism', 119, hex('44000000 90000000'), new Uint8Array(136), wlan('0801', 3), SNAP4),
  v4('AVS under Prism', 119, hex('80211001 00000040'), new Uint8Array(56), wlan('0801', 3), SNAP4),
  v4('AVS', 163, hex('80211001 00000040'), new Uint8Array(56), wlan('0801', 3), SNAP4),
  v4('802.11 over Ethernet', 1, ethernet(raw(0x2452, wlan('0801', 3), SNAP4))),
  v4('PPI', 192, hex('00 00 0800 69000000'), wlan('0801', 3), SNAP4),
]

const POINT_TO_POINT: Sample[] = [
  v4('PPP', 9, hex('ff03 0021'), INNER4.bytes),
  v6('PPP, short protocol, no address', 9, hex('57'), INNER6.bytes),
  v4('PPP, MPLS', 9, hex('ff03 0281 00065140'), INNER4.bytes),
  v4('Cisco HDLC under PPP', 9, hex('0f00 0800'), INNER4.bytes),
  v4('SLIP', 8, new Uint8Array(16), INNER4.bytes),
  v4('PPP in HDLC', 50, hex('ff03 0021'), INNER4.bytes),
  v4('PPP with direction', 204, hex('00 ff03 0021'), INNER4.bytes),
  v4('PPP of pppd', 166, hex('0003 0021'), INNER4.bytes),
  v4('PPP, multilink, first fragment', 9, hex('ff03 003d c0000001 0021'), INNER4.bytes),
  v4('PPP, bridged Ethernet', 9, hex('ff03 0031 0001'), FRAME),
  v4('PPPoE', 51, hex('11 00 0001'), u16(2 + INNER4.bytes.length), hex('0021'), INNER4.bytes),
  v4('Cisco HDLC', 104, hex('0f00 0800'), INNER4.bytes),
  v6('Cisco HDLC with direction', 205, hex('01 0f00 86dd'), INNER6.bytes),
  v4('Frame Relay, NLPID', 107, hex('1841 03 cc'), INNER4.bytes),
  v6('Frame Relay, NLPID, IPv6', 107, hex('1841 03 8e'), INNER6.bytes),
  v4('Frame Relay, SNAP', 107, hex('1841 03 00 80 000000 0800'), INNER4.bytes),
  v4('Frame Relay, bridged', 107, hex('1841 03 00 80 0080c2 0007'), FRAME),
  v4('Frame Relay, Cisco', 107, hex('1841 0800'), INNER4.bytes),
  v4('Frame Relay with direction', 206, hex('00 1841 03 cc'), INNER4.bytes),
  v4('multilink Frame Relay', 182, hex('c001 1841 03 cc'), INNER4.bytes),
  v4('ATM, RFC 1483', 100, SNAP4),
  v4('ATM, bridged', 100, hex('aaaa03 0080c2 0007 0000'), FRAME),
  v4('ATM, routed OSI id', 100, hex('fefe03 cc'), INNER4.bytes),
  v4('classical IP', 106, SNAP4),
  v4('classical IP, bare', 106, INNER4.bytes),
  v4('SunATM, LLC', 123, hex('02 00 0020'), SNAP4),
  v4('SunATM, LAN emulation', 123, hex('01 00 0020 0001'), FRAME),
]

const LOCAL: Sample[] = [
  v4('FDDI', 10, hex('50'), mac(1), mac(2), SNAP4),
  v4('Token Ring', 6, hex('10 40'), mac(1), mac(2), SNAP4),
  v4('Token Ring, source routed', 6, hex('10 40'), mac(1), hex('820000000002 0670 0011 0020'), SNAP4),
  v4('ARCNET, RFC 1051', 7, hex('01 02 f0'), INNER4.bytes),
  v4('ARCNET, RFC 1201', 7, hex('01 02 d4 00 0001'), INNER4.bytes),
  v4('ARCNET of Linux', 129, hex('01 02 0000 d4 00 0001'), INNER4.bytes),
  v4('IEEE 1394', 138, new Uint8Array(16), hex('0800'), INNER4.bytes),
  v4('Fibre Channel', 122, new Uint8Array(16), SNAP4),
  v4('IP over InfiniBand', 242, new Uint8Array(40), hex('0800 0000'), INNER4.bytes),
  v4('InfiniBand', 247, hex('00020001 00100002 64000000 00000001 00000001'), new Uint8Array(8), hex('0800 0000'), INNER4.bytes),
  v4('DOCSIS', 143, hex('00 00 0040 0000'), FRAME),
  v4('AX.25', 3, new Uint8Array(13), hex('01 03 cc'), INNER4.bytes),
  v4('EPON', 259, new Uint8Array(8), FRAME),
  v4('802.3br', 274, hex('55555555555555d5'), FRAME),
  v4('netANALYZER', 240, new Uint8Array(4), FRAME),
]

const CAPTURED: Sample[] = [
  v4('raw IP', 101, INNER4.bytes),
  v6('raw IP, IPv6', 101, INNER6.bytes),
  v4('raw IP, PPP header', 101, hex('ff03 0021'), INNER4.bytes),
  v4('IPv4', 228, INNER4.bytes),
  v6('IPv6', 229, INNER6.bytes),
  v4('null, little-endian', 0, nullLoop(INNER4, 'little')),
  v6('null, big-endian', 0, nullLoop(INNER6, 'big')),
  v4('loop', 108, nullLoop(INNER4, 'big')),
  v4('Linux cooked', 113, sll(INNER4)),
  v4('Linux cooked, GRE device', 113, hex('0000 030a 0004 0000000000000000 0800'), INNER4.bytes),
  v6('Linux cooked 2', 276, sll2(INNER6)),
  v4('packet filter log', 117, hex('3d 02 00 00'), new Uint8Array(60), INNER4.bytes),
  v6('decrypted IPsec', 109, hex('18000000 00000001 00000000'), INNER6.bytes),
  v4('netfilter log', 239, hex('02 00 0000 0800 0100 08000000'), hex('3300 0900'), INNER4.bytes, 0),
  v4('PKTAP', 258, hex('6c000000 01000000 01000000'), new Uint8Array(96), FRAME),
  v4('PKTAP, cooked inside', 149, hex('6c000000 01000000 71000000'), new Uint8Array(96), sll(INNER4)),
  v4('Solaris IPNET', 226, hex('01 02 0001'), u32(INNER4.bytes.length), new Uint8Array(16), INNER4.bytes),
  v4('Symantec 2', 99, new Uint8Array(6), hex('0800'), new Uint8Array(36), INNER4.bytes),
  v4('ERF, Ethernet', 197, new Uint8Array(8), hex('02 04 0060 0000 0060 0000'), FRAME),
  v4('ERF, extension header', 197, new Uint8Array(8), hex('82 04 0068 0000 0060 0100000000000000 0000'), FRAME),
  v4('TZSP', 128, hex('01 00 0001 00 0a 01 05 01'), FRAME),
  v4('Marvell DSA', 284, mac(1), mac(2), hex('c00a0000 0800'), INNER4.bytes),
  v4('Marvell DSA with EtherType', 285, mac(1), mac(2), hex('dada0000c0000000 0800'), INNER4.bytes),
  v4('Broadcom tag', 281, mac(1), mac(2), hex('2c000080 0800'), INNER4.bytes),
  v4('Broadcom tag before the frame', 282, hex('2c000080'), FRAME),
]

const MGC = hex('4d4743')
const JUNIPER: Sample[] = [
  v4('Juniper Ethernet', 178, MGC, 0x00, FRAME),
  v4('Juniper, extensions', 178, MGC, hex('80 0006 03 01 01 04 01 0e'), FRAME),
  v4('Juniper without link header', 178, MGC, hex('02 02000000'), INNER4.bytes),
  v6('Juniper PPP', 179, MGC, 0x00, hex('ff03 0057'), INNER6.bytes),
  v4('Juniper Frame Relay', 180, MGC, 0x00, hex('1841 03 cc'), INNER4.bytes),
  v4('Juniper HDLC', 181, MGC, 0x00, hex('0f00 0800'), INNER4.bytes),
  v4('Juniper ATM1, LLC', 137, MGC, hex('01 00000000'), SNAP4),
  v4('Juniper ATM2, multiplexed by channel', 135, MGC, hex('01 0000000000000000'), INNER4.bytes),
  v4('Juniper ATM2, PPP', 135, MGC, hex('01 0000000000000000 0021'), INNER4.bytes),
  v4('Juniper multilink PPP', 130, MGC, hex('01 0001 0021'), INNER4.bytes),
  v4('Juniper multilink Frame Relay', 131, MGC, hex('01 54000000 03 cc'), INNER4.bytes),
  v4('Juniper FRF.16', 134, MGC, hex('01 c001 1841 03 cc'), INNER4.bytes),
  v4('Juniper PPPoE over ATM', 168, MGC, hex('01 0800'), INNER4.bytes),
  v4('Juniper GGSN', 133, MGC, hex('01 0200 0000'), INNER4.bytes),
  v4('Juniper services', 136, MGC, 0x01, new Uint8Array(16), INNER4.bytes),
  v4('Juniper voice', 183, MGC, 0x01, new Uint8Array(18), INNER4.bytes),
]

export const LINKS: readonly Sample[] = [...ETHERNET, ...WIRELESS, ...POINT_TO_POINT, ...LOCAL, ...CAPTURED, ...JUNIPER]

/** Packets in no flow, and the reason that a report gives. */
export const SKIPPED: readonly { linkType: number; bytes: Uint8Array; reason: string }[] = [
  { linkType: 1, bytes: ethernet(arp('192.0.2.1', '192.0.2.2')), reason: 'not IP: ARP' },
  { linkType: 1, bytes: ethernet(raw(0x88cc, hex('0207'))), reason: 'not IP: LLDP' },
  { linkType: 1, bytes: ethernet(raw(0x8863, hex('1109 0000 0000'))), reason: 'not IP: PPPoE discovery' },
  { linkType: 1, bytes: ethernet(raw(0x88e5, hex('2c 00 00000001 0200000000010001 0800'))), reason: 'encrypted: MACsec' },
  { linkType: 1, bytes: join(mac(1), mac(2), u16(3), hex('42 42 03')), reason: 'not IP: spanning tree' },
  { linkType: 1, bytes: join(mac(1), mac(2), u16(8), hex('aaaa03 00000c 2000')), reason: 'not IP: CDP' },
  { linkType: 1, bytes: ethernet(raw(0x1234)), reason: 'not IP: EtherType 0x1234' },
  { linkType: 1, bytes: hex('020000'), reason: 'truncated: ends inside its link header' },
  { linkType: 1, bytes: ethernet(raw(0x0800, hex('45000014'))), reason: 'truncated: ends inside its IPv4 header' },
  { linkType: 105, bytes: hex('8000 0000'), reason: 'not IP: 802.11 management' },
  { linkType: 105, bytes: hex('d400 0000'), reason: 'not IP: 802.11 control' },
  { linkType: 105, bytes: wlan('4801', 3), reason: 'not IP: 802.11 without data' },
  { linkType: 105, bytes: wlan('0841', 3), reason: 'encrypted: 802.11 protected data' },
  { linkType: 9, bytes: hex('ff03 c021 0101 0004'), reason: 'not IP: LCP' },
  { linkType: 107, bytes: hex('1841 03 08 00'), reason: 'not IP: Q.933' },
  { linkType: 182, bytes: hex('8001 1841 03 cc'), reason: 'not IP: later fragment of a link frame' },
  { linkType: 129, bytes: hex('01 02 0000 d5 00 0001'), reason: 'not IP: ARP' },
  { linkType: 189, bytes: hex('00'), reason: 'not IP: USB (link type 189)' },
  { linkType: 187, bytes: hex('00'), reason: 'not IP: Bluetooth HCI (link type 187)' },
  { linkType: 195, bytes: hex('00'), reason: 'unsupported: IEEE 802.15.4 (link type 195)' },
  { linkType: 147, bytes: hex('00'), reason: 'unsupported: link type 147' },
  { linkType: 301, bytes: hex('00'), reason: 'unsupported: link type 301' },
  { linkType: 65_000, bytes: hex('00'), reason: 'unsupported: link type 65000' },
  { linkType: 192, bytes: hex('00 00 0800 2d010000'), reason: 'unsupported: link type 301' },
  { linkType: 101, bytes: hex('55'), reason: 'malformed: IP version 5' },
]
