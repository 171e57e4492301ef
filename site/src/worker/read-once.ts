// Tables that not every reader asks for are read when the first one does, and kept as long as the rows they belong to.
import type { OpenReport } from './matches.ts'

type Opened = Pick<OpenReport, 'database' | 'rows'>

export function readOnce<Columns>(read: (opened: Opened) => Columns): (opened: Opened) => Columns {
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
