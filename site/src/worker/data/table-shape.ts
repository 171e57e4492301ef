// Where a table stands in its file, and the order of its columns there.
import type { Database } from 'sql.js'
import { forEachRow, numberOf } from './database.ts'

/** Number of the page its tree begins at; 0: there is no such table. */
export function rootOf(database: Database, table: string): number {
  return numberOf(database, `SELECT coalesce(max(rootpage), 0) FROM sqlite_master WHERE type = 'table' AND name = '${table}'`)
}

/** Column names as in CREATE TABLE. */
export function columnsOf(database: Database, table: string): string[] {
  const columns: string[] = []
  forEachRow(database, `SELECT name FROM pragma_table_info('${table}') ORDER BY cid`, (row) => {
    columns.push(String(row.get()[0]))
  })
  return columns
}
