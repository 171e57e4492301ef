// A report -> Parquet files for a lake: a folder a table, then day and sensor as Hive names them (flows/day=2026-03-02/sensor=NAME/ID.parquet), so that
// DuckDB, ClickHouse, Spark and pandas read only what a question is about. The same report gives the same files.
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { ByteWriter, type ColumnSource, parquetWrite, type SchemaElement } from 'hyparquet-writer'
import { isoTime } from '../iso-time.ts'
import type { ReportRows } from './report-rows.ts'
import type { ExportAlert, ExportFlow, ExportHost, ExportIdentity, ExportName, ExportQuestion } from './rows.ts'
import { zeekUid } from './uid.ts'

/** Microseconds since the epoch are `time`; `int` has 32 bits, `long` 64. */
export type Kind = 'text' | 'time' | 'int' | 'long' | 'double'

/** Of columns whose values rarely repeat; the others have dictionaries where these pay. */
type Encoding = NonNullable<ColumnSource['encoding']>

interface Column<Row> {
  readonly name: string
  readonly kind: Kind
  readonly encoding?: Encoding
  value(row: Row): string | number | null
}

interface Table<Row> {
  readonly name: string
  readonly columns: readonly Column<Row>[]
  rows(report: ReportRows): Iterable<Row>
  /** The file of a row is that of this time's day, and rows are in its order. */
  timeOf(row: Row): number
}

export interface ParquetFile {
  /** Index in PARQUET_TABLES. */
  table: number
  /** Below the lake's folder, with slashes. */
  path: string
  rows: number
  bytes: Uint8Array
}

const TYPES: Record<Kind, Omit<SchemaElement, 'name'>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
  int: { type: 'INT32' },
  long: { type: 'INT64' },
  double: { type: 'DOUBLE' },
}

function column<Row>(name: string, kind: Kind, value: Column<Row>['value'], encoding?: Encoding): Column<Row> {
  return { name, kind, value, ...(encoding && { encoding }) }
}

/** Of a host beside its address; the origin is no location. */
function hostColumns<Row>(prefix: string, hostOf: (row: Row) => ExportHost | null): Column<Row>[] {
  const placeOf = (row: Row) => {
    const place = hostOf(row)?.place ?? null
    return place?.precision === 'origin' ? null : place
  }
  return [
    column(`${prefix}scope`, 'text', (row) => hostOf(row)?.scope ?? null),
    column(prefix === '' ? 'name' : `${prefix}host_name`, 'text', (row) => hostOf(row)?.name ?? null),
    column(`${prefix}country_code`, 'text', (row) => placeOf(row)?.countryCode ?? null),
    column(`${prefix}city`, 'text', (row) => placeOf(row)?.city ?? null),
    column(`${prefix}latitude_deg`, 'double', (row) => placeOf(row)?.latitudeDeg ?? null),
    column(`${prefix}longitude_deg`, 'double', (row) => placeOf(row)?.longitudeDeg ?? null),
    column(`${prefix}asn`, 'long', (row) => hostOf(row)?.asn ?? null),
    column(`${prefix}as_name`, 'text', (row) => hostOf(row)?.asName ?? null),
  ]
}

const FLOWS: Table<ExportFlow> = {
  name: 'flows',
  rows: (report) => report.flows(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('uid', 'text', ({ uid }) => zeekUid(uid), 'DELTA_BYTE_ARRAY'),
    column('first', 'time', ({ firstUs }) => firstUs, 'DELTA_BINARY_PACKED'),
    column('last', 'time', ({ lastUs }) => lastUs, 'DELTA_BINARY_PACKED'),
    column('transport', 'text', ({ transport }) => transport),
    column('protocol_number', 'int', ({ protocol }) => protocol),
    column('client_ip', 'text', ({ client }) => client.ip),
    column('client_port', 'int', ({ clientPort }) => clientPort, 'DELTA_BINARY_PACKED'),
    column('server_ip', 'text', ({ server }) => server.ip),
    column('server_port', 'int', ({ serverPort }) => serverPort),
    column('client_packets', 'long', ({ clientPackets }) => clientPackets),
    column('server_packets', 'long', ({ serverPackets }) => serverPackets),
    column('client_bytes', 'long', ({ clientBytes }) => clientBytes, 'DELTA_BINARY_PACKED'),
    column('server_bytes', 'long', ({ serverBytes }) => serverBytes, 'DELTA_BINARY_PACKED'),
    column('client_tcp_flags', 'int', ({ clientFlags }) => clientFlags),
    column('server_tcp_flags', 'int', ({ serverFlags }) => serverFlags),
    column('state', 'text', ({ state }) => state),
    column('application', 'text', ({ application }) => application),
    column('application_source', 'text', ({ applicationSource }) => applicationSource),
    column('server_name', 'text', ({ serverName }) => serverName),
    column('server_name_source', 'text', ({ serverNameSource }) => serverNameSource),
    column('ja4', 'text', ({ ja4 }) => ja4),
    column('tunnel', 'text', ({ tunnel }) => tunnel),
    column('community_id', 'text', ({ communityId }) => communityId),
    ...hostColumns<ExportFlow>('client_', ({ client }) => client),
    ...hostColumns<ExportFlow>('server_', ({ server }) => server),
  ],
}

