// A report -> Zeek's logs conn, dns, ssl, http and notice: tab-separated as Zeek's ASCII writer does it, or JSON (docs.zeek.org, Zeek Log Formats).
// Fields and their order are those of Zeek 6; what a report does not know is unset.
import { dnsTypeName, responseCodeName } from '../names/dns-codes.ts'
import type { ExportFile, ExportFormat } from './format.ts'
import { icmpMessage } from './icmp.ts'
import type { ReportRows } from './report-rows.ts'
import type { ExportAlert, ExportFlow, ExportQuestion } from './rows.ts'
import { zeekUid } from './uid.ts'
import { formatJson, formatTsv, headOf, type ZeekField } from './zeek-writer.ts'

const unset = (name: string, type: ZeekField<unknown>['type']): ZeekField<unknown> => ({ name, type, value: () => null })

/** The fields that all logs of conversations begin with. */
function idOf<Row>(flowOf: (row: Row) => ExportFlow | null): ZeekField<Row>[] {
  return [
    { name: 'uid', type: 'string', value: (row) => (flowOf(row) === null ? null : zeekUid(flowOf(row)!.uid)) },
    { name: 'id.orig_h', type: 'addr', value: (row) => flowOf(row)?.client.address ?? null },
    { name: 'id.orig_p', type: 'port', value: (row) => portsOf(flowOf(row))[0] },
    { name: 'id.resp_h', type: 'addr', value: (row) => flowOf(row)?.server.address ?? null },
    { name: 'id.resp_p', type: 'port', value: (row) => portsOf(flowOf(row))[1] },
  ]
}

/** Zeek has in their place, of ICMP, the type of the message and that of its answer, or its code where nothing answers it. */
function portsOf(flow: ExportFlow | null): [number | null, number | null] {
  const icmp = flow === null ? null : icmpMessage(flow)
  return icmp === null ? [flow?.clientPort ?? null, flow?.serverPort ?? null] : [icmp.type, icmp.answer ?? icmp.code]
}

const protoOf = ({ transport }: ExportFlow): string =>
  transport === 'tcp' || transport === 'udp' ? transport : transport === 'icmp' || transport === 'icmpv6' ? 'icmp' : 'unknown_transport'

/** Zeek names services by what it recognised, never by the port. */
const serviceOf = ({ application, applicationSource }: ExportFlow): string | null =>
  applicationSource !== 'content' ? null : application === 'tls' ? 'ssl' : application

const CONN: ZeekField<ExportFlow>[] = [
  { name: 'ts', type: 'time', value: ({ firstUs }) => firstUs },
  ...idOf<ExportFlow>((flow) => flow),
  { name: 'proto', type: 'enum', value: protoOf },
  { name: 'service', type: 'string', value: serviceOf },
  { name: 'duration', type: 'interval', value: ({ firstUs, lastUs }) => (lastUs > firstUs ? lastUs - firstUs : null) },
  unset('orig_bytes', 'count'),
  unset('resp_bytes', 'count'),
  { name: 'conn_state', type: 'string', value: ({ state }) => state },
  { name: 'local_orig', type: 'bool', value: ({ client }) => client.isLocal },
  { name: 'local_resp', type: 'bool', value: ({ server }) => server.isLocal },
  unset('missed_bytes', 'count'),
  unset('history', 'string'),
  { name: 'orig_pkts', type: 'count', value: ({ clientPackets }) => clientPackets },
  { name: 'orig_ip_bytes', type: 'count', value: ({ clientBytes }) => clientBytes },
  { name: 'resp_pkts', type: 'count', value: ({ serverPackets }) => serverPackets },
  { name: 'resp_ip_bytes', type: 'count', value: ({ serverBytes }) => serverBytes },
  unset('tunnel_parents', 'set[string]'),
  { name: 'ip_proto', type: 'count', value: ({ protocol }) => protocol },
  { name: 'community_id', type: 'string', value: ({ communityId }) => communityId },
]

