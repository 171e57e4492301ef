// Checks of the database alone. It is untrusted: first its schema, then its pages, then its tables, then its numbers.
import { formatPlural } from '../report/figures.ts'
import { rowsOf } from '../sqlite/query.ts'
import { headerProblem, hex, tableProblems } from '../store/check-schema.ts'
import { APPLICATION_ID, SCHEMA_VERSION } from '../store/schema.ts'
import type { SqlDatabase } from '../types.ts'
import { agrees, type Check, differs, notChecked } from './check.ts'
import { checkGroups } from './groups.ts'
import { checkPlain } from './objects.ts'
import { attempt, DATABASE, numberOf } from './query.ts'
import { checkSpans } from './spans.ts'
import { checkTotals } from './totals.ts'

const COUNTS: Record<string, string[]> = {
  captures: ['packets', 'bytes', 'captured_bytes', 'ip_packets'],
  skipped: ['packets'],
  hosts: ['sent_packets', 'received_packets', 'sent_bytes', 'received_bytes'],
  flows: ['client_packets', 'server_packets', 'client_bytes', 'server_bytes'],
  activity: ['tick', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes'],
  packets: ['bytes'],
}

/** All checks of the database alone, whatever version made it; if one of the first four fails, the others are not run. */
export function checkDatabase(database: SqlDatabase): Check[] {
  const basis: (() => Check)[] = [
    () => attempt('made by rtnvis', () => checkHeader(database)),
    // Before integrity_check, which evaluates CHECK constraints and generated columns.
    () => attempt('only plain tables', () => checkPlain(database)),
    () => attempt('integrity of its pages', () => checkIntegrity(database)),
    () => attempt('tables', () => checkTables(database)),
  ]
  const checks: Check[] = []
  for (const check of basis) {
    checks.push(check())
    if (checks.at(-1)!.outcome === 'differs') {
      checks.push(notChecked(DATABASE, 'sums and times', 'they are meaningless in a database that is damaged or not an rtnvis report'))
      return checks
    }
  }
  checks.push(attempt('references between tables', () => checkReferences(database)))
  checks.push(attempt('counts below zero', () => checkCounts(database)))
  return [...checks, ...checkTotals(database), ...checkGroups(database), ...checkSpans(database)]
}

function checkHeader(database: SqlDatabase): Check {
  const problem = headerProblem(database)
  const subject = 'made by rtnvis'
  if (problem !== '') return differs(DATABASE, subject, problem)
  return agrees(DATABASE, subject, `application_id ${hex(APPLICATION_ID)}, user_version ${SCHEMA_VERSION}`)
}

/** Run before any SELECT that reads all rows: a circle of page pointers, found here, would make it run without end. */
function checkIntegrity(database: SqlDatabase): Check {
  const lines = rowsOf(database, 'PRAGMA integrity_check(5)').map(([line]) => String(line))
  const subject = 'integrity of its pages'
  return lines.length === 1 && lines[0] === 'ok'
    ? agrees(DATABASE, subject, 'PRAGMA integrity_check says ok')
    : differs(DATABASE, subject, `PRAGMA integrity_check says ${lines.join('; ')}`)
}

function checkTables(database: SqlDatabase): Check {
  const problems = tableProblems(database)
  return problems.length > 0 ? differs(DATABASE, 'tables', problems.join('; ')) : agrees(DATABASE, 'tables')
}

function checkReferences(database: SqlDatabase): Check {
  const broken = numberOf(database, 'SELECT count(*) FROM pragma_foreign_key_check')
  const subject = 'references between tables'
  if (broken === 0) return agrees(DATABASE, subject)
  const [table, row, parent] = rowsOf(database, 'SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT 1')[0]
  return differs(
    DATABASE,
    subject,
    `${formatPlural(broken, 'reference')} to rows that do not exist; the first: ${table} row ${row ?? '?'} to ${parent}`,
  )
}

function checkCounts(database: SqlDatabase): Check {
  const wrong: string[] = []
  for (const [table, columns] of Object.entries(COUNTS)) {
    const rows = numberOf(database, `SELECT count(*) FROM ${table} WHERE ${columns.map((column) => `${column} < 0`).join(' OR ')}`)
    if (rows > 0) wrong.push(`${formatPlural(rows, 'row')} of ${table}`)
  }
  const subject = 'counts below zero'
  return wrong.length === 0 ? agrees(DATABASE, subject, 'none') : differs(DATABASE, subject, wrong.join(', '))
}
