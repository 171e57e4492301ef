// Rows of `packets` as columns: read when they are first asked for.
import { forEachRow } from './database.ts'
import { readOnce } from './read-once.ts'

export interface PacketColumns {
  count: number
  flow: Int32Array
  atUs: Float64Array
  bytes: Int32Array
}

export const packetColumns = readOnce(({ database, rows }): PacketColumns => {
  const flow: number[] = []
  const atUs: number[] = []
  const bytes: number[] = []
  forEachRow(database, 'SELECT flow_id, at_us, bytes FROM packets', (row) => {
    const [id, at, length] = row.get()
    flow.push(rows.rowOfFlow(Number(id)))
    atUs.push(Number(at))
    bytes.push(Number(length))
  })
  return { count: flow.length, flow: Int32Array.from(flow), atUs: Float64Array.from(atUs), bytes: Int32Array.from(bytes) }
})
