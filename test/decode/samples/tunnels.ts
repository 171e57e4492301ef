// Every tunnel, built from its specification; the outer addresses are the same throughout.
import { ethernet, hex, ipv4, ipv6, join, type Layer, mac, raw, u16, udp } from '../../support/build.ts'
import { FLOW4, FLOW6, INNER4, INNER6, type Sample } from './sample.ts'

const outer4 = (inner: Layer): Uint8Array => ethernet(ipv4('203.0.113.1', '203.0.113.2', inner))
const outer6 = (inner: Layer): Uint8Array => ethernet(ipv6('2001:db8:f::1', '2001:db8:f::2', inner))
const FRAME4 = ethernet(INNER4)
const SNAP4 = join(hex('aaaa03 000000 0800'), INNER4.bytes)

const v4 = (name: string, tunnel: string, bytes: Uint8Array): Sample => ({ name, linkType: 1, bytes, flow: FLOW4, tunnel })
const v6 = (name: string, tunnel: string, bytes: Uint8Array): Sample => ({ name, linkType: 1, bytes, flow: FLOW6, tunnel })
const gre = (...parts: Uint8Array[]): Layer => raw(47, ...parts)
const over = (port: number, ...parts: Uint8Array[]): Layer => udp(50_000, port, join(...parts))

const IP_PROTOCOLS: Sample[] = [
  v4('IP in IP', 'ipip', outer4(raw(4, INNER4.bytes))),
  v6('6in4', '6in4', outer4(raw(41, INNER6.bytes))),
  v4('4in6', '4in6', outer6(raw(4, INNER4.bytes))),
  v6('6in6', '6in6', outer6(raw(41, INNER6.bytes))),
  v4('AX.25 in IP', 'ax25', outer4(raw(93, new Uint8Array(13), hex('01 03 cc'), INNER4.bytes))),
  v4('EtherIP', 'etherip', outer4(raw(97, hex('3000'), FRAME4))),
  v4('MPLS in IP', 'mpls', outer4(raw(137, hex('00065140'), INNER4.bytes))),
  v4('Ethernet in SRv6', 'srv6', outer6(raw(143, FRAME4))),
  v4('PIM register', 'pim-register', outer4(raw(103, hex('2100 def8 00000000'), INNER4.bytes))),
  v4('L2TPv3 over IP', 'l2tpv3', outer4(raw(115, hex('00000007'), FRAME4))),
  v4('L2TPv3 with cookie and sublayer', 'l2tpv3', outer4(raw(115, hex('00000007 01020304 40000000'), FRAME4))),
]

const GRE: Sample[] = [
  v4('GRE', 'gre', outer4(gre(hex('0000 0800'), INNER4.bytes))),
  v6('GRE, all options', 'gre', outer4(gre(hex('b000 86dd 0000 0000 00000001 00000001'), INNER6.bytes))),
  v4('GRE, source routed', 'gre', outer4(gre(hex('4000 0800 0000 0000 0800 00 04 cb007103 0000 00 00'), INNER4.bytes))),
  v4('GRE over IPv6', 'gre', outer6(gre(hex('0000 0800'), INNER4.bytes))),
  v4('GRE, MPLS', 'gre', outer4(gre(hex('0000 8847 00065140'), INNER4.bytes))),
  v4('GRE, Cisco metadata', 'gre', outer4(gre(hex('0000 8909 0800 01 01 0001 0000'), INNER4.bytes))),
  v4('PPTP', 'pptp', outer4(gre(hex('3081 880b'), u16(2 + INNER4.bytes.length), hex('0001 00000001 00000001 0021'), INNER4.bytes))),
  v4('NVGRE', 'nvgre', outer4(gre(hex('2000 6558 00000100'), FRAME4))),
  v4('Ethernet in GRE', 'gre', outer4(gre(hex('0000 6558'), FRAME4))),
  v4('EoIP', 'eoip', outer4(gre(hex('2001 6400'), u16(FRAME4.length), hex('0100'), FRAME4))),
  v4('WCCP', 'wccp', outer4(gre(hex('0000 883e'), INNER4.bytes))),
  v4('WCCP with redirect header', 'wccp', outer4(gre(hex('0000 883e 00000000'), INNER4.bytes))),
  v4('ERSPAN I', 'erspan', outer4(gre(hex('0000 88be'), FRAME4))),
  v4('ERSPAN II', 'erspan', outer4(gre(hex('1000 88be 00000001 10000001 00000000'), FRAME4))),
  v4('ERSPAN III', 'erspan', outer4(gre(hex('1000 22eb 00000001 20000001 00000000 0000 0000'), FRAME4))),
  v4('ERSPAN III with subheader', 'erspan', outer4(gre(hex('1000 22eb 00000001 20000001 00000000 0000 0001 0000000000000000'), FRAME4))),
]

