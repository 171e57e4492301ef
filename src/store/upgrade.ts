// A database of an older version -> the same with this version's columns added.

import { rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase } from '../types.ts'
import { FLOW_COLUMNS, type FlowColumn } from './flow-columns.ts'
import { IDENTITIES_TABLE, LINK_TRAFFIC_TABLE, OBSERVATIONS_TABLE, RETRANSMISSIONS_TABLE, TCP_TABLE } from './schema.ts'
import { TCP_COLUMNS } from './tcp-columns.ts'

/** Columns added after schema version 1 was first released; an added column does not change the version (schema.ts). */
const ADDED: readonly { table: string; column: string; type: string }[] = [
  { table: 'hosts', column: 'name', type: 'TEXT' },
  { table: 'hosts', column: 'name_source', type: 'TEXT' },
  { table: 'hosts', column: 'rtt_us', type: 'INTEGER' },
  { table: 'hosts', column: 'place_check', type: 'TEXT' },
  ...(FLOW_COLUMNS as readonly FlowColumn[])
    .filter(({ isAdded }) => isAdded)
    .map(({ name, sql }) => ({ table: 'flows', column: name, type: sql })),
  ...TCP_COLUMNS.filter(({ isAdded }) => isAdded).map(({ name, sql }) => ({ table: 'tcp', column: name, type: sql })),
  { table: 'packets', column: 'frame', type: 'INTEGER' },
  { table: 'packets', column: 'capture_id', type: 'INTEGER' },
  { table: 'dns_queries', column: 'answer_us', type: 'INTEGER' },
  { table: 'link_traffic', column: 'source_addresses', type: 'TEXT' },
]

/**
 * Adds missing columns, null in every row, and missing tables, without rows, to a database in memory; the file is not changed. A view in place of a
 * table is left as it is: the check of the tables that follows refuses it.
 */
export function addMissingColumns(database: SqlDatabase): void {
  const tables = new Set(rowsOf(database, "SELECT lower(name) FROM sqlite_schema WHERE type = 'table'").map(([name]) => name))
  for (const { table, column, type } of ADDED) {
    if (!tables.has(table)) continue
    const isThere = rowsOf(database, 'SELECT 1 FROM pragma_table_info(?) WHERE name = ?', [table, column]).length > 0
    if (!isThere) database.run(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`)
  }
  const named = new Set(rowsOf(database, 'SELECT lower(name) FROM sqlite_schema').map(([name]) => name))
  if (!named.has('tcp')) database.run(TCP_TABLE)
  if (!named.has('retransmissions')) database.run(RETRANSMISSIONS_TABLE)
  if (!named.has('link_traffic')) database.run(LINK_TRAFFIC_TABLE)
  if (!named.has('identities')) database.run(IDENTITIES_TABLE)
  if (!named.has('observations')) database.run(OBSERVATIONS_TABLE)
}
