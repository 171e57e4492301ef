// Runs one query and returns all rows.
import type { SqlDatabase, SqlStatement, SqlValue } from '../types.ts'

/** All rows of a query; only for queries with few rows. */
export function rowsOf(database: SqlDatabase, sql: string, values: SqlValue[] = []): SqlValue[][] {
  return answersOf(database, sql, values, (statement) => statement.get())
}

/** The same as objects with the query's column names as properties. The caller states the types in Row; they are not checked. */
export function objectsOf<Row>(database: SqlDatabase, sql: string, values: SqlValue[] = []): Row[] {
  return answersOf(database, sql, values, (statement) => {
    const row = statement.get()
    return Object.fromEntries(statement.getColumnNames().map((name, i) => [name, row[i]])) as Row
  })
}

/** Calls `take` with each row, for queries with many. The caller states the types in Row; they are not checked. */
export function eachRow<Row extends SqlValue[]>(database: SqlDatabase, sql: string, take: (row: Row) => void): void {
  eachAnswer(database, sql, [], (statement) => take(statement.get() as Row))
}

function answersOf<Answer>(database: SqlDatabase, sql: string, values: SqlValue[], read: (statement: SqlStatement) => Answer): Answer[] {
  const answers: Answer[] = []
  eachAnswer(database, sql, values, (statement) => answers.push(read(statement)))
  return answers
}

function eachAnswer(database: SqlDatabase, sql: string, values: SqlValue[], take: (statement: SqlStatement) => void): void {
  const statement = database.prepare(sql)
  try {
    statement.bind(values)
    while (statement.step()) take(statement)
  } finally {
    statement.free()
  }
}
