// Reads a table on first use, and keeps the result as long as the report's rows.
import type { Database } from 'sql.js'
import type { ReportRows } from './row-types.ts'

interface Opened {
  database: Database
  rows: ReportRows
}

export function oncePerReport<Columns>(read: (opened: Opened) => Columns): (opened: Opened) => Columns {
  const known = new WeakMap<Opened['rows'], Columns>()
  return ({ database, rows }) => {
    let columns = known.get(rows)
    if (columns === undefined) {
      columns = read({ database, rows })
      known.set(rows, columns)
    }
    return columns
  }
}
