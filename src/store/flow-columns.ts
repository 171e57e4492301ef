// The columns of `flows`, each declared once; schema, writer, upgrade of older databases, live updates, API and the page's columns are derived from it.
// It imports types only, so that the page and the manual can read it.
import type { FlowSides } from '../flows/flow-sides.ts'
import type { FlowNames } from '../names/index.ts'

/**
 * How the page stores a column: `text` and `label` as numbers of distinct texts (labels numbered by bytes, most first), `host` as the row number of
 * the host, `port`, `time` and `count` as numbers, -1 for null, `sum` only as a part of the sums of bytes and packets.
 */
type PageKind = 'text' | 'label' | 'host' | 'port' | 'time' | 'count' | 'sum'

type Nullable = 'INTEGER' | 'TEXT'

/** A column that was added later is null in older databases. */
type Type =
  | {
      /** As in CREATE TABLE. */
      readonly sql: Nullable
      /** Added after schema version 1 was first released. */
      readonly isAdded: true
    }
  | { readonly sql: `${Nullable}${'' | ' NOT NULL' | ' NOT NULL REFERENCES hosts(id)'}`; readonly isAdded?: never }

export type FlowColumn = Type & {
  readonly name: string
  /** The comment in the schema and in the manual. */
  readonly about?: string
  /** True: sent to the page while a capture runs. False: only in the report on disk. */
  readonly isLive: boolean
  /** API fields derived from the column: name -> SQL expression. Default: the column under its own name; {}: none. */
  readonly api?: Readonly<Record<string, string>>
  readonly page?: PageKind
  value(flow: number, sides: FlowSides, names: FlowNames): string | number | null
}

const portOrNull = (port: number): number | null => (port < 0 ? null : port)

