// Rows of `packets` as columns, read on first use.
import { isCount, isTime } from '../../model/sound.ts'
import { forEachRow } from './database.ts'
import { oncePerReport } from './read-once.ts'
import { countRows } from './table-shape.ts'

export interface PacketColumns {
  count: number
  flow: Int32Array
  atUs: Float64Array
  bytes: Int32Array
}

export const packetColumns = oncePerReport(({ database, rows }): PacketColumns => {
  const flow: number[] = []
  const atUs: number[] = []
  const bytes: number[] = []
  countRows(database, 'packets')
  forEachRow(database, 'SELECT flow_id, at_us, bytes FROM packets', (row) => {
    const [id, at, length] = row.get()
    const itsFlow = rows.rowOfFlow(id as number)
    if (itsFlow < 0 || !isTime(at) || !isCount(length)) return // its flow is not shown, or a value is impossible
    flow.push(itsFlow)
    atUs.push(at)
    bytes.push(length)
  })
  return { count: flow.length, flow: Int32Array.from(flow), atUs: Float64Array.from(atUs), bytes: Int32Array.from(bytes) }
})
