// The tables of a lake: their columns, and the value of each in a row of a report. The Parquet files (parquet.ts) and the tables of ClickHouse
// (clickhouse-ddl.ts) are both made from this declaration.
import type { ReportRows } from './report-rows.ts'
import type { ExportAlert, ExportFlow, ExportHost, ExportIdentity, ExportLink, ExportName, ExportQuestion } from './rows.ts'
import { zeekUid } from './uid.ts'

/** Microseconds since the epoch are `time`; a `word` is a text of which there are few; `int` has 32 bits, `long` 64. */
export type Kind = 'text' | 'word' | 'time' | 'int' | 'long' | 'double'

export interface LakeColumn<Row> {
  readonly name: string
  readonly kind: Kind
  /** Null where it is not known. */
  readonly isOptional: boolean
  /** Of columns whose values rarely repeat; the others have dictionaries in Parquet where these pay. */
  readonly encoding?: 'DELTA_BYTE_ARRAY' | 'DELTA_BINARY_PACKED'
  value(row: Row): string | number | null
}

export interface LakeTable<Row> {
  readonly name: string
  /** The column with timeOf(). */
  readonly time: string
  readonly columns: readonly LakeColumn<Row>[]
  rows(report: ReportRows): Iterable<Row>
  /** The file of a row is that of this time's day, and rows are in its order. */
  timeOf(row: Row): number
}

type Encoding = NonNullable<LakeColumn<unknown>['encoding']>

function column<Row>(name: string, kind: Kind, value: (row: Row) => string | number, encoding?: Encoding): LakeColumn<Row> {
  return { name, kind, isOptional: false, value, ...(encoding && { encoding }) }
}

function optional<Row>(name: string, kind: Kind, value: LakeColumn<Row>['value'], encoding?: Encoding): LakeColumn<Row> {
  return { name, kind, isOptional: true, value, ...(encoding && { encoding }) }
}

/** Of a host beside its address; the origin is no location. */
function hostColumns<Row>(prefix: string, hostOf: (row: Row) => ExportHost | null): LakeColumn<Row>[] {
  const placeOf = (row: Row) => {
    const place = hostOf(row)?.place ?? null
    return place?.precision === 'origin' ? null : place
  }
  return [
    optional(`${prefix}scope`, 'word', (row) => hostOf(row)?.scope ?? null),
    optional(prefix === '' ? 'name' : `${prefix}host_name`, 'text', (row) => hostOf(row)?.name ?? null),
    optional(`${prefix}country_code`, 'word', (row) => placeOf(row)?.countryCode ?? null),
    optional(`${prefix}city`, 'word', (row) => placeOf(row)?.city ?? null),
    optional(`${prefix}latitude_deg`, 'double', (row) => placeOf(row)?.latitudeDeg ?? null),
    optional(`${prefix}longitude_deg`, 'double', (row) => placeOf(row)?.longitudeDeg ?? null),
    optional(`${prefix}asn`, 'long', (row) => hostOf(row)?.asn ?? null),
    optional(`${prefix}as_name`, 'word', (row) => hostOf(row)?.asName ?? null),
  ]
}

const FLOWS: LakeTable<ExportFlow> = {
  name: 'flows',
  time: 'first',
  rows: (report) => report.flows(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('uid', 'text', ({ uid }) => zeekUid(uid), 'DELTA_BYTE_ARRAY'),
    column('first', 'time', ({ firstUs }) => firstUs, 'DELTA_BINARY_PACKED'),
    column('last', 'time', ({ lastUs }) => lastUs, 'DELTA_BINARY_PACKED'),
    column('transport', 'word', ({ transport }) => transport),
    column('protocol_number', 'int', ({ protocol }) => protocol),
    column('client_ip', 'text', ({ client }) => client.ip),
    optional('client_port', 'int', ({ clientPort }) => clientPort, 'DELTA_BINARY_PACKED'),
    column('server_ip', 'text', ({ server }) => server.ip),
    optional('server_port', 'int', ({ serverPort }) => serverPort),
    column('client_packets', 'long', ({ clientPackets }) => clientPackets),
    column('server_packets', 'long', ({ serverPackets }) => serverPackets),
    column('client_bytes', 'long', ({ clientBytes }) => clientBytes, 'DELTA_BINARY_PACKED'),
    column('server_bytes', 'long', ({ serverBytes }) => serverBytes, 'DELTA_BINARY_PACKED'),
    column('client_tcp_flags', 'int', ({ clientFlags }) => clientFlags),
    column('server_tcp_flags', 'int', ({ serverFlags }) => serverFlags),
    column('state', 'word', ({ state }) => state),
    optional('application', 'word', ({ application }) => application),
    optional('application_source', 'word', ({ applicationSource }) => applicationSource),
    optional('server_name', 'text', ({ serverName }) => serverName),
    optional('server_name_source', 'word', ({ serverNameSource }) => serverNameSource),
    optional('ja4', 'word', ({ ja4 }) => ja4),
    optional('tunnel', 'word', ({ tunnel }) => tunnel),
    optional('community_id', 'text', ({ communityId }) => communityId),
    ...hostColumns<ExportFlow>('client_', ({ client }) => client),
    ...hostColumns<ExportFlow>('server_', ({ server }) => server),
  ],
}