/** In the order of the table, after `id`, which counts from 1. Add new ones at the end: an upgrade of an older database adds them there. */
export const FLOW_COLUMNS = [
  {
    name: 'transport',
    sql: 'TEXT NOT NULL',
    about: 'tcp, udp, icmp, icmpv6, sctp, ... or ip-N',
    isLive: true,
    page: 'label',
    value: (flow, sides) => sides.transport(flow),
  },
  {
    name: 'protocol_number',
    sql: 'INTEGER NOT NULL',
    about: 'IANA protocol number',
    isLive: true,
    api: {},
    value: (flow, sides) => sides.protocol(flow),
  },
  {
    name: 'client_host_id',
    sql: 'INTEGER NOT NULL REFERENCES hosts(id)',
    about: 'who opened it: SYN, else the lesser-known port, else first seen',
    isLive: true,
    api: { client_ip: 'c.ip' },
    page: 'host',
    value: (flow, sides) => sides.client(flow) + 1,
  },
  {
    name: 'client_port',
    sql: 'INTEGER',
    about: 'null where there are none',
    isLive: true,
    page: 'port',
    value: (flow, sides) => portOrNull(sides.clientPort(flow)),
  },
  {
    name: 'server_host_id',
    sql: 'INTEGER NOT NULL REFERENCES hosts(id)',
    isLive: true,
    api: { server_ip: 's.ip' },
    page: 'host',
    value: (flow, sides) => sides.server(flow) + 1,
  },
  { name: 'server_port', sql: 'INTEGER', isLive: true, page: 'port', value: (flow, sides) => portOrNull(sides.serverPort(flow)) },
  { name: 'first_us', sql: 'INTEGER NOT NULL', isLive: true, page: 'time', value: (flow, sides) => sides.startUs(flow) },
  { name: 'last_us', sql: 'INTEGER NOT NULL', isLive: true, page: 'time', value: (flow, sides) => sides.endUs(flow) },
  {
    name: 'client_packets',
    sql: 'INTEGER NOT NULL',
    about: 'sent by the client',
    isLive: true,
    page: 'sum',
    value: (flow, sides) => sides.clientPackets(flow),
  },
  {
    name: 'server_packets',
    sql: 'INTEGER NOT NULL',
    about: 'sent by the server',
    isLive: true,
    page: 'sum',
    value: (flow, sides) => sides.serverPackets(flow),
  },
  { name: 'client_bytes', sql: 'INTEGER NOT NULL', isLive: true, page: 'count', value: (flow, sides) => sides.clientBytes(flow) },
  { name: 'server_bytes', sql: 'INTEGER NOT NULL', isLive: true, page: 'sum', value: (flow, sides) => sides.serverBytes(flow) },
  {
    name: 'client_tcp_flags',
    sql: 'INTEGER NOT NULL',
    about: 'all flags seen, OR-ed (FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128)',
    isLive: true,
    api: {},
    value: (flow, sides) => sides.clientFlags(flow),
  },
  { name: 'server_tcp_flags', sql: 'INTEGER NOT NULL', isLive: true, api: {}, value: (flow, sides) => sides.serverFlags(flow) },
  {
    name: 'state',
    sql: 'TEXT NOT NULL',
    about: "Zeek's conn_state: S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR, OTH",
    isLive: true,
    page: 'text',
    value: (flow, sides) => sides.state(flow),
  },
  {
    name: 'application',
    sql: 'TEXT',
    about: 'tls, http, dns, quic, ssh, ...; null when neither content nor port tells',
    isLive: true,
    page: 'label',
    value: (_flow, _sides, names) => names.application,
  },
  {
    name: 'application_source',
    sql: 'TEXT',
    about: 'content or port: how the application is known',
    isLive: false,
    api: {},
    value: (_flow, _sides, names) => names.applicationSource,
  },
  {
    name: 'server_name',
    sql: 'TEXT',
    about: 'best name for the server in this flow',
    isLive: true,
    page: 'text',
    value: (_flow, _sides, names) => names.serverName,
  },
  {
    name: 'server_name_source',
    sql: 'TEXT',
    about: 'tls, quic, http, dns, ...: where that name was read',
    isLive: false,
    api: {},
    value: (_flow, _sides, names) => names.serverNameSource,
  },
  {
    name: 'ja4',
    sql: 'TEXT',
    about: 'JA4 client fingerprint (TLS and QUIC)',
    isLive: false,
    page: 'text',
    value: (_flow, _sides, names) => names.ja4,
  },
  {
    name: 'tunnel',
    sql: 'TEXT',
    about: 'what the packets came wrapped in, outermost first; null for none',
    isLive: false,
    page: 'text',
    value: (flow, sides) => sides.tunnel(flow),
  },
  {
    name: 'first_frame',
    sql: 'INTEGER',
    about: "number of the packet at first_us in its capture, from 1: Wireshark's frame.number",
    isAdded: true,
    isLive: false,
    value: (flow, sides) => sides.firstFrame(flow),
  },
  {
    name: 'first_capture_id',
    sql: 'INTEGER',
    about: 'that capture (captures.id)',
    isAdded: true,
    isLive: false,
    api: {},
    value: (flow, sides) => sides.firstCapture(flow),
  },
  {
    name: 'last_frame',
    sql: 'INTEGER',
    about: 'of the packet at last_us, likewise',
    isAdded: true,
    isLive: false,
    value: (flow, sides) => sides.lastFrame(flow),
  },
  {
    name: 'last_capture_id',
    sql: 'INTEGER',
    isAdded: true,
    isLive: false,
    api: {},
    value: (flow, sides) => sides.lastCapture(flow),
  },
  {
    name: 'community_id',
    sql: 'TEXT',
    about: 'Community ID version 1, seed 0: the key of the conversation in Zeek, Suricata, Wireshark; null where its ports are not known',
    isAdded: true,
    isLive: false,
    value: (flow, sides) => sides.communityId(flow),
  },
] as const satisfies readonly FlowColumn[]

type Declared = (typeof FLOW_COLUMNS)[number]

/** client_port -> clientPort: the spelling in records and typed columns. */
export type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<CamelCase<Rest>>}` : Name

export function camelCase<Name extends string>(name: Name): CamelCase<Name> {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<Name>
}

type ValueOf<Sql extends string> =
  | (Sql extends `INTEGER${string}` ? number : string)
  | (Sql extends `${string}NOT NULL${string}` ? never : null)

type LiveColumn = Extract<Declared, { isLive: true }>

/** State of a conversation while a capture runs: the live columns of `flows`, camel case. */
export type LiveFlow = { id: number } & { [Column in LiveColumn as CamelCase<Column['name']>]: ValueOf<Column['sql']> }

export const LIVE_COLUMNS: readonly LiveColumn[] = FLOW_COLUMNS.filter((column): column is LiveColumn => column.isLive)

export type PageColumn<Kind extends PageKind = PageKind> = Extract<Declared, { page: Kind }>

/** The columns that the page reads. */
export const PAGE_COLUMNS: readonly PageColumn[] = FLOW_COLUMNS.filter((column): column is PageColumn => 'page' in column)

/** The page's columns of one of these kinds. */
export function pageColumns<Kind extends PageKind>(...kinds: readonly Kind[]): readonly PageColumn<Kind>[] {
  return PAGE_COLUMNS.filter((column): column is PageColumn<Kind> => (kinds as readonly PageKind[]).includes(column.page))
}