const HOSTS: Table<ExportHost> = {
  name: 'hosts',
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

const NAMES: Table<ExportName> = {
  name: 'names',
  rows: (report) => report.names(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('ip', 'text', ({ host }) => host.ip),
    column('name', 'text', ({ name }) => name),
    column('source', 'text', ({ source }) => source),
    column('first', 'time', ({ firstUs }) => firstUs),
    column('count', 'long', ({ count }) => count),
  ],
}

const IDENTITIES: Table<ExportIdentity> = {
  name: 'identities',
  rows: (report) => report.identities(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('ip', 'text', ({ host }) => host.ip),
    column('kind', 'text', ({ kind }) => kind),
    column('value', 'text', ({ value }) => value),
    column('source', 'text', ({ source }) => source),
    column('first', 'time', ({ firstUs }) => firstUs),
    column('count', 'long', ({ count }) => count),
  ],
}

const DNS: Table<ExportQuestion> = {
  name: 'dns',
  rows: (report) => report.questions(),
  timeOf: ({ atUs }) => atUs,
  columns: [
    column('uid', 'text', ({ flow }) => zeekUid(flow.uid)),
    column('at', 'time', ({ atUs }) => atUs),
    column('client_ip', 'text', ({ flow }) => flow.client.ip),
    column('server_ip', 'text', ({ flow }) => flow.server.ip),
    column('name', 'text', ({ name }) => name),
    column('type', 'text', ({ type }) => type),
    column('response_code', 'text', ({ responseCode }) => responseCode),
    column('answers', 'text', ({ answers }) => (answers === null ? null : answers.join(' '))),
    column('answer_us', 'long', ({ answerUs }) => answerUs),
  ],
}

const ALERTS: Table<ExportAlert> = {
  name: 'alerts',
  rows: (report) => report.alerts(),
  timeOf: ({ firstUs }) => firstUs,
  columns: [
    column('first', 'time', ({ firstUs }) => firstUs),
    column('last', 'time', ({ lastUs }) => lastUs),
    column('rule', 'text', ({ rule }) => rule),
    column('rule_version', 'int', ({ ruleVersion }) => ruleVersion),
    column('severity', 'text', ({ severity }) => severity),
    column('title', 'text', ({ title }) => title),
    column('source_ip', 'text', ({ source }) => source?.ip ?? null),
    column('target_ip', 'text', ({ target }) => target?.ip ?? null),
    column('technique', 'text', ({ technique }) => technique),
    column('flows', 'long', ({ flows }) => flows),
    column('severity_reason', 'text', ({ severityReason }) => severityReason),
    column('next_step', 'text', ({ nextStep }) => nextStep),
  ],
}

const TABLES = [FLOWS, HOSTS, NAMES, DNS, ALERTS, IDENTITIES] as readonly Table<unknown>[]

export const PARQUET_TABLES: readonly string[] = TABLES.map(({ name }) => name)

/** By table: its columns, without those of the folders (day, sensor). */
export const PARQUET_COLUMNS: ReadonlyMap<string, readonly { name: string; kind: Kind }[]> = new Map(
  TABLES.map(({ name, columns }) => [name, columns]),
)

export interface LakeOptions {
  /** Who captured it; default: the report's name. */
  sensor?: string | undefined
  /** Without them, that column is unset: they follow from the ends, cannot be compressed, and are almost half of all bytes. */
  hasCommunityIds: boolean
  /** zstd, provided by the platform. */
  compress(bytes: Uint8Array): Uint8Array
}

export function* parquetFiles(report: ReportRows, { sensor, hasCommunityIds, compress }: LakeOptions): Generator<ParquetFile> {
  const partition = `sensor=${partitionValue(sensor ?? report.name)}`
  const shown = (one: Column<unknown>) => (one.name === 'community_id' && !hasCommunityIds ? { ...one, value: () => null } : one)
  for (const [table, { name, columns, rows, timeOf }] of TABLES.entries()) {
    const byDay = new Map<string, unknown[]>()
    for (const row of rows(report)) {
      const day = isoTime(timeOf(row)).slice(0, -'T00:00:00.000000Z'.length)
      const ofDay = byDay.get(day) ?? []
      byDay.set(day, ofDay)
      ofDay.push(row)
    }
    for (const day of [...byDay.keys()].sort()) {
      const ofDay = byDay.get(day)!
      byDay.delete(day)
      const path = `${name}/day=${day}/${partition}/${report.id}.parquet`
      ofDay.sort((a, b) => timeOf(a) - timeOf(b))
      yield { table, path, rows: ofDay.length, bytes: encode(columns.map(shown), ofDay, compress) }
    }
  }
}

function encode(columns: readonly Column<unknown>[], rows: readonly unknown[], compress: LakeOptions['compress']): Uint8Array {
  const writer = new ByteWriter()
  parquetWrite({
    writer,
    createdBy: 'rtnvis',
    codec: 'ZSTD',
    compressors: { ZSTD: compress },
    rowGroupSize: ROW_GROUP,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, kind }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...TYPES[kind] })),
    ],
    columnData: columns.map(({ name, kind, value, encoding }) => ({
      name,
      data: rows.map((row) => stored(kind, value(row))),
      ...(encoding && { encoding }),
    })),
  })
  return writer.getBytes()
}

/** Rows that are compressed together, with one dictionary a column; readers skip groups by their least and greatest values. */
const ROW_GROUP = 500_000

function stored(kind: Kind, value: string | number | null): string | number | bigint | undefined {
  if (value === null) return undefined
  return kind === 'time' || kind === 'long' ? BigInt(value) : value
}

/** As Hive writes the value of a partition: other characters as %XX of their UTF-8. */
/** Name of a folder: `sensor=` and this. */
export function partitionValue(text: string): string {
  const short = [...text].slice(0, 60).join('') || 'unknown'
  return [...short].map((character) => (/[\w.-]/.test(character) ? character : percent(character))).join('')
}

function percent(character: string): string {
  return Array.from(utf8ToBytes(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
