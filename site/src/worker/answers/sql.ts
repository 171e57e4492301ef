// One reading statement over the loaded database, stepped in slices so that it can be given up.
import type { Database } from 'sql.js'
import type { Questions, SqlAnswer } from '../../protocol/messages.ts'

/** Rows between two looks at what else is asked. */
const SLICE = 2000

/** Throws what SQLite says, and refuses what would write: the loaded report is what its file says. */
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