const HOSTS: LakeTable<ExportHost> = {
  name: 'hosts',
  time: 'first',
  rows: (report) => report.hosts.values(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('ip', 'text', ({ ip }) => ip),
    column('first', 'time', ({ firstUs }) => firstUs),
    column('last', 'time', ({ lastUs }) => lastUs),
    column('sent_packets', 'long', ({ sentPackets }) => sentPackets),
    column('received_packets', 'long', ({ receivedPackets }) => receivedPackets),
    column('sent_bytes', 'long', ({ sentBytes }) => sentBytes),
    column('received_bytes', 'long', ({ receivedBytes }) => receivedBytes),
    ...hostColumns<ExportHost>('', (host) => host),
  ],
}

const NAMES: LakeTable<ExportName> = {
  name: 'names',
  time: 'first',
  rows: (report) => report.names(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('ip', 'text', ({ host }) => host.ip),
    column('name', 'text', ({ name }) => name),
    column('source', 'word', ({ source }) => source),
    column('first', 'time', ({ firstUs }) => firstUs),
    column('count', 'long', ({ count }) => count),
  ],
}

const IDENTITIES: LakeTable<ExportIdentity> = {
  name: 'identities',
  time: 'first',
  rows: (report) => report.identities(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('ip', 'text', ({ host }) => host.ip),
    column('kind', 'word', ({ kind }) => kind),
    column('value', 'text', ({ value }) => value),
    column('source', 'word', ({ source }) => source),
    column('first', 'time', ({ firstUs }) => firstUs),
    column('count', 'long', ({ count }) => count),
  ],
}

const DNS: LakeTable<ExportQuestion> = {
  name: 'dns',
  time: 'at',
  rows: (report) => report.questions(),
  timeOf: ({ atUs }) => atUs,
  columns: [
    column('uid', 'text', ({ flow }) => zeekUid(flow.uid)),
    column('at', 'time', ({ atUs }) => atUs),
    column('client_ip', 'text', ({ flow }) => flow.client.ip),
    column('server_ip', 'text', ({ flow }) => flow.server.ip),
    column('name', 'text', ({ name }) => name),
    column('type', 'word', ({ type }) => type),
    optional('response_code', 'word', ({ responseCode }) => responseCode),
    optional('answers', 'text', ({ answers }) => (answers === null ? null : answers.join(' '))),
    optional('answer_us', 'long', ({ answerUs }) => answerUs),
  ],
}

const ALERTS: LakeTable<ExportAlert> = {
  name: 'alerts',
  time: 'first',
  rows: (report) => report.alerts(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('first', 'time', ({ firstUs }) => firstUs),
    column('last', 'time', ({ lastUs }) => lastUs),
    column('rule', 'word', ({ rule }) => rule),
    column('rule_version', 'int', ({ ruleVersion }) => ruleVersion),
    column('severity', 'word', ({ severity }) => severity),
    column('title', 'text', ({ title }) => title),
    optional('source_ip', 'text', ({ source }) => source?.ip ?? null),
    optional('target_ip', 'text', ({ target }) => target?.ip ?? null),
    optional('technique', 'word', ({ technique }) => technique),
    column('flows', 'long', ({ flows }) => flows),
    column('severity_reason', 'text', ({ severityReason }) => severityReason),
    column('next_step', 'text', ({ nextStep }) => nextStep),
  ],
}

const LINK_TRAFFIC: LakeTable<ExportLink> = {
  name: 'link_traffic',
  time: 'first',
  rows: (report) => report.links(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('source_mac', 'text', ({ sourceMac }) => sourceMac),
    column('destination_mac', 'text', ({ destinationMac }) => destinationMac),
    column('protocol', 'word', ({ protocol }) => protocol),
    optional('source_vendor', 'word', ({ sourceVendor }) => sourceVendor),
    optional('destination_vendor', 'word', ({ destinationVendor }) => destinationVendor),
    column('packets', 'long', ({ packets }) => packets),
    column('bytes', 'long', ({ bytes }) => bytes),
    column('first', 'time', ({ firstUs }) => firstUs),
    column('last', 'time', ({ lastUs }) => lastUs),
    column('frame', 'long', ({ frame }) => frame),
    optional('source_addresses', 'text', ({ sourceAddresses }) => sourceAddresses),
  ],
}

export const LAKE_TABLES = [FLOWS, HOSTS, NAMES, DNS, ALERTS, IDENTITIES, LINK_TRAFFIC] as readonly LakeTable<unknown>[]

export const TABLE_NAMES: readonly string[] = LAKE_TABLES.map(({ name }) => name)
