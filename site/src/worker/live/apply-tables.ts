// Rows of alerts, names and other tables that changed on the server -> the database in this page.
import type { Database } from 'sql.js'
import type { LiveTable } from '../../../../src/contract/live-message.ts'
import { forEachRow } from '../data/database.ts'

/** Unknown tables and columns are ignored: names from a newer server never become part of a statement. */
export function applyTables(database: Database, tables: readonly LiveTable[]): void {
  database.run('BEGIN')
  try {
    for (const table of tables) applyTable(database, table)
    database.run('COMMIT')
  } catch (error) {
    database.run('ROLLBACK')
    throw error
  }
}

function applyTable(database: Database, { name, columns, key, rows, gone, isUpdate }: LiveTable): void {
  const known = new Set<string>()
  forEachRow(database, 'SELECT name FROM pragma_table_info(?)', (row) => known.add(String(row.get()[0])), [name])
  if (known.size === 0 || ![...columns, ...key].every((column) => known.has(column))) return
  const remove = database.prepare(`DELETE FROM "${name}" WHERE ${key.map((column) => `"${column}" IS ?`).join(' AND ')}`)
  const write = database.prepare(isUpdate ? updateRow(name, columns, key) : replaceRow(name, columns))
  try {
    if (!isUpdate) for (const values of gone) remove.run(values)
    for (const values of rows) write.run(values)
  } finally {
    remove.free()
    write.free()
  }
}

function replaceRow(table: string, columns: string[]): string {
  return `INSERT OR REPLACE INTO "${table}" (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
}

function updateRow(table: string, columns: string[], key: string[]): string {
  const set = columns.map((column, index) => `"${column}" = ?${index + 1}`)
  return `UPDATE "${table}" SET ${set.join(', ')} WHERE ${key.map((column) => `"${column}" = ?${columns.indexOf(column) + 1}`).join(' AND ')}`
}
