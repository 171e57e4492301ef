// A database's rows in memory, read back through SQLite, so that they can be held against each other in one pass.
import { rowsOf } from '../../src/sqlite/query.ts'
import type { SqlDatabase, SqlValue } from '../../src/types.ts'

export interface Table {
  columns: string[]
  /** Row after row. */
  values: SqlValue[]
}

const NAMES = ['captures', 'skipped', 'hosts', 'flows', 'activity', 'packets', 'names', 'dns_queries', 'meta']

/** By table; every database has the same. */
const columns = new Map<string, string[]>()

export class Tables {
  readonly tables = new Map<string, Table>()

  static read(database: SqlDatabase): Tables {
    const all = new Tables()
    for (const name of NAMES) {
      const values: SqlValue[] = []
      const statement = database.prepare(`SELECT * FROM ${name}`)
      while (statement.step()) for (const value of statement.get()) values.push(value)
      statement.free()
      all.tables.set(name, { columns: columnsOf(database, name), values })
    }
    return all
  }

  /** The rows of a table as records. */
  *rows(name: string): Generator<Record<string, SqlValue>> {
    const table = this.tables.get(name)
    if (table === undefined) return
    const { columns, values } = table
    for (let at = 0; at < values.length; at += columns.length)
      yield Object.fromEntries(columns.map((column, index) => [column, values[at + index]!]))
  }
}

function columnsOf(database: SqlDatabase, table: string): string[] {
  let names = columns.get(table)
  if (names === undefined) {
    names = rowsOf(database, 'SELECT name FROM pragma_table_info(?) ORDER BY cid', [table]).map(([name]) => String(name))
    columns.set(table, names)
  }
  return names
}
