// The SQL console's half in a worker: a copy of the database that only reads, statements in a row, results held in bounds.
import type { Database } from 'sql.js'
import type { ConsoleCell, ConsoleResult, ConsoleTable, FromConsole, ToConsole } from '../../protocol/answers.ts'
import { formatCsv } from '../../ui/csv.ts'
import { forEachRow, messageOf, openDatabase } from '../data/database.ts'

/** Rows shown, rows of a CSV, characters of one cell that are shown. */
export const BOUNDS = { rows: 1000, csvRows: 500_000, cell: 2000 }

let database: Database | null = null

/** Answers one message; never throws. */
export async function answerConsole(message: ToConsole): Promise<FromConsole> {
  try {
    if (message.type === 'console') {
      database = await openDatabase(message.bytes)
      return { type: 'schema', tables: describeSchema(database) }
    }
    if (!database) throw new Error('the database is not open')
    if (message.type === 'run') return { type: 'result', result: run(database, message.sql, BOUNDS.rows, shorten) }
    const { columns, rows, isCut } = run(database, message.sql, BOUNDS.csvRows, (text) => text)
    return { type: 'csv', csv: formatCsv(columns, rows), isCut }
  } catch (error) {
    return { type: 'sql-error', message: messageOf(error) }
  }
}

/** Runs all statements; the result is that of the last one that has columns. Nothing is written: query_only is set again before each. */
function run(opened: Database, sql: string, limit: number, cut: (text: string) => string): ConsoleResult {
  const startedMs = performance.now()
  let result: Pick<ConsoleResult, 'columns' | 'rows' | 'isCut'> = { columns: [], rows: [], isCut: false }
  let statements = 0
  opened.run('PRAGMA query_only = ON')
  for (const statement of opened.iterateStatements(sql)) {
    opened.run('PRAGMA query_only = ON')
    statements++
    const columns = statement.getColumnNames()
    const rows: ConsoleCell[][] = []
    let isCut = false
    while (statement.step()) {
      if (rows.length === limit) {
        isCut = true
        break
      }
      rows.push(
        statement.get().map((value) => (typeof value === 'string' ? cut(value) : value instanceof Uint8Array ? hexOf(value) : value)),
      )
    }
    if (columns.length > 0) result = { columns, rows, isCut }
  }
  return { ...result, milliseconds: performance.now() - startedMs, statements }
}

function shorten(text: string): string {
  return text.length > BOUNDS.cell ? `${text.slice(0, BOUNDS.cell)}…` : text
}

function hexOf(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 64), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `x'${shown}${bytes.length > 64 ? `…' (${bytes.length} bytes)` : "'"}`
}

/** A column's comment stands in the text its table was made by. */
function describeSchema(opened: Database): ConsoleTable[] {
  const tables: ConsoleTable[] = []
  const found: [name: string, sql: string][] = []
  forEachRow(
    opened,
    "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    (row) => {
      const [name, sql] = row.get()
      found.push([String(name), String(sql ?? '')])
    },
  )
  for (const [name, sql] of found) {
    const columns: ConsoleTable['columns'] = []
    forEachRow(
      opened,
      'SELECT name, type FROM pragma_table_info(?)',
      (row) => {
        const [column, type] = row.get()
        const comment = sql
          .split('\n')
          .find((line) => line.trimStart().startsWith(`${column} `))
          ?.split('--')[1]
        columns.push({ name: String(column), type: String(type), about: comment?.trim() ?? '' })
      },
      [name],
    )
    let rows = 0
    forEachRow(opened, `SELECT count(*) FROM "${name.replaceAll('"', '""')}"`, (row) => {
      rows = Number(row.get()[0])
    })
    tables.push({ name, rows, columns })
  }
  return tables
}
