// An open traffic.sqlite of a report, untrusted -> its rows as plain data, every value checked, for another thread to combine.
import { Protocol } from '../decode/codes.ts'
import type { CaptureRow } from '../store/read-meta.ts'
import { type Meta, readCaptures, readMeta } from '../store/read-meta.ts'
import { DatabaseError } from '../store/report-database.ts'
import { TCP_COLUMNS } from '../store/tcp-columns.ts'
import type { SqlDatabase } from '../types.ts'
import type { Cell, CellTable } from './cell-table.ts'
import { ColumnMemory } from './column-memory.ts'
import { joinTicks, type Ticks } from './joined-ticks.ts'
import { type Columns, eachRow, readColumns } from './stored-columns.ts'

const PLACES: Columns = [
  ['id', 'c'],
  ['latitude_deg', 'r'],
  ['longitude_deg', 'r'],
  ['accuracy_km', 'C'],
  ['city', 'T'],
  ['region', 'T'],
  ['country_code', 'T'],
  ['country', 'T'],
  ['continent_code', 'T'],
  ['time_zone', 'T'],
  ['precision', 't'],
]
const HOSTS: Columns = [
  ['id', 'c'],
  ['ip', 't'],
  ['place_id', 'C'],
  ['asn', 'C'],
  ['as_name', 'T'],
]
/** In the order of FLOW below. */
const FLOWS: Columns = [
  ['id', 'c'],
  ['protocol_number', 'c'],
  ['client_host_id', 'c'],
  ['client_port', 'P'],
  ['server_host_id', 'c'],
  ['server_port', 'P'],
  ['first_us', 'i'],
  ['last_us', 'i'],
  ['client_packets', 'c'],
  ['server_packets', 'c'],
  ['client_bytes', 'c'],
  ['server_bytes', 'c'],
  ['client_tcp_flags', 'c'],
  ['server_tcp_flags', 'c'],
  ['state', 't'],
  ['application', 'T'],
  ['application_source', 'T'],
  ['server_name', 'T'],
  ['server_name_source', 'T'],
  ['ja4', 'T'],
  ['tunnel', 'T'],
  ['first_frame', 'C'],
  ['first_capture_id', 'C'],
  ['last_frame', 'C'],
  ['last_capture_id', 'C'],
  // Computed again from the other columns, but for ICMP, of which they do not say enough.
  ['community_id', 'T', [Protocol.icmp, Protocol.icmpv6]],
]
/** Index in a row of hosts. */
export const HOST = indexesOf(HOSTS)
/** Index in a row of flows. */
export const FLOW = indexesOf(FLOWS)
const TCP: Columns = [['flow_id', 'c'], ...TCP_COLUMNS.map(({ name, sql }): [string, string] => [name, sql === 'INTEGER' ? 'C' : 'c'])]
const ACTIVITY: Columns = [
  ['tick', 'c'],
  ['flow_id', 'c'],
  ['client_packets', 'c'],
  ['server_packets', 'c'],
  ['client_bytes', 'c'],
  ['server_bytes', 'c'],
]
const RETRANSMISSIONS: Columns = [
  ['tick', 'c'],
  ['flow_id', 'c'],
  ['client_retransmissions', 'c'],
  ['server_retransmissions', 'c'],
]
const LINK_TRAFFIC: Columns = [
  ['source_mac', 't'],
  ['destination_mac', 't'],
  ['protocol', 't'],
  ['source_vendor', 'T'],
  ['destination_vendor', 'T'],
  ['packets', 'c'],
  ['bytes', 'c'],
  ['first_us', 'i'],
  ['last_us', 'i'],
  ['frame', 'c'],
  ['capture_id', 'c'],
  ['source_addresses', 'T'],
]
const PACKETS: Columns = [
  ['flow_id', 'c'],
  ['at_us', 'i'],
  ['from_client', 'c'],
  ['bytes', 'c'],
  ['tcp_flags', 'C'],
  ['frame', 'C'],
  ['capture_id', 'C'],
]
/** Index in a row of packets. */
export const PACKET = indexesOf(PACKETS)
const COUNTED = [
  ['first_us', 'i'],
  ['count', 'c'],
] as const
const NAMES: Columns = [['host_id', 'c'], ['name', 't'], ['source', 't'], ...COUNTED]
const SOFTWARE: Columns = [['host_id', 'c'], ['source', 't'], ['text', 't'], ...COUNTED]
const IDENTITIES: Columns = [
  ...([
    ['host_id', 'c'],
    ['kind', 't'],
    ['value', 't'],
    ['source', 't'],
  ] as const),
  ...COUNTED,
  ['flow_id', 'C'],
  ['frame', 'c'],
  ['capture_id', 'c'],
]
const QUERIES: Columns = [
  ['flow_id', 'c'],
  ['at_us', 'i'],
  ['name', 't'],
  ['type', 't'],
  ['response_code', 'T'],
  ['answers', 'T'],
  ['answer_us', 'C'],
]
const ALERTS: Columns = [
  ['id', 'c'],
  ['rule', 't'],
  ['rule_version', 'c'],
  ['severity', 't'],
  ['severity_reason', 't'],
  ['title', 't'],
  ['next_step', 't'],
  ['first_us', 'i'],
  ['last_us', 'i'],
  ['source_host_id', 'C'],
  ['target_host_id', 'C'],
  ['technique', 'T'],
  ['flows', 'c'],
  ['evidence', 't'],
]
const OBSERVATIONS: Columns = [
  ['id', 'c'],
  ['kind', 't'],
  ['flow_id', 'C'],
  ['data', 't'],
]
/** By how long columns are needed. */
const UNTIL_NAMES = new ColumnMemory()
const UNTIL_RULES = new ColumnMemory()
const UNTIL_WRITTEN = new ColumnMemory()
const OF_TIMELINES = new ColumnMemory()
const UNTIL_JOINED = new ColumnMemory()