const IPV4_CHECKED = (bytes: Uint8Array): Uint8Array => join(hex('0003 0000 00000007'), bytes)
const QOS_TO_DS = hex('8801')
const wlan = (control: Uint8Array): Uint8Array => join(control, u16(0), mac(1), mac(2), mac(3), u16(0), u16(0), SNAP4)

const UDP: Sample[] = [
  v4('VXLAN', 'vxlan', outer4(over(4789, hex('08000000 00000100'), FRAME4))),
  v4('VXLAN without its flag', 'vxlan', outer4(over(4789, hex('00000000 00000100'), FRAME4))),
  v4('VXLAN over IPv6', 'vxlan', outer6(over(4789, hex('08000000 00000100'), FRAME4))),
  v4('VXLAN, 802.1Q inside', 'vxlan', outer4(over(4789, hex('08000000 00000100'), mac(1), mac(2), hex('8100 0007 0800'), INNER4.bytes))),
  v4('VXLAN on the port of Linux', 'vxlan', outer4(over(8472, hex('08000000 00000100'), FRAME4))),
  v4('VXLAN-GPE', 'vxlan-gpe', outer4(over(4790, hex('0c000001 00000100'), INNER4.bytes))),
  v4('VXLAN-GPE, NSH', 'vxlan-gpe', outer4(over(4790, hex('0c000004 00000100 0fc2 02 03 00000101'), FRAME4))),
  v4('Geneve', 'geneve', outer4(over(6081, hex('0000 6558 00000100'), FRAME4))),
  v4('Geneve from a port that a hash chose', 'geneve', outer4(udp(53, 6081, join(hex('0000 6558 00000100'), FRAME4)))),
  v4('VXLAN from a port that a hash chose', 'vxlan', outer4(udp(443, 4789, join(hex('08000000 00000100'), FRAME4)))),
  v6('Geneve with options', 'geneve', outer4(over(6081, hex('0200 86dd 00000100 0001 01 01 00000000'), INNER6.bytes))),
  v4('GTP-U', 'gtp', outer4(over(2152, hex('30ff'), u16(INNER4.bytes.length), hex('00000001'), INNER4.bytes))),
  v6('GTP-U with sequence', 'gtp', outer4(over(2152, hex('32ff'), u16(4 + INNER6.bytes.length), hex('00000001 0001 00 00'), INNER6.bytes))),
  v4(
    'GTP-U, extension',
    'gtp',
    outer4(over(2152, hex('34ff'), u16(8 + INNER4.bytes.length), hex('00000001 0000 00 85 01 00 00 00'), INNER4.bytes)),
  ),
  v4(
    'GTP version 0',
    'gtp',
    outer4(over(3386, hex('1eff'), u16(INNER4.bytes.length), hex('0000 0000 00ffffff 0000000000000000'), INNER4.bytes)),
  ),
  v4('L2TP', 'l2tp', outer4(over(1701, hex('0002 0001 0001 ff03 0021'), INNER4.bytes))),
  v4('L2TP, length, sequence, offset', 'l2tp', outer4(over(1701, hex('4a02 0060 0001 0001 0000 0000 0002 0000 0021'), INNER4.bytes))),
  v4('L2TPv3 over UDP', 'l2tpv3', outer4(over(1701, IPV4_CHECKED(FRAME4)))),
  v4('CAPWAP, 802.11', 'capwap', outer4(over(5247, hex('00 10 03 00 0000 0000'), wlan(QOS_TO_DS)))),
  v4('CAPWAP, 802.11 with exchanged frame control', 'capwap', outer4(over(5247, hex('00 10 03 00 0000 0000'), wlan(hex('0188'))))),
  v4('CAPWAP, 802.3', 'capwap', outer4(over(5247, hex('00 10 02 00 0000 0000'), FRAME4))),
  v4('LWAPP', 'lwapp', outer4(over(12_222, hex('00 00 0000 0000'), wlan(hex('0188'))))),
  v6('AYIYA', 'ayiya', outer4(over(5072, hex('41 50 01 29 00000000'), new Uint8Array(36), INNER6.bytes))),
  v6('Teredo', 'teredo', outer4(over(3544, INNER6.bytes))),
  v6(
    'Teredo, authentication and origin',
    'teredo',
    outer4(over(3544, hex('0001 00 00 0000000000000000 00 0000 d5d9 34ff8efd'), INNER6.bytes)),
  ),
  v4('LISP', 'lisp', outer4(over(4341, hex('80000000 00000001'), INNER4.bytes))),
  v4('MPLS in UDP', 'mpls', outer4(over(6635, hex('00065140'), INNER4.bytes))),
  v4('GRE in UDP', 'gre', outer4(over(4754, hex('0000 0800'), INNER4.bytes))),
  v4('AMT data', 'amt', outer4(over(2268, hex('06 00'), INNER4.bytes))),
  v4('TZSP', 'tzsp', outer4(over(37_008, hex('01 00 0001 01'), FRAME4))),
]

