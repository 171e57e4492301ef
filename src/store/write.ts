// Traffic -> bytes of traffic.sqlite: one transaction, tables in the order of schema.ts, rows in the order of their keys. The large tables are made
// here, page by page; SQLite writes the small ones (small-tables.ts).
import type { HostTable } from '../flows/hosts.ts'
import { hostsInTextOrder } from '../flows/text-order.ts'
import { totalsByHost } from '../flows/totals.ts'
import { checkPlace, isOriginKnown } from '../geo/light.ts'
import { LeafWriter, type TableKind, type TableRows } from '../sqlite/btree-leaves.ts'
import { BulkTable, PageFile, type PageStore } from '../sqlite/btree-writer.ts'
import { rowsOf } from '../sqlite/query.ts'
import { SqliteRecord } from '../sqlite/record-writer.ts'
import type { SqlDatabase } from '../types.ts'
import { writeFlows } from './flow-pages.ts'
import { writeMeta } from './meta.ts'
import { PRAGMAS, TABLES } from './schema.ts'
import { writeSmallTables } from './small-tables.ts'
import { writeTcp } from './tcp-pages.ts'
import type { Traffic } from './traffic.ts'
import type { PartOfTable } from './traffic-pages.ts'

/** Estimated bytes per row, including its share of indexes, interior and other pages. */
const HOST_BYTES = 160
const FLOW_BYTES = 200
const SPARE_BYTES = 1 << 18

/** What is left of a database. */
export interface DatabaseRest {
  /** Writes pages of conversations that another thread made: all of `flows`, then all of `tcp`. */
  add(part: PartOfTable): void
  /** Writes the tables that add() was not given, and what follows them. Call once. */
  finish(): void
}

/**
 * Fills and closes an empty database, up to the conversations and what follows them. Ids are array indices + 1. SQLite writes all but the large tables (btree-writer.ts).
 * Conversations that another thread makes can be garbage from then on: what is returned refers to their pages only.
 */
export function beginDatabase(database: SqlDatabase, traffic: Traffic, store: PageStore): DatabaseRest {
  database.run(PRAGMAS)
  database.run('BEGIN')
  database.run(TABLES)
  const { pages } = traffic
  writeSmallTables(database, traffic)
  writeMeta(database, traffic)
  database.run('COMMIT')
  const roots = rootPages(database)
  const hostColumns = rowsOf(database, "SELECT name FROM pragma_table_info('hosts') ORDER BY cid").map(String)
  const { hosts, table: conversations } = traffic.flows
  const room =
    bytesOf(pages.activity) +
    bytesOf(pages.retransmissions) +
    bytesOf(pages.packets) +
    hosts.count * HOST_BYTES +
    conversations.count * FLOW_BYTES +
    SPARE_BYTES
  const file = new PageFile(database.export(), store, room)
  database.close()
  const table = (name: string, kind: TableKind) => new BulkTable(file, roots.get(name)!, kind)
  writeHosts(new LeafWriter('rowid', table('hosts', 'rowid')), hostColumns, traffic)
  writeHostIndex(new LeafWriter('withoutRowid', table('sqlite_autoindex_hosts_1', 'withoutRowid')), traffic.flows.hosts)
  const own = pages.conversations === undefined ? conversationsOf(traffic) : []
  const added = new Map<string, BulkTable>()
  const add = ({ table: name, rows }: PartOfTable): void => {
    const part = added.get(name) ?? table(name, 'rowid')
    added.set(name, part)
    writeRows(part, rows)
  }
  const finish = (): void => {
    for (const part of own) if (!added.has(part.table)) add(part)
    writeRows(table('activity', 'withoutRowid'), pages.activity)
    writeRows(table('retransmissions', 'withoutRowid'), pages.retransmissions)
    writeRows(table('packets', 'rowid'), pages.packets)
    file.finish()
  }
  return { add, finish }
}

function conversationsOf({ flows, names, tcp, isFirstClient }: Traffic): PartOfTable[] {
  return [
    { table: 'flows', rows: (sink) => writeFlows(sink, flows, isFirstClient, names.byFlow) },
    { table: 'tcp', rows: (sink) => writeTcp(sink, tcp, isFirstClient) },
  ]
}

const bytesOf = (rows: TableRows): number => (typeof rows === 'function' ? 0 : rows.pages.length)

function writeRows(table: BulkTable, rows: TableRows): void {
  if (typeof rows === 'function') rows(table)
  else table.adopt(rows)
}

function rootPages(database: SqlDatabase): Map<string, number> {
  const statement = database.prepare('SELECT name, rootpage FROM sqlite_schema')
  const roots = new Map<string, number>()
  while (statement.step()) {
    const [name, page] = statement.get() as [string, number]
    roots.set(name, page)
  }
  statement.free()
  return roots
}

type Cell = string | number | null

/** Rows 1 to `count`: cell values by column name, in the order of `columns`; `id` is SQLite's rowid. */
function addRows(rows: LeafWriter, columns: readonly string[], count: number, cells: Record<string, (row: number) => Cell>): void {
  const values = columns.map((name) => cells[name])
  const record = new SqliteRecord()
  for (let row = 0; row < count; row++) {
    record.begin()
    for (let index = 0; index < values.length; index++) record.value(values[index](row))
    record.finish()
    rows.add(record, row + 1)
  }
  rows.finish()
}

function writeHosts(rows: LeafWriter, columns: readonly string[], { flows, located, names, rttUs }: Traffic): void {
  const { hosts } = flows
  const { places, placeOfHost, origin } = located
  const isChecked = isOriginKnown(origin)
  const t = totalsByHost(flows)
  addRows(rows, columns, hosts.count, {
    id: () => null,
    ip: (host) => hosts.ip(host),
    scope: (host) => hosts.scope(host),
    place_id: (host) => (located.placeOfHost[host] < 0 ? null : located.placeOfHost[host] + 1),
    asn: (host) => located.asnOfHost[host] || null,
    as_name: (host) => located.asNameOfHost[host] ?? null,
    first_us: (host) => t.firstUs[host],
    last_us: (host) => t.lastUs[host],
    sent_packets: (host) => t.sentPackets[host],
    received_packets: (host) => t.receivedPackets[host],
    sent_bytes: (host) => t.sentBytes[host],
    received_bytes: (host) => t.receivedBytes[host],
    name: (host) => names.bestOfHost(host)?.name ?? null,
    name_source: (host) => names.bestOfHost(host)?.source ?? null,
    rtt_us: (host) => (rttUs[host] < 0 ? null : rttUs[host]),
    place_check: (host) => (isChecked ? checkPlace(places[placeOfHost[host]] ?? null, origin, rttUs[host]) : null),
  })
}

/** The index of UNIQUE (ip): pages like those of a WITHOUT ROWID table, each address followed by its rowid (file format, 2.4). */
function writeHostIndex(rows: LeafWriter, hosts: HostTable): void {
  const record = new SqliteRecord()
  for (const host of hostsInTextOrder(hosts)) {
    record.begin()
    record.textOrNull(hosts.ip(host))
    record.integer(host + 1)
    record.finish()
    rows.add(record, 0)
  }
  rows.finish()
}
