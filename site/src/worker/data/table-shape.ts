// Root page and column order of a table, and checks that it can be read completely.
import type { Database } from 'sql.js'
import { PAGE_COLUMNS } from '../../../../src/store/flow-columns.ts'
import { DatabaseError, forEachRow, numberOf } from './database.ts'

/** Tables that every report needs. */
const NEEDED: Record<string, string> = {
  meta: 'key, value',
  places: 'id, latitude_deg, longitude_deg, accuracy_km, city, region, country_code, country, time_zone, precision',
  hosts: 'id, ip, scope, place_id, asn, as_name, name, first_us, last_us, sent_packets, received_packets, sent_bytes, received_bytes',
  flows: ['id', ...PAGE_COLUMNS.map(({ name }) => name)].join(', '),
  activity: 'tick, flow_id, client_packets, server_packets, client_bytes, server_bytes',
  packets: 'id, flow_id, at_us, from_client, bytes, tcp_flags',
  names: 'host_id, name, source, count, first_us',
  dns_queries: 'id, flow_id, at_us, name, type, response_code, answers, answer_us',
  alerts: 'id, rule, severity, title, first_us, last_us',
}

/** Throws a DatabaseError unless all of them are tables: a view with the same name could compute without end. */
export function checkTables(database: Database): void {
  for (const [table, needed] of Object.entries(NEEDED)) {
    if (rootOf(database, table) === 0)
      throw new DatabaseError(`The database of this report has no table “${table}”. Run rtnvis on the capture again.`)
    const columns = new Set(columnsOf(database, table))
    const missing = needed.split(', ').find((column) => !columns.has(column))
    if (missing)
      throw new DatabaseError(`The table “${table}” of this database has no column “${missing}”. Run rtnvis on the capture again.`)
  }
}

/** Number of rows of a table. Throws when the file is too small for so many: page pointers that form a circle give endless rows. */
export function countRows(database: Database, table: string): number {
  // Smallest row: two bytes in the cell pointer array, two for lengths, and one for each column.
  const bytes = numberOf(database, 'PRAGMA page_count') * numberOf(database, 'PRAGMA page_size')
  const most = Math.floor(bytes / (columnsOf(database, table).length + 4))
  const count = numberOf(database, `SELECT count(*) FROM (SELECT 1 FROM ${table} LIMIT ${most + 1})`)
  if (count > most) throw new DatabaseError(`The table “${table}” of this database is damaged. Run rtnvis on the capture again.`)
  return count
}

/** Root page of a table's b-tree; 0 when there is no such table. */
export function rootOf(database: Database, table: string): number {
  return numberOf(
    database,
    `SELECT coalesce(max(rootpage), 0) FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name = '${table}'`,
  )
}

/** Column names in the order of CREATE TABLE. */
export function columnsOf(database: Database, table: string): string[] {
  const columns: string[] = []
  forEachRow(database, `SELECT name FROM pragma_table_info('${table}') ORDER BY cid`, (row) => {
    columns.push(String(row.get()[0]))
  })
  return columns
}
