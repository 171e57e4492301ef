// An untrusted database -> problems with its header and tables, checked before anything is read from it.

import { rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase } from '../types.ts'
import { APPLICATION_ID, SCHEMA_VERSION, TABLES } from './schema.ts'

/** Tables and columns that every reader needs. */
const NEEDED: Record<string, string[]> = {
  places: ['id', 'country_code', 'country', 'precision'],
  captures: ['id', 'file', 'sha256', 'format', 'link_types', 'packets', 'bytes', 'captured_bytes', 'ip_packets', 'first_us', 'last_us'],
  skipped: ['capture_id', 'reason', 'packets'],
  hosts: ['id', 'scope', 'place_id', 'first_us', 'last_us', 'sent_packets', 'received_packets', 'sent_bytes', 'received_bytes'],
  flows: [
    ...['id', 'transport', 'application', 'client_host_id', 'server_host_id', 'first_us', 'last_us'],
    ...['client_packets', 'server_packets', 'client_bytes', 'server_bytes'],
  ],
  activity: ['tick', 'flow_id', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes'],
  ticks: ['tick', 'packets', 'bytes'],
  totals: ['subject', 'name', 'country_code', 'hosts', 'flows', 'packets', 'bytes'],
  packets: ['id', 'flow_id', 'at_us', 'from_client', 'bytes'],
  dns_queries: ['flow_id', 'at_us'],
  meta: ['key', 'value'],
}

/** All tables of the schema; reports of earlier versions may lack those that are not in NEEDED. */
const OURS = [...TABLES.matchAll(/^CREATE TABLE (\w+)/gm)].map(([, name]) => name)

/** Pragmas for reading an untrusted database: no function of its schema runs, nothing is written (sqlite.org/security.html). */
export const READING = 'PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON'

/** Why the header is not that of a report this program can read; '' if it is. */
export function headerProblem(database: SqlDatabase): string {
  const [[id] = [0]] = rowsOf(database, 'PRAGMA application_id')
  const [[version] = [0]] = rowsOf(database, 'PRAGMA user_version')
  if (id !== APPLICATION_ID) return `its application_id is ${hex(Number(id))}, that of an rtnvis report is ${hex(APPLICATION_ID)}`
  if (version !== SCHEMA_VERSION) return `its user_version is ${version}, this program reads version ${SCHEMA_VERSION}`
  return ''
}

/** Problems of the tables. They must be STRICT tables with plain columns: a view or a computed column could return anything, or never end. */
export function tableProblems(database: SqlDatabase): string[] {
  const isStrict = new Map(
    rowsOf(database, "SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main'").map(([name, type, strict]) => [
      // SQLite's table names ignore case; pragma_table_list returns the spelling of the schema.
      String(name).toLowerCase(),
      type === 'table' && strict === 1,
    ]),
  )
  const problems: string[] = []
  for (const table of OURS) {
    const needed = NEEDED[table]
    if (!isStrict.has(table)) {
      if (needed) problems.push(`table ${table} is missing`)
      continue
    }
    if (!isStrict.get(table)) {
      problems.push(`${table} is not a STRICT table`)
      continue
    }
    const columns = rowsOf(database, 'SELECT name, hidden FROM pragma_table_xinfo(?)', [table])
    const stored = new Set(columns.filter(([, hidden]) => hidden === 0).map(([name]) => name))
    for (const column of needed ?? []) if (!stored.has(column)) problems.push(`column ${table}.${column} is missing`)
    for (const [name, hidden] of columns)
      if (hidden !== 0 && !needed?.includes(String(name))) problems.push(`column ${table}.${name} is computed`)
  }
  return problems
}

export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`
}
