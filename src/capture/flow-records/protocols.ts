// Names of protocols as programs print them -> IANA numbers. Names of /etc/protocols, in any case.

const NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ icmp: 1, igmp: 2, ipip: 4, tcp: 6, egp: 8, igp: 9, udp: 17, dccp: 33, ipv6: 41, rsvp: 46, gre: 47, esp: 50, ah: 51 },
    ...{
      icmp6: 58,
      'ipv6-icmp': 58,
      icmpv6: 58,
      eigrp: 88,
      ospf: 89,
      ospfigp: 89,
      pim: 103,
      vrrp: 112,
      l2tp: 115,
      sctp: 132,
      udpl: 136,
      udplite: 136,
    },
  }),
)

/** @returns NaN for an unknown name */
export function protocolOf(text: string): number {
  return NUMBERS.get(text.toLowerCase()) ?? (/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN)
}
