// Rows of `tcp` as the columns that filters use, read on first use.
import { TCP_FIGURES } from '../../../../src/filter/fields/tcp.ts'
import type { TcpFigures } from '../../../../src/filter/source.ts'
import { isCount } from '../../model/sound.ts'
import { forEachRow } from './database.ts'
import { oncePerReport } from './read-once.ts'
import { countRows } from './table-shape.ts'

const FIGURES = Object.keys(TCP_FIGURES) as (keyof typeof TCP_FIGURES)[]

export const tcpFigures = oncePerReport(({ database, rows }): TcpFigures => {
  const count = countRows(database, 'tcp')
  const flow: number[] = []
  const columns = FIGURES.map(() => new Float64Array(count))
  forEachRow(database, `SELECT flow_id, ${FIGURES.map((figure) => TCP_FIGURES[figure]).join(', ')} FROM tcp ORDER BY flow_id`, (row) => {
    const [id, ...values] = row.get()
    const itsFlow = rows.rowOfFlow(id as number)
    if (itsFlow < 0) return // it is not shown
    for (const [index, value] of values.entries()) columns[index][flow.length] = isCount(value) ? value : -1
    flow.push(itsFlow)
  })
  const read = Object.fromEntries(FIGURES.map((figure, index) => [figure, columns[index].subarray(0, flow.length)]))
  return { flow, ...(read as Record<keyof typeof TCP_FIGURES, Float64Array>) }
})
