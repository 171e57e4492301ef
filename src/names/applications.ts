// Applications that are recognised by content. Names follow Zeek's service names where Zeek has one, as in src/flows/services.ts.

/** Index: application code; 0 is unknown. */
export const APPLICATIONS = [
  '',
  'tls',
  'quic',
  'dtls',
  'http',
  'http2',
  'dns',
  'mdns',
  'llmnr',
  'nbns',
  'nbdgm',
  'dhcp',
  'dhcpv6',
  'ssh',
  'smtp',
  'imap',
  'pop3',
  'ftp',
  'ssdp',
  'rtsp',
  'sip',
  'vnc',
  'amqp',
  'xmpp',
  'irc',
  'smb',
  'ldap',
  'kerberos',
  'rdp',
  's7comm',
  'dcerpc',
  'dnp3',
  'socks',
  'mqtt',
  'bittorrent',
  'redis',
  'iec104',
  'bgp',
  'telnet',
  'mysql',
  'postgresql',
  'mongodb',
  'modbus',
  'stun',
  'ntp',
  'snmp',
  'radius',
  'wireguard',
  'openvpn',
  'tftp',
  'syslog',
  'ike',
  'ethernet-ip',
] as const

export type Application = (typeof APPLICATIONS)[number]

const CODES = new Map<string, number>(APPLICATIONS.map((name, code) => [name, code]))

export function applicationCode(application: Application): number {
  return CODES.get(application)!
}
