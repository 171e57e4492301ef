// One read-only statement on the loaded database, run in slices so that it can be cancelled.
import type { Database } from 'sql.js'
import type { Questions, SqlAnswer } from '../../protocol/messages.ts'

/** Rows read between two checks for other messages. */
const SLICE = 2000

/** Throws SQLite's error, and refuses statements that write, because the loaded report must stay equal to its file. */
export function* runSql(database: Database, { sql, values = [], limit }: Questions['sql']['question']): Generator<void, SqlAnswer> {
  const startedMs = performance.now()
  database.run('PRAGMA query_only = ON')
  const statement = database.prepare(sql)
  try {
    statement.bind(values)
    const columns = statement.getColumnNames()
    const rows: SqlAnswer['rows'] = []
    let isCut = false
    while (statement.step()) {
      if (rows.length === limit) {
        isCut = true
        break
      }
      rows.push(statement.get() as SqlAnswer['rows'][number])
      if (rows.length % SLICE === 0) yield
    }
    return { columns, rows, isCut, milliseconds: performance.now() - startedMs }
  } finally {
    statement.free()
    database.run('PRAGMA query_only = OFF')
  }
}
