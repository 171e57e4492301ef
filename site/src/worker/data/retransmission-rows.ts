// Rows of `retransmissions` as columns, read on first use. None in reports of earlier versions, and while a capture runs.
import { isCount } from '../../model/sound.ts'
import { forEachRow } from './database.ts'
import { oncePerReport } from './read-once.ts'
import { countRows } from './table-shape.ts'

export interface RetransmissionColumns {
  /** Of the timeline that the page shows; rows outside it are left out. */
  tick: Int32Array
  /** Row number of the flow. */
  flow: Int32Array
  /** Repeated segments of both ends. */
  segments: Float64Array
}

export const readRetransmissions = oncePerReport(({ database, rows }): RetransmissionColumns => {
  const count = countRows(database, 'retransmissions')
  const [tick, flow, segments] = [new Int32Array(count), new Int32Array(count), new Float64Array(count)]
  const ticks = rows.activity.tickStart.length - 1
  const firstTick = Number(rows.meta.first_tick) || 0
  let at = 0
  forEachRow(
    database,
    'SELECT tick, flow_id, client_retransmissions, server_retransmissions FROM retransmissions ORDER BY tick, flow_id',
    (row) => {
      const [fileTick, id, client, server] = row.get() as number[]
      const shown = fileTick - firstTick
      const itsFlow = rows.rowOfFlow(id)
      if (itsFlow < 0 || !(shown >= 0 && shown < ticks) || !isCount(client) || !isCount(server)) return
      tick[at] = shown
      flow[at] = itsFlow
      segments[at++] = client + server
    },
  )
  return { tick: tick.subarray(0, at), flow: flow.subarray(0, at), segments: segments.subarray(0, at) }
})
