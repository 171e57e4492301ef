// sqlite_schema of an untrusted database -> objects that are not tables of rtnvis. Checked first, because views, triggers, CHECKs and
// generated columns run code from the file.
import { rowsOf } from '../sqlite/query.ts'
import { TABLES } from '../store/schema.ts'
import type { SqlDatabase } from '../types.ts'
import { agrees, type Check, differs } from './check.ts'
import { DATABASE } from './query.ts'

/** CREATE statements of this version by table, as SQLite stores them. */
const STATEMENTS: ReadonlyMap<string, string> = new Map(
  [...TABLES.matchAll(/CREATE TABLE (\w+) [\s\S]*?\) STRICT(?:, WITHOUT ROWID)?(?=;\n)/g)].map(([sql, name]) => [name, sql]),
)

/** Keywords by which a table's statement can make SQLite evaluate an expression. */
const COMPUTES = /\b(?:as|check|collate|default|generated)\b/i

interface SchemaObject {
  type: string
  name: string
  table: string
  sql: string | null
}

function readObjects(database: SqlDatabase): SchemaObject[] {
  return rowsOf(database, 'SELECT type, name, tbl_name, sql FROM sqlite_schema').map(([type, name, table, sql]) => ({
    type: String(type),
    name: String(name),
    table: String(table),
    sql: sql === null ? null : String(sql),
  }))
}

/** Whether there are only plain tables, and the indexes that SQLite makes for their keys. This check evaluates no expression of the schema. */
export function checkPlain(database: SqlDatabase): Check {
  const subject = 'only plain tables'
  const wrong = readObjects(database).flatMap(({ type, name, table, sql }) => {
    if (type === 'index' && sql === null) return []
    if (type !== 'table') return [`${type} ${name} on ${table}`]
    if (sql === null || STATEMENTS.get(name) === sql) return []
    const plain = sql.replace(/--[^\n]*/g, '')
    return COMPUTES.test(plain) || !/^CREATE TABLE /i.test(plain) ? [`table ${name} that computes something`] : []
  })
  return wrong.length === 0
    ? agrees(DATABASE, subject, 'no views, triggers, or indexes of its own')
    : differs(DATABASE, subject, `there is ${wrong.join(', ')}, which no report has`)
}

/** Whether the CREATE statements are exactly those of this version. */
export function checkStatements(database: SqlDatabase): Check {
  const subject = 'definitions of tables'
  const found = new Map(
    readObjects(database)
      .filter(({ type }) => type === 'table')
      .map(({ name, sql }) => [name, sql]),
  )
  const wrong = [
    ...[...STATEMENTS.keys()].filter((name) => !found.has(name)).map((name) => `table ${name} is missing`),
    ...[...found.keys()].filter((name) => !STATEMENTS.has(name)).map((name) => `table ${name} was added`),
    ...[...STATEMENTS]
      .filter(([name, sql]) => found.has(name) && found.get(name) !== sql)
      .map(([name]) => `table ${name} is defined otherwise`),
  ]
  return wrong.length === 0 ? agrees(DATABASE, subject) : differs(DATABASE, subject, wrong.join('; '))
}
