// A SqlDatabase that keeps the rows it is given: the pipeline's output without SQLite's share of the time.
import type { SqlDatabase, SqlStatement, SqlValue } from '../../src/types.ts'

export interface Table {
  columns: string[]
  /** Row after row. */
  values: SqlValue[]
}

const INSERT = /^INSERT INTO (\w+) \(([\w,]+)\) VALUES/

export class Recorder implements SqlDatabase {
  readonly tables = new Map<string, Table>()

  run(): void {}

  prepare(sql: string): SqlStatement {
    const match = INSERT.exec(sql)
    if (match === null) throw new Error(`the recorder knows INSERT only: ${sql.slice(0, 80)}`)
    const table = this.table(match[1]!, match[2]!.split(','))
    return {
      run: (values = []) => {
        if (values.length % table.columns.length !== 0) throw new Error(`${match[1]}: ${values.length} values are no whole rows`)
        for (const value of values) table.values.push(value)
      },
      bind: () => true,
      step: () => false,
      get: () => [],
      free: () => true,
    }
  }

  export(): Uint8Array {
    return new Uint8Array(0)
  }

  close(): void {}

  /** The rows of a table as records. */
  *rows(name: string): Generator<Record<string, SqlValue>> {
    const table = this.tables.get(name)
    if (table === undefined) return
    const { columns, values } = table
    for (let at = 0; at < values.length; at += columns.length)
      yield Object.fromEntries(columns.map((column, index) => [column, values[at + index]!]))
  }

  private table(name: string, columns: string[]): Table {
    let table = this.tables.get(name)
    if (table === undefined) {
      table = { columns, values: [] }
      this.tables.set(name, table)
    }
    return table
  }
}
