// Rows of `activity` as columns: from the file's pages where it can be, else through the engine.
import type { Database } from 'sql.js'
import type { ActivityColumns } from '../../model/flow-columns.ts'
import { eachRow, numberOf } from './database.ts'
import { scanTable } from './table-scan.ts'
import { columnsOf, rootOf } from './table-shape.ts'

const COLUMNS = ['tick', 'flow_id', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes']

/** `meta`: of the timeline the page shows; what lies beyond its ends counts at them. `file`: as in readFlows(). */
export function* readActivity(
  database: Database,
  rowOf: (id: number) => number,
  meta: Record<string, string>,
  file: Uint8Array | null,
): Generator<void, ActivityColumns> {
  const count = numberOf(database, 'SELECT count(*) FROM activity')
  const last = numberOf(database, 'SELECT coalesce(max(tick) + 1, 0) FROM activity')
  const ticks = Number(meta.ticks) || 0
  const isCut = meta.first_tick !== undefined
  const firstTick = Number(meta.first_tick) || 0
  const length = isCut ? ticks : Math.max(ticks, last)
  const activity: ActivityColumns = {
    count,
    tickStart: new Int32Array(length + 1),
    flow: new Int32Array(count),
    bytes: new Float64Array(count),
    packets: new Float64Array(count),
    clientBytes: new Float64Array(count),
    clientPackets: new Float64Array(count),
  }
  let at = 0
  const add = (tick: number, flow: number, clientPackets: number, serverPackets: number, clientBytes: number, serverBytes: number) => {
    activity.flow[at] = rowOf(flow)
    activity.bytes[at] = clientBytes + serverBytes
    activity.packets[at] = clientPackets + serverPackets
    activity.clientBytes[at] = clientBytes
    activity.clientPackets[at] = clientPackets
    at++
    const shown = isCut ? Math.min(length - 1, Math.max(0, tick - firstTick)) : tick
    activity.tickStart[shown + 1] = at
  }
  // A table without rowid is an index tree; its record begins with the key, which CREATE TABLE names first too.
  const isScanned =
    file !== null &&
    columnsOf(database, 'activity').join() === COLUMNS.join() &&
    (yield* scanTable(file, rootOf(database, 'activity'), COLUMNS.length, true, (row) =>
      add(row.number(0), row.number(1), row.number(2), row.number(3), row.number(4), row.number(5)),
    )) &&
    at === count
  if (!isScanned) {
    at = 0
    activity.tickStart.fill(0)
    yield* eachRow(database, `SELECT ${COLUMNS.join(', ')} FROM activity ORDER BY tick, flow_id`, (row) => {
      const values = row.get().map(Number) as [number, number, number, number, number, number]
      add(...values)
    })
  }
  for (let tick = 1; tick <= length; tick++) activity.tickStart[tick] = Math.max(activity.tickStart[tick]!, activity.tickStart[tick - 1]!)
  return activity
}
