// The syntax of Wireshark's display filters and of tcpdump's capture filters (pcap-filter(7)), for packets.ts.

import { ownValue } from '../own-value.ts'
import { formatKey, networkLength } from './address.ts'
import type { Range } from './values.ts'

export interface Dialect {
  and: string
  or: string
  not: string
  /** Null: this dialect cannot express it. */
  transport(name: string): string | null
  application(name: string): string | null
  port(range: Range): string
  addresses(ips: readonly string[]): string
  network(first: string, last: string): string | null
  time(fromUs: number, toUs: number): string | null
  name(text: string): string | null
  conversation(flow: Conversation): string
}

interface Conversation {
  client: string
  server: string
  clientPort: number | null
  serverPort: number | null
  transport: string
}

const is6 = (ip: string): boolean => ip.includes(':')

/** Names of transports in the database -> names in Wireshark. */
const WIRESHARK_TRANSPORTS: Record<string, string> = {
  tcp: 'tcp',
  udp: 'udp',
  sctp: 'sctp',
  icmp: 'icmp',
  icmpv6: 'icmpv6',
  igmp: 'igmp',
  gre: 'gre',
  esp: 'esp',
  ah: 'ah',
  ospf: 'ospf',
  pim: 'pim',
  vrrp: 'vrrp',
  dccp: 'dccp',
  udplite: 'udp',
}

/** Applications with a different name in Wireshark. */
const WIRESHARK_APPLICATIONS: Record<string, string> = Object.fromEntries(
  'tls http http2 dns mdns llmnr quic ssh smtp imap pop ftp telnet ntp dhcp dhcpv6 snmp sip rtsp rtp stun ldap kerberos mqtt rdp mysql pgsql radius syslog tftp nbns nbss smb smb2 ssdp bgp coap amqp redis dtls rtcp socks x11 irc vnc openvpn wg modbus bittorrent whois'
    .split(' ')
    .map((name) => [name, name]),
)
Object.assign(WIRESHARK_APPLICATIONS, {
  pop3: 'pop',
  smb: 'smb || smb2',
  postgresql: 'pgsql',
  postgres: 'pgsql',
  wireguard: 'wg',
  netbios: 'nbns',
  'netbios-ns': 'nbns',
})