const DNS: ZeekField<ExportQuestion>[] = [
  { name: 'ts', type: 'time', value: ({ atUs }) => atUs },
  ...idOf<ExportQuestion>(({ flow }) => flow),
  { name: 'proto', type: 'enum', value: ({ flow }) => protoOf(flow) },
  unset('trans_id', 'count'),
  { name: 'rtt', type: 'interval', value: ({ answerUs }) => answerUs },
  { name: 'query', type: 'string', value: ({ name }) => name },
  unset('qclass', 'count'),
  unset('qclass_name', 'string'),
  { name: 'qtype', type: 'count', value: ({ type }) => numberOf(TYPES, type) },
  { name: 'qtype_name', type: 'string', value: ({ type }) => type },
  { name: 'rcode', type: 'count', value: ({ responseCode }) => (responseCode === null ? null : numberOf(RESPONSE_CODES, responseCode)) },
  { name: 'rcode_name', type: 'string', value: ({ responseCode }) => responseCode },
  unset('AA', 'bool'),
  unset('TC', 'bool'),
  unset('RD', 'bool'),
  unset('RA', 'bool'),
  unset('Z', 'count'),
  { name: 'answers', type: 'vector[string]', value: ({ answers }) => (answers === null || answers.length === 0 ? null : answers) },
  unset('TTLs', 'vector[interval]'),
  unset('rejected', 'bool'),
]

const SSL: ZeekField<ExportFlow>[] = [
  { name: 'ts', type: 'time', value: ({ firstUs }) => firstUs },
  ...idOf<ExportFlow>((flow) => flow),
  unset('version', 'string'),
  unset('cipher', 'string'),
  unset('curve', 'string'),
  { name: 'server_name', type: 'string', value: (flow) => nameFrom(flow, 'tls', 'quic', 'dtls') },
  unset('resumed', 'bool'),
  unset('last_alert', 'string'),
  unset('next_protocol', 'string'),
  unset('established', 'bool'),
  unset('ssl_history', 'string'),
  unset('cert_chain_fps', 'vector[string]'),
  unset('client_cert_chain_fps', 'vector[string]'),
  unset('sni_matches_cert', 'bool'),
  { name: 'ja4', type: 'string', value: ({ ja4 }) => ja4 },
]

type HttpRow = ExportFlow & { userAgent: string | null }

const HTTP: ZeekField<HttpRow>[] = [
  { name: 'ts', type: 'time', value: ({ firstUs }) => firstUs },
  ...idOf<HttpRow>((flow) => flow),
  { name: 'trans_depth', type: 'count', value: () => 1 },
  unset('method', 'string'),
  { name: 'host', type: 'string', value: (flow) => nameFrom(flow, 'http') },
  ...(['uri', 'referrer', 'version'] as const).map((name) => unset(name, 'string')),
  { name: 'user_agent', type: 'string', value: ({ userAgent }) => userAgent },
  unset('origin', 'string'),
  ...(['request_body_len', 'response_body_len', 'status_code'] as const).map((name) => unset(name, 'count')),
  unset('status_msg', 'string'),
  unset('info_code', 'count'),
  unset('info_msg', 'string'),
  { name: 'tags', type: 'set[enum]', value: () => [] },
  unset('username', 'string'),
  unset('password', 'string'),
  unset('proxied', 'set[string]'),
  ...['orig_fuids', 'orig_filenames', 'orig_mime_types', 'resp_fuids', 'resp_filenames', 'resp_mime_types'].map((name) =>
    unset(name, 'vector[string]'),
  ),
]

