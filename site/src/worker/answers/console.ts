// The SQL console in its worker: a read-only copy of the database, several statements, limited results.
import type { Database, SqlValue } from 'sql.js'
import {
  BOUNDS,
  type ConsoleCell,
  type ConsoleResult,
  type ConsoleTable,
  type FromConsole,
  type ToConsole,
} from '../../protocol/console-result.ts'
import { formatCsv } from '../../ui/csv.ts'
import { forEachRow, messageOf, numberOf, openDatabase } from '../data/database.ts'
import { TextFile } from '../text-file.ts'

/** Most rows of a CSV file, and most characters read for a table or a file. Beyond them the result is cut after a row and marked as cut. */
const CSV_ROWS = 500_000
const READ_CHARACTERS = 400_000_000

let database: Database | null = null

/** Answers one message; never throws. */
export async function answerConsole(message: ToConsole): Promise<FromConsole> {
  try {
    if (message.type === 'console') {
      database = await openDatabase(message.bytes)
      return { type: 'schema', tables: describeSchema(database) }
    }
    if (!database) throw new Error('the database is not open')
    return message.type === 'run' ? { type: 'result', result: runShown(database, message.sql) } : runCsv(database, message.sql)
  } catch (error) {
    return { type: 'sql-error', message: messageOf(error) }
  }
}

/** Receives the rows of a statement. */
interface Taker {
  begin(columns: string[]): void
  /** Returns false when no more rows are wanted. */
  row(values: SqlValue[]): boolean
}

/** Runs all statements and passes on the rows of each that has columns. query_only is set before each, so that nothing is written. */
function run(opened: Database, sql: string, taker: Taker): { statements: number; isCut: boolean } {
  let statements = 0
  let isCut = false
  opened.run('PRAGMA query_only = ON')
  for (const statement of opened.iterateStatements(sql)) {
    opened.run('PRAGMA query_only = ON')
    statements++
    const columns = statement.getColumnNames()
    if (columns.length > 0) taker.begin(columns)
    let characters = 0
    let isWanted = true
    let isLeft = false
    while (statement.step()) {
      isLeft = !isWanted || characters > READ_CHARACTERS
      if (isLeft) break
      const values = statement.get()
      for (const value of values) if (typeof value === 'string') characters += value.length
      isWanted = taker.row(values)
    }
    if (columns.length > 0) isCut = isLeft
  }
  return { statements, isCut }
}

function runShown(opened: Database, sql: string): ConsoleResult {
  const startedMs = performance.now()
  const result = { columns: [] as string[], columnCount: 0, rows: [] as ConsoleCell[][], cutTexts: 0 }
  let most = 0
  const cut = (text: string) => {
    if (text.length <= BOUNDS.cell) return text
    result.cutTexts++
    return `${copyOf(text.slice(0, BOUNDS.cell))}…`
  }
  const ran = run(opened, sql, {
    begin(columns) {
      const shown = columns.slice(0, BOUNDS.columns)
      Object.assign(result, { columns: shown.map(cut), columnCount: columns.length, rows: [], cutTexts: 0 })
      most = Math.min(BOUNDS.rows, Math.floor(BOUNDS.cells / shown.length))
    },
    row(values) {
      const shown = values.slice(0, BOUNDS.columns)
      result.rows.push(shown.map((value) => (typeof value === 'string' ? cut(value) : value instanceof Uint8Array ? hexOf(value) : value)))
      return result.rows.length < most
    },
  })
  return { ...result, ...ran, milliseconds: performance.now() - startedMs }
}

/** The last result that has columns, as a CSV file. */
function runCsv(opened: Database, sql: string): Extract<FromConsole, { type: 'csv' }> {
  let file = new TextFile()
  let rows = 0
  const { isCut } = run(opened, sql, {
    begin(columns) {
      file = new TextFile()
      rows = 0
      file.add(formatCsv(columns, []))
    },
    row(values) {
      file.add(formatCsv(null, [values.map((value) => (value instanceof Uint8Array ? hexOf(value) : value))]))
      return ++rows < CSV_ROWS
    },
  })
  return { type: 'csv', csv: file.finish(), rows, isCut }
}

/** A copy of a text: a substring of a JavaScript string can keep the whole string in memory. */
function copyOf(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text))
}

function hexOf(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 64), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `x'${shown}${bytes.length > 64 ? `…' (${bytes.length} bytes)` : "'"}`
}

/** Most tables listed beside the editor; all can be queried. */
const TABLES = 200

/** The comments of columns are read from the CREATE TABLE text. */
function describeSchema(opened: Database): ConsoleTable[] {
  const tables: ConsoleTable[] = []
  const found: [name: string, sql: string, isTable: boolean][] = []
  forEachRow(
    opened,
    "SELECT name, sql, type = 'table' FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    (row) => {
      const [name, sql, isTable] = row.get()
      found.push([String(name), String(sql ?? ''), isTable === 1])
    },
  )
  for (const [name, sql, isTable] of found.slice(0, TABLES)) {
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
    // A view may have any number of rows, so its rows are not counted.
    const rows = isTable ? numberOf(opened, `SELECT count(*) FROM "${name.replaceAll('"', '""')}"`) : null
    tables.push({ name, rows, columns })
  }
  return tables
}