export interface ReportRows {
  meta: Meta
  /** Raw values of meta. */
  values: Record<string, string>
  /** Captures, places, hosts and conversations are numbered from 1 in the order of the rows. */
  captures: CaptureRow[]
  places: CellTable
  hosts: CellTable
  flows: CellTable
  tcp: CellTable
  linkTraffic: Cell[][]
  names: CellTable
  software: CellTable
  identities: CellTable
  observations: CellTable
  dnsQueries: CellTable
  alerts: Cell[][]
  alertFlows: Cell[][]
}

/** Rows that are needed only when all else is known, and half of a report: they are read then. */
export interface TimelineRows {
  activity: CellTable
  retransmissions: CellTable
  packets: CellTable
}

/** @param file the bytes of the database; null: all is read with SQL @throws DatabaseError that names table, column and row of the first value that no report has */
export function readReportRows(database: SqlDatabase, file: Uint8Array | null): ReportRows {
  const meta = readTable(database, 'meta', [
    ['key', 't'],
    ['value', 't'],
  ])
  checkIds(
    'captures',
    Float64Array.from(readTable(database, 'captures', [['id', 'c']]) as number[][], ([id]) => id),
  )
  const rows = {
    meta: readMeta(database),
    values: Object.fromEntries(meta) as Record<string, string>,
    captures: readCaptures(database),
    places: readColumns(UNTIL_RULES, database, file, 'places', PLACES, ['id']),
    hosts: readColumns(UNTIL_RULES, database, file, 'hosts', HOSTS, ['id']),
    flows: readColumns(UNTIL_NAMES, database, file, 'flows', FLOWS, ['id']),
    tcp: readColumns(UNTIL_WRITTEN, database, file, 'tcp', TCP, ['flow_id']),
    linkTraffic: readTable(database, 'link_traffic', LINK_TRAFFIC),
    names: readColumns(UNTIL_RULES, database, file, 'names', NAMES, ['host_id', 'name', 'source']),
    software: readColumns(UNTIL_RULES, database, file, 'software', SOFTWARE, ['host_id', 'source', 'text']),
    identities: readColumns(UNTIL_RULES, database, file, 'identities', IDENTITIES, ['host_id', 'kind', 'value', 'source']),
    observations: readColumns(UNTIL_RULES, database, file, 'observations', OBSERVATIONS, ['id']),
    dnsQueries: readColumns(UNTIL_RULES, database, file, 'dns_queries', QUERIES, ['id']),
    alerts: readTable(database, 'alerts', ALERTS, 'id'),
    alertFlows: readTable(database, 'alert_flows', [
      ['alert_id', 'c'],
      ['flow_id', 'c'],
    ]),
  }
  for (const table of ['places', 'hosts', 'flows'] as const) checkIds(table, rows[table].columns[0].values)
  return rows
}

/** What of a report's timeline is read. */
export interface TimelineSource {
  ticks: Ticks
  /** Conversations of the report. */
  flows: number
  /** Of merged ticks, or less: see joinTicks(). */
  widthUs: number
  /** Later packets are left out. */
  untilUs: number
}

/** @param file as of readReportRows() @throws DatabaseError as readReportRows() */
export function readTimelineRows(
  database: SqlDatabase,
  file: Uint8Array | null,
  { ticks, flows, widthUs, untilUs }: TimelineSource,
): TimelineRows {
  const limit = untilUs === Number.POSITIVE_INFINITY ? null : { column: 'at_us', most: untilUs }
  const joined = (table: string, columns: Columns): CellTable => {
    UNTIL_JOINED.reuse()
    const rows = readColumns(UNTIL_JOINED, database, file, table, columns, ['tick', 'flow_id'])
    return joinTicks(rows, ticks, widthUs, flows, OF_TIMELINES, UNTIL_JOINED)
  }
  return {
    activity: joined('activity', ACTIVITY),
    retransmissions: joined('retransmissions', RETRANSMISSIONS),
    packets: readColumns(OF_TIMELINES, database, file, 'packets', PACKETS, ['id'], limit),
  }
}

/** @throws DatabaseError unless they count from 1 */
function checkIds(table: string, ids: ArrayLike<number>): void {
  for (let row = 0; row < ids.length; row++)
    if (ids[row] !== row + 1) throw new DatabaseError('unusable', `${table}.id does not count from 1: analyse its capture again`)
}

/** @param order default: the first column */
function readTable(database: SqlDatabase, table: string, columns: Columns, order = columns[0][0]): Cell[][] {
  const rows: Cell[][] = []
  eachRow(database, table, columns, order, (row) => rows.push(row))
  return rows
}

function indexesOf(columns: Columns): Record<string, number> {
  return Object.fromEntries(columns.map(([name], index) => [name, index]))
}
