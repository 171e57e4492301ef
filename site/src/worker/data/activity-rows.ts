// Rows of `activity` as columns: read directly from the file's pages if possible, otherwise with SQL.
import type { Database } from 'sql.js'
import { BLOCK_ROWS, scanTable } from '../../../../src/sqlite/table-scan.ts'
import type { ActivityColumns } from '../../model/flow-columns.ts'
import { isCount, type LeftOut, leaveOut } from '../../model/sound.ts'
import { eachRow, numberOf } from './database.ts'
import { columnsOf, countRows, rootOf } from './table-shape.ts'

const COLUMNS = ['tick', 'flow_id', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes']

/** Limit far above what the analyzer writes (flows/timeline.ts), because all ticks are visited for each view of the timeline. */
const MOST_TICKS = 100_000

/** `meta`: the timeline that the page shows; activity outside it is in its first and last tick, and in no chart. `file`: as in readFlows(). */
export function* readActivity(
  database: Database,
  rowOf: (id: number) => number,
  meta: Record<string, string>,
  file: Uint8Array | null,
  leftOut: LeftOut,
): Generator<void, ActivityColumns> {
  const count = countRows(database, 'activity')
  const last = numberOf(database, `SELECT coalesce(max(tick) + 1, 0) FROM activity WHERE tick BETWEEN 0 AND ${MOST_TICKS - 1}`)
  const told = Number(meta.ticks)
  const ticks = isCount(told) ? Math.min(told, MOST_TICKS) : 0
  const isCut = meta.first_tick !== undefined
  const firstTick = Number(meta.first_tick) || 0
  const length = isCut ? Math.max(1, ticks) : Math.max(ticks, last)
  const activity: ActivityColumns = {
    count,
    tickStart: new Int32Array(length + 1),
    flow: new Int32Array(count),
    bytes: new Float64Array(count),
    packets: new Float64Array(count),
    clientBytes: new Float64Array(count),
    clientPackets: new Float64Array(count),
  }
  let visited = 0
  let at = 0
  let tickBefore = 0
  let isInOrder = true
  const inside = { from: 0, to: 0 }
  const begin = () => {
    visited = 0
    inside.from = inside.to = 0
    at = 0
    tickBefore = 0
    activity.tickStart.fill(0)
    delete leftOut.activity
  }
  const add = (tick: number, id: number, clientPackets: number, serverPackets: number, clientBytes: number, serverBytes: number) => {
    visited++
    const flow = rowOf(id)
    const isSound = isCount(tick) && (isCut || tick < length) && flow >= 0
    if (!isSound || !isCount(clientPackets) || !isCount(serverPackets) || !isCount(clientBytes) || !isCount(serverBytes)) {
      leaveOut(leftOut, 'activity')
      return
    }
    if (tick < tickBefore) isInOrder = false
    tickBefore = tick
    activity.flow[at] = flow
    activity.bytes[at] = clientBytes + serverBytes
    activity.packets[at] = clientPackets + serverPackets
    activity.clientBytes[at] = clientBytes
    activity.clientPackets[at] = clientPackets
    at++
    if (tick < firstTick) inside.from = at
    if (tick < firstTick + length) inside.to = at
    const shown = isCut ? Math.min(length - 1, Math.max(0, tick - firstTick)) : tick
    activity.tickStart[shown + 1] = at
  }
  const block = COLUMNS.map(() => new Float64Array(BLOCK_ROWS))
  // A WITHOUT ROWID table is an index b-tree; its records begin with the key columns, which come first in CREATE TABLE too.
  const isScanned =
    file !== null &&
    columnsOf(database, 'activity').join() === COLUMNS.join() &&
    (yield* scanTable(file, rootOf(database, 'activity'), COLUMNS.length, true, (rows) => {
      for (const [column, values] of block.entries()) rows.numbers(column, Number.NaN, values)
      const [ticks, ids, ...sides] = block
      for (let row = 0; row < rows.count; row++) add(ticks[row], ids[row], sides[0][row], sides[1][row], sides[2][row], sides[3][row])
    })) &&
    visited === count &&
    isInOrder
  if (!isScanned) {
    begin()
    yield* eachRow(database, `SELECT ${COLUMNS.join(', ')} FROM activity ORDER BY tick, flow_id`, (row) => {
      add(...(row.get() as [number, number, number, number, number, number]))
    })
  }
  if (isCut) activity.inside = inside
  if (at < count) Object.assign(activity, cutTo(at, activity))
  for (let tick = 1; tick <= length; tick++) activity.tickStart[tick] = Math.max(activity.tickStart[tick], activity.tickStart[tick - 1])
  return activity
}

function cutTo(count: number, { flow, bytes, packets, clientBytes, clientPackets }: ActivityColumns): Partial<ActivityColumns> {
  return {
    count,
    flow: flow.slice(0, count),
    bytes: bytes.slice(0, count),
    packets: packets.slice(0, count),
    clientBytes: clientBytes.slice(0, count),
    clientPackets: clientPackets.slice(0, count),
  }
}
