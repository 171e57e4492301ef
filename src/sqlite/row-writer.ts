// Rows into a table, many an INSERT: with sql.js the calls cost more than the rows (1,000,000 rows of 8 integers: 1.1 s at 50 rows a call).
import type { SqlDatabase, SqlStatement, SqlValue } from '../types.ts'

const ROWS_PER_INSERT = 50

export class RowWriter {
  private values: SqlValue[] = []
  private readonly full: SqlStatement
  private readonly database: SqlDatabase
  private readonly table: string
  private readonly columns: readonly string[]

  /** @param columns all columns of the rows, in their order; names come from this program, never from a capture */
  constructor(database: SqlDatabase, table: string, columns: readonly string[]) {
    this.database = database
    this.table = table
    this.columns = columns
    this.full = database.prepare(this.insert(ROWS_PER_INSERT))
  }

  /** One row, a value a column. */
  add(...row: SqlValue[]): void {
    for (let i = 0; i < row.length; i++) this.values.push(row[i]!)
    if (this.values.length < ROWS_PER_INSERT * this.columns.length) return
    this.full.run(this.values)
    this.values.length = 0
  }

  /** Writes what is left; the writer must not be used afterwards. */
  finish(): void {
    this.full.free()
    const rows = this.values.length / this.columns.length
    if (rows === 0) return
    const rest = this.database.prepare(this.insert(rows))
    rest.run(this.values)
    rest.free()
  }

  private insert(rows: number): string {
    const row = `(${this.columns.map(() => '?').join()})`
    return `INSERT INTO ${this.table} (${this.columns.join()}) VALUES ${Array(rows).fill(row).join()}`
  }
}
