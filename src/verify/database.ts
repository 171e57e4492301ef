// The database against itself. It is untrusted input: first what it is, then its pages, then its tables, and only then its numbers.

import { rowsOf } from '../store/query.ts'
import { APPLICATION_ID, SCHEMA_VERSION } from '../store/schema.ts'
import type { SqlDatabase } from '../types.ts'
import { agrees, type Check, differs, notChecked } from './check.ts'
import { checkGroups } from './groups.ts'
import { attempt, DATABASE, numberOf } from './query.ts'
import { checkSpans } from './spans.ts'
import { checkTotals } from './totals.ts'

/** Tables and columns the checks rest on. */
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

const COUNTS: Record<string, string[]> = {
  captures: ['packets', 'bytes', 'captured_bytes', 'ip_packets'],
  skipped: ['packets'],
  hosts: ['sent_packets', 'received_packets', 'sent_bytes', 'received_bytes'],
  flows: ['client_packets', 'server_packets', 'client_bytes', 'server_bytes'],
  activity: ['tick', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes'],
  packets: ['bytes'],
}

/** All checks of the database alone; the first four decide whether the rest can be made. */
export function checkDatabase(database: SqlDatabase): Check[] {
  const basis: (() => Check)[] = [
    () => attempt('made by rtnvis', () => checkHeader(database)),
    () => attempt('integrity of its pages', () => checkIntegrity(database)),
    () => attempt('tables', () => checkTables(database)),
  ]
  const checks: Check[] = []
  for (const check of basis) {
    checks.push(check())
    if (checks.at(-1)!.outcome === 'differs') {
      checks.push(notChecked(DATABASE, 'sums and times', 'they mean nothing in a database that is damaged or not of this kind'))
      return checks
    }
  }
  checks.push(attempt('references between tables', () => checkReferences(database)))
  checks.push(attempt('counts below zero', () => checkCounts(database)))
  return [...checks, ...checkTotals(database), ...checkGroups(database), ...checkSpans(database)]
}

function checkHeader(database: SqlDatabase): Check {
  const id = numberOf(database, 'PRAGMA application_id')
  const version = numberOf(database, 'PRAGMA user_version')
  const subject = 'made by rtnvis'
  if (id !== APPLICATION_ID)
    return differs(DATABASE, subject, `its application_id is ${hex(id)}, that of an rtnvis report is ${hex(APPLICATION_ID)}`)
  if (version !== SCHEMA_VERSION)
    return differs(DATABASE, subject, `its user_version is ${version}, this program reads version ${SCHEMA_VERSION}`)
  return agrees(DATABASE, subject, `application_id ${hex(id)}, user_version ${version}`)
}

/** Before anything is summed: a page tree that runs in circles is found here, and would keep a SELECT busy for ever. */
function checkIntegrity(database: SqlDatabase): Check {
  const lines = rowsOf(database, 'PRAGMA integrity_check(5)').map(([line]) => String(line))
  const subject = 'integrity of its pages'
  return lines.length === 1 && lines[0] === 'ok'
    ? agrees(DATABASE, subject, 'PRAGMA integrity_check says ok')
    : differs(DATABASE, subject, `PRAGMA integrity_check says ${lines.join('; ')}`)
}

/** Plain STRICT tables with plain columns: a view or a computed column in their place could say anything, or never end. */
function checkTables(database: SqlDatabase): Check {
  const tables = new Map(
    rowsOf(database, "SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main'").map(([name, type, strict]) => [
      String(name),
      type === 'table' && strict === 1,
    ]),
  )
  const wrong: string[] = []
  for (const [table, columns] of Object.entries(NEEDED)) {
    if (!tables.has(table)) wrong.push(`table ${table} is missing`)
    else if (!tables.get(table)) wrong.push(`${table} is no STRICT table`)
    else {
      const stored = new Set(rowsOf(database, 'SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0', [table]).map(([name]) => name))
      for (const column of columns) if (!stored.has(column)) wrong.push(`column ${table}.${column} is missing`)
    }
  }
  if (wrong.length > 0) return differs(DATABASE, 'tables', wrong.join('; '))
  return agrees(DATABASE, 'tables')
}

function checkReferences(database: SqlDatabase): Check {
  const broken = numberOf(database, 'SELECT count(*) FROM pragma_foreign_key_check')
  const subject = 'references between tables'
  if (broken === 0) return agrees(DATABASE, subject)
  const [table, row, parent] = rowsOf(database, 'SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT 1')[0]!
  return differs(DATABASE, subject, `${broken} rows refer to rows that do not exist; the first: ${table} row ${row ?? '?'} to ${parent}`)
}

function checkCounts(database: SqlDatabase): Check {
  const wrong: string[] = []
  for (const [table, columns] of Object.entries(COUNTS)) {
    const rows = numberOf(database, `SELECT count(*) FROM ${table} WHERE ${columns.map((column) => `${column} < 0`).join(' OR ')}`)
    if (rows > 0) wrong.push(`${rows} rows of ${table}`)
  }
  const subject = 'counts below zero'
  return wrong.length === 0 ? agrees(DATABASE, subject, 'none') : differs(DATABASE, subject, wrong.join(', '))
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`
}
