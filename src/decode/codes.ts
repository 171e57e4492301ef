// Numbers of the protocols, by the names their registries give them.

/** Steps of the layer loop. */
export const Layer = {
  none: 0,
  ethernet: 1,
  linuxSll: 2,
  linuxSll2: 3,
  bsdNull: 4,
  rawIp: 5,
  vlan: 6,
  llc: 7,
  ipv4: 8,
  ipv6: 9,
  tcp: 10,
  udp: 11,
  icmp: 12,
  ports: 13,
} as const

/** https://www.tcpdump.org/linktypes.html */
export const LinkType = {
  null: 0,
  ethernet: 1,
  rawOpenBsd: 14,
  rawBsd: 12,
  raw: 101,
  loop: 108,
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const

/** IANA, IEEE 802 Numbers. */
export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
  oldQinQ: 0x9100,
} as const

/** IANA, Assigned Internet Protocol Numbers. */
export const Protocol = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  esp: 50,
  authentication: 51,
  icmpv6: 58,
  noNext: 59,
  destinationOptions: 60,
  ospf: 89,
  pim: 103,
  vrrp: 112,
  sctp: 132,
  mobility: 135,
  udpLite: 136,
  hip: 139,
  shim6: 140,
} as const

/** RFC 9293 3.1. */
export const TcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const

const TRANSPORT_NAMES = new Map<number, string>([
  [Protocol.icmp, 'icmp'],
  [Protocol.igmp, 'igmp'],
  [Protocol.ipv4, 'ipv4'],
  [Protocol.tcp, 'tcp'],
  [Protocol.udp, 'udp'],
  [Protocol.dccp, 'dccp'],
  [Protocol.ipv6, 'ipv6'],
  [Protocol.gre, 'gre'],
  [Protocol.esp, 'esp'],
  [Protocol.authentication, 'ah'],
  [Protocol.icmpv6, 'icmpv6'],
  [Protocol.ospf, 'ospf'],
  [Protocol.pim, 'pim'],
  [Protocol.vrrp, 'vrrp'],
  [Protocol.sctp, 'sctp'],
  [Protocol.udpLite, 'udplite'],
])

/** The name in flows.transport: tcp, udp, icmp, ... or ip-N. */
export function transportName(protocol: number): string {
  return TRANSPORT_NAMES.get(protocol) ?? `ip-${protocol}`
}
