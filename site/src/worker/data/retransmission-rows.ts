// Rows of `retransmissions` as columns, read on first use; while a capture runs, they grow with it (live/growing-rows.ts). None in reports of earlier versions.
import type { Database } from 'sql.js'
import { isCount } from '../../model/sound.ts'
import { forEachRow } from './database.ts'
import type { ReportRows, RetransmissionColumns } from './row-types.ts'
import { countRows } from './table-shape.ts'

export function readRetransmissions({ database, rows }: { database: Database; rows: ReportRows }): RetransmissionColumns {
  rows.retransmissions ??= readColumns(database, rows)
  return rows.retransmissions
}

function readColumns(database: Database, rows: ReportRows): RetransmissionColumns {
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
}
