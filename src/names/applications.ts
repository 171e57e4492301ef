// Applications that can be told by content. Names follow Zeek's service names where Zeek has one, as src/flows/services.ts does.

/** By code; 0 is unknown. */
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
] as const

export type Application = (typeof APPLICATIONS)[number]

const CODES = new Map<string, number>(APPLICATIONS.map((name, code) => [name, code]))

export function applicationCode(application: Application): number {
  return CODES.get(application)!
}