const vxlan = (inner: Layer): Layer => over(4789, hex('08000000 00000100'), ethernet(inner))
const NESTED: Sample[] = [
  v4('VXLAN in GRE', 'gre/vxlan', outer4(gre(hex('0000 0800'), ipv4('203.0.113.3', '203.0.113.4', vxlan(INNER4)).bytes))),
  v4('IP in IP in VXLAN', 'vxlan/ipip', outer4(vxlan(ipv4('203.0.113.3', '203.0.113.4', raw(4, INNER4.bytes))))),
]

export const TUNNELS: readonly Sample[] = [...IP_PROTOCOLS, ...GRE, ...UDP, ...NESTED]

const OUTER = '203.0.113.1:50000 > 203.0.113.2'
const kept = (name: string, port: number, flow: string, ...parts: Uint8Array[]): Sample => ({
  name,
  linkType: 1,
  bytes: outer4(over(port, ...parts)),
  flow,
  tunnel: null,
})

/** VXLAN with a UDP length of 7. */
function shortUdp(): Uint8Array {
  const bytes = outer4(vxlan(INNER4))
  bytes.set(u16(7), 14 + 20 + 4)
  return bytes
}

/** What looks like a tunnel and is none, or has no IP inside: the packet is its outer header's. */
export const NO_TUNNELS: readonly Sample[] = [
  kept('VXLAN with ARP inside', 4789, `${OUTER}:4789 17`, hex('08000000 00000100'), mac(1), mac(2), hex('0806 0001')),
  kept('another protocol on the port of Linux', 8472, `${OUTER}:8472 17`, hex('08000000 00000101'), FRAME4),
  kept('Geneve, options beyond the end', 6081, `${OUTER}:6081 17`, hex('3f00 0800 00000100'), INNER4.bytes),
  {
    ...kept('an answer of DNS to port 6081', 6081, '203.0.113.1:53 > 203.0.113.2:6081 17'),
    bytes: outer4(udp(53, 6081, hex('0000 8180 0001 0000 0000 0000 01 61 00 0001 0001'))),
  },
  kept('GTP-U echo', 2152, `${OUTER}:2152 17`, hex('3201 0004 00000000 0001 0000')),
  kept('GTP-U, endless extensions', 2152, `${OUTER}:2152 17`, hex('34ff 0008 00000001 0000 00 85 00 00 00 85'), INNER4.bytes),
  kept('L2TP control', 1701, `${OUTER}:1701 17`, hex('c802 000c 0001 0000 0000 0000')),
  kept('CAPWAP over DTLS', 5247, `${OUTER}:5247 17`, hex('01 00 0000 17fefd 0001')),
  kept('Teredo, an IPv4 header inside', 3544, `${OUTER}:3544 17`, INNER4.bytes),
  { ...kept('UDP length below its header', 4789, `${OUTER}:4789 17`, hex('08000000 00000100'), FRAME4), bytes: shortUdp() },
  kept('WireGuard', 51_820, `${OUTER}:51820 17`, hex('04000000 00000001 0000000000000000')),
  kept('a client that happens to use 4789', 53, `${OUTER}:53 17`, FRAME4),
  { name: 'GRE keepalive', linkType: 1, bytes: outer4(gre(hex('0000 0000'))), flow: '203.0.113.1:-1 > 203.0.113.2:-1 47', tunnel: null },
  { name: 'ESP', linkType: 1, bytes: outer4(raw(50, new Uint8Array(32))), flow: '203.0.113.1:-1 > 203.0.113.2:-1 50', tunnel: null },
]
