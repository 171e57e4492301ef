// Rows of a query, all at once: answers are bounded by LIMIT.
import type { SqlDatabase, SqlValue } from '../../types.ts'

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
