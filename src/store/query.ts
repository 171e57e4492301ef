// One question to a database, answered at once.
import type { SqlDatabase, SqlValue } from '../types.ts'

/** All rows of a query; only for queries that answer few. */
export function rowsOf(database: SqlDatabase, sql: string, values: SqlValue[] = []): SqlValue[][] {
  const statement = database.prepare(sql)
  try {
    statement.bind(values)
    const rows: SqlValue[][] = []
    while (statement.step()) rows.push(statement.get())
    return rows
  } finally {
    statement.free()
  }
}