const NOTICE: ZeekField<ExportAlert>[] = [
  { name: 'ts', type: 'time', value: ({ firstUs }) => firstUs },
  // A notice names one connection only if there is only one.
  ...idOf<ExportAlert>(({ flows, firstFlow }) => (flows === 1 ? firstFlow : null)),
  unset('fuid', 'string'),
  unset('file_mime_type', 'string'),
  unset('file_desc', 'string'),
  { name: 'proto', type: 'enum', value: ({ flows, firstFlow }) => (flows === 1 && firstFlow ? protoOf(firstFlow) : null) },
  { name: 'note', type: 'enum', value: ({ rule }) => `Rtnvis::${rule.replace(/(^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, wordStart)}` },
  { name: 'msg', type: 'string', value: ({ title }) => title },
  { name: 'sub', type: 'string', value: (alert) => [alert.severity, alert.technique].filter((part) => part !== null).join(' ') },
  { name: 'src', type: 'addr', value: ({ source }) => source?.address ?? null },
  { name: 'dst', type: 'addr', value: ({ target }) => target?.address ?? null },
  unset('p', 'port'),
  { name: 'n', type: 'count', value: ({ flows }) => flows },
  unset('peer_descr', 'string'),
  { name: 'actions', type: 'set[enum]', value: () => ['Notice::ACTION_LOG'] },
  { name: 'email_dest', type: 'set[string]', value: () => [] },
  unset('suppress_for', 'interval'),
  ...['country_code', 'region', 'city'].map((name) => unset(`remote_location.${name}`, 'string')),
  ...['latitude', 'longitude'].map((name) => unset(`remote_location.${name}`, 'double')),
]

/** port-scan -> Port_Scan: the spelling of Zeek's notices. */
const wordStart = (_: string, before: string, letter: string): string => (before === '' ? '' : '_') + letter.toUpperCase()

/** The server's name if it was read from one of these. */
const nameFrom = ({ serverName, serverNameSource }: ExportFlow, ...sources: string[]): string | null =>
  serverNameSource !== null && sources.includes(serverNameSource) ? serverName : null

const LOGS = [
  { path: 'conn', fields: CONN as ZeekField<never>[] },
  { path: 'dns', fields: DNS as ZeekField<never>[] },
  { path: 'ssl', fields: SSL as ZeekField<never>[] },
  { path: 'http', fields: HTTP as ZeekField<never>[] },
  { path: 'notice', fields: NOTICE as ZeekField<never>[] },
] as const

function* rowsOf(report: ReportRows): Generator<[log: number, row: unknown]> {
  const agents = report.userAgents()
  for (const flow of report.flows()) {
    yield [0, flow]
    const { application, applicationSource } = flow
    if (applicationSource !== 'content') continue
    // Also TLS that began in another protocol: STARTTLS.
    if (application === 'tls' || application === 'quic' || application === 'dtls' || flow.ja4 !== null) yield [2, flow]
    if (application === 'http') yield [3, { ...flow, userAgent: agents.get(flow.client.id) ?? null } satisfies HttpRow]
  }
  for (const question of report.questions()) yield [1, question]
  for (const alert of report.alerts()) yield [4, alert]
}

function zeekFormat(files: readonly ExportFile[], format: (fields: readonly ZeekField<never>[], row: never) => string): ExportFormat {
  return {
    files,
    write(report, add) {
      for (const [log, row] of rowsOf(report)) add(log, format(LOGS[log].fields, row as never))
    },
  }
}

export const ZEEK = zeekFormat(
  LOGS.map(({ path, fields }) => ({ name: `${path}.log`, head: ({ firstUs }: ReportRows) => headOf(path, fields, firstUs ?? 0) })),
  formatTsv,
)

export const ZEEK_JSON = zeekFormat(
  LOGS.map(({ path }) => ({ name: `${path}.log` })),
  formatJson,
)

/** Names with a number, as the report spells them; the other spelling has the number in it: TYPE65280. */
const TYPES = numbersOf(dnsTypeName, [...Array(260).keys(), 32_768, 32_769])
const RESPONSE_CODES = numbersOf(responseCodeName, [...Array(32).keys()])

function numbersOf(nameOf: (number: number) => string, numbers: number[]): Map<string, number> {
  return new Map(numbers.map((number) => [nameOf(number), number]))
}

function numberOf(numbers: Map<string, number>, name: string): number | null {
  const written = /^(?:TYPE|RCODE)(\d{1,5})$/.exec(name)
  return numbers.get(name) ?? (written === null ? null : Number(written[1]))
}
