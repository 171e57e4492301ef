// The words of the filter language: what may stand before a colon, what it means, and which values it takes.

/** What a value must look like. */
export type ValueKind = 'text' | 'address' | 'end' | 'bytes' | 'count' | 'port' | 'duration' | 'time'

export interface Field {
  readonly kind: ValueKind
  /** One line for completion and help. */
  readonly about: string
  readonly example: string
  /** Other spellings. */
  readonly aliases?: readonly string[]
}

/** Order is the order of completion. */
export const FIELDS = {
  country: { kind: 'text', about: 'Country of either end, as a two-letter code or its name', example: 'country:KE', aliases: ['cc'] },
  app: { kind: 'text', about: 'Application', example: 'app:tls', aliases: ['application', 'service'] },
  port: { kind: 'port', about: 'Port of either end', example: 'port:443' },
  host: { kind: 'text', about: 'A name or address of either end; * stands for anything', example: 'host:*.example.com' },
  ip: { kind: 'address', about: 'Address, network or range of either end', example: 'ip:10.0.0.0/8', aliases: ['addr', 'address'] },
  net: {
    kind: 'end',
    about: 'Network of either end: CIDR, or the name of its operator',
    example: 'net:192.0.2.0/24',
    aliases: ['network'],
  },
  asn: { kind: 'text', about: 'Autonomous system of either end: number or name', example: 'asn:13335', aliases: ['as'] },
  from: {
    kind: 'end',
    about: 'The client: address, network, name, country code or scope',
    example: 'from:10.0.0.0/8',
    aliases: ['client', 'src'],
  },
  to: { kind: 'end', about: 'The server: address, network, name, country code or scope', example: 'to:KE', aliases: ['server', 'dst'] },
  proto: { kind: 'text', about: 'Transport: tcp, udp, icmp, …', example: 'proto:udp', aliases: ['transport', 'protocol'] },
  name: { kind: 'text', about: 'Server name of the flow, or any name of either end', example: 'name:*.org', aliases: ['sni'] },
  dns: { kind: 'text', about: 'Name asked for in the flow’s DNS questions', example: 'dns:*.example.com' },
  state: { kind: 'text', about: 'How the connection went (Zeek’s conn_state)', example: 'state:S0' },
  alert: {
    kind: 'text',
    about: 'Flows an alert shows: any, none, a severity or a rule',
    example: 'alert:any',
    aliases: ['alerts', 'rule'],
  },
  place: { kind: 'text', about: 'Place of either end', example: 'place:"Berlin, Germany"', aliases: ['city'] },
  is: { kind: 'text', about: 'located, unlocated, local (both ends at the origin), ipv4, ipv6', example: 'is:unlocated' },
  scope: { kind: 'text', about: 'Kind of address of either end: public, private, multicast, …', example: 'scope:multicast' },
  ja4: { kind: 'text', about: 'JA4 fingerprint of the client', example: 'ja4:t13d*' },
  tunnel: { kind: 'text', about: 'What the packets came wrapped in; any or none', example: 'tunnel:any' },
  bytes: { kind: 'bytes', about: 'Bytes of the flow', example: 'bytes>1M', aliases: ['size'] },
  packets: { kind: 'count', about: 'Packets of the flow', example: 'packets>100' },
  length: { kind: 'bytes', about: 'Length of a frame of the flow, of the packets the report keeps', example: 'length>1518' },
  duration: { kind: 'duration', about: 'From its first packet to its last', example: 'duration>10s' },
  time: { kind: 'time', about: 'Seen within a time: since the start, or UTC', example: 'time:30s..45s' },
  flow: { kind: 'count', about: 'Number of the flow', example: 'flow:12', aliases: ['id'] },
} as const satisfies Record<string, Field>

export type FieldName = keyof typeof FIELDS

const BY_WORD = new Map<string, FieldName>(
  Object.entries(FIELDS).flatMap(([name, field]) =>
    [name, ...('aliases' in field ? field.aliases : [])].map((word): [string, FieldName] => [word, name as FieldName]),
  ),
)

/** The field a word stands for, in any case, or null. */
export function fieldOf(word: string): FieldName | null {
  return BY_WORD.get(word.toLowerCase()) ?? null
}

/** Fields whose values are compared as numbers: they take >, <, >=, <= and ranges a..b. */
export function isNumeric(field: FieldName): boolean {
  return ['bytes', 'count', 'port', 'duration', 'time'].includes(FIELDS[field].kind)
}