/** A quoted string of a display filter. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

export const WIRESHARK: Dialect = {
  and: '&&',
  or: '||',
  not: '!',
  transport: (name) =>
    ownValue(WIRESHARK_TRANSPORTS, name) ?? (/^ip-\d+$/.test(name) ? `ip.proto == ${name.slice(3)} || ipv6.nxt == ${name.slice(3)}` : null),
  application: (name) => ownValue(WIRESHARK_APPLICATIONS, name) ?? null,
  port(range) {
    const [from, to] = portsOf(range)
    const one = (transport: string) => (from === to ? `${transport}.port == ${from}` : `${transport}.port in {${from}..${to}}`)
    return ['tcp', 'udp', 'sctp'].map(one).join(' || ')
  },
  addresses(ips) {
    const one = (field: string, list: string[]) => (list.length === 1 ? `${field} == ${list[0]}` : `${field} in {${list.join(', ')}}`)
    const [v4, v6] = [ips.filter((ip) => !is6(ip)), ips.filter(is6)]
    return [v4.length > 0 ? one('ip.addr', v4) : '', v6.length > 0 ? one('ipv6.addr', v6) : ''].filter(Boolean).join(' || ')
  },
  network(first, last) {
    const network = networkOf(first, last)
    return network && `${is6(network) ? 'ipv6' : 'ip'}.addr == ${network}`
  },
  time(fromUs, toUs) {
    const ends = [
      Number.isFinite(fromUs) ? `frame.time_epoch >= ${seconds(fromUs)}` : '',
      Number.isFinite(toUs) ? `frame.time_epoch <= ${seconds(toUs)}` : '',
    ].filter(Boolean)
    return ends.length > 0 ? ends.join(' && ') : null
  },
  name(text) {
    const fields = ['tls.handshake.extensions_server_name', 'http.host', 'dns.qry.name']
    const pattern = `(?i)^${[...text].map((one) => (one === '*' ? '.*' : one === '?' ? '.' : one.replace(/[\\^$.|+()[\]{}]/g, '\\$&'))).join('')}$`
    // biome-ignore lint/suspicious/noControlCharactersInRegex: names from the network may contain any character
    if (/[\u0000-\u001f\u007f]/.test(text)) return null
    return fields
      .map((field) => (/[*?]/.test(text) ? `${field} matches ${quoted(pattern)}` : `lower(${field}) == ${quoted(text.toLowerCase())}`))
      .join(' || ')
  },
  conversation({ client, server, clientPort, serverPort, transport }) {
    const family = is6(client) ? 'ipv6' : 'ip'
    const parts = [`${family}.addr == ${client}`, `${family}.addr == ${server}`]
    const name = ownValue(WIRESHARK_TRANSPORTS, transport)
    if (name && clientPort !== null && serverPort !== null && ['tcp', 'udp', 'sctp'].includes(name))
      parts.push(`${name}.port == ${clientPort}`, `${name}.port == ${serverPort}`)
    else if (name) parts.push(name)
    return parts.join(' && ')
  },
}

/** Transports with a keyword in pcap-filter(7); others are written as numbers. */
const BPF_TRANSPORTS: Record<string, string> = {
  tcp: 'tcp',
  udp: 'udp',
  icmp: 'icmp',
  icmpv6: 'icmp6',
  sctp: 'sctp',
  igmp: 'igmp',
  pim: 'pim',
  vrrp: 'vrrp',
  ah: 'ah',
  esp: 'esp',
}
const NUMBERS: Record<string, number> = { gre: 47, ospf: 89, udplite: 136, dccp: 33 }

export const BPF: Dialect = {
  and: 'and',
  or: 'or',
  not: 'not ',
  transport(name) {
    const word = ownValue(BPF_TRANSPORTS, name)
    if (word !== undefined) return word
    const number = ownValue(NUMBERS, name) ?? (/^ip-\d+$/.test(name) ? Number(name.slice(3)) : null)
    return number === null ? null : `ip proto ${number} or ip6 proto ${number}`
  },
  application: () => null,
  port(range) {
    const [from, to] = portsOf(range)
    return from === to ? `port ${from}` : `portrange ${from}-${to}`
  },
  addresses: (ips) => ips.map(hostOf).join(' or '),
  network(first, last) {
    const network = networkOf(first, last)
    return network && (network.includes('/') ? `${is6(network) ? 'ip6' : 'ip'} net ${network}` : hostOf(network))
  },
  time: () => null,
  name: () => null,
  conversation({ client, server, clientPort, serverPort, transport }: Conversation) {
    const parts = [hostOf(client), hostOf(server)]
    if (clientPort !== null && serverPort !== null) parts.push(`port ${clientPort}`, `port ${serverPort}`)
    const name = ownValue(BPF_TRANSPORTS, transport)
    return [...(name ? [name] : []), ...parts].join(' and ')
  },
}

/** With the protocol, because `host` alone would also match ARP. */
function hostOf(ip: string): string {
  return `${is6(ip) ? 'ip6' : 'ip'} host ${ip}`
}

function portsOf({ from, to }: Range): [number, number] {
  return [Math.max(0, Math.min(65_535, from)), Math.max(0, Math.min(65_535, to))]
}

function seconds(us: number): string {
  return `${Math.floor(us / 1e6)}.${String(us - Math.floor(us / 1e6) * 1e6).padStart(6, '0')}`
}

/** "10.0.0.0/8" or one address; null when the range is not a network. */
function networkOf(first: string, last: string): string | null {
  const length = networkLength(first, last)
  if (length === null) return null
  const address = formatKey(first)
  const whole = is6(address) ? 128 : 32
  return length === whole ? address : `${address}/${length}`
}
