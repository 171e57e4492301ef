// One question to a database, answered at once.
import type { SqlDatabase, SqlStatement, SqlValue } from '../types.ts'

/** All rows of a query; only for queries that answer few. */
export function rowsOf(database: SqlDatabase, sql: string, values: SqlValue[] = []): SqlValue[][] {
  return answersOf(database, sql, values, (statement) => statement.get())
}

/** The same as objects, their properties named as the query names its columns: what Row says of them is a promise of the query. */
export function objectsOf<Row>(database: SqlDatabase, sql: string, values: SqlValue[] = []): Row[] {
  return answersOf(database, sql, values, (statement) => {
    const row = statement.get()
    return Object.fromEntries(statement.getColumnNames().map((name, i) => [name, row[i]])) as Row
  })
}

function answersOf<Answer>(database: SqlDatabase, sql: string, values: SqlValue[], read: (statement: SqlStatement) => Answer): Answer[] {
  const statement = database.prepare(sql)
  try {
    statement.bind(values)
    const answers: Answer[] = []
    while (statement.step()) answers.push(read(statement))
    return answers
  } finally {
    statement.free()
  }
}
