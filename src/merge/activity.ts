// Activity of several reports, each with ticks of its own -> rows of one timeline.
// Ticks of a merged report begin at whole multiples of their width since the epoch, and each width divides the next: so the ticks of a report that is
// merged again lie inside those of the result, and every order of merging gives the same rows.
import { BYTES, FLOW, INTS, PACKETS, REALS, REPEATED, TICK, type UnsortedActivity } from '../flows/activity.ts'
import { MAX_TICKS, WIDTHS } from '../flows/timeline.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { MergedCaptures } from './captures.ts'
import { type FlowOrder, found } from './flow-order.ts'
import { FLOW as COLUMN } from './report-rows.ts'

export function mergeActivity({ reports, captures }: MergedCaptures, order: FlowOrder): UnsortedActivity {
  const times = captures.flatMap(({ firstUs, lastUs }) => [firstUs ?? [], lastUs ?? []].flat())
  for (const { row } of order.flows) times.push(row[COLUMN.first_us] as number, row[COLUMN.last_us] as number)
  const ints = new Int32Array(Math.max(1, sum(reports.map(({ rows }) => rows.activity.count))) * INTS)
  if (times.length === 0) return { firstUs: 0, tickUs: 0, ticks: 0, firstTick: 0, numbers: null, main: null, count: 0, ints }
  const from = times.reduce((least, us) => Math.min(least, us))
  const to = times.reduce((most, us) => Math.max(most, us))
  const least = reports.reduce((most, { rows }) => Math.max(most, rows.meta.tickUs), 0)
  const ticksOf = (width: number) => Math.floor(to / width) - Math.floor(from / width) + 1
  const tickUs = WIDTHS.find((width) => width >= least && ticksOf(width) <= MAX_TICKS)
  if (tickUs === undefined) throw new DatabaseError('unusable', 'its times are too far from each other for one timeline')
  const first = Math.floor(from / tickUs)
  const reals = new Float64Array(ints.buffer)
  let count = 0
  for (const [report, { rows }] of reports.entries()) {
    const start = rows.meta.firstUs ?? 0
    const firstUs = new Map(rows.flows.map((row) => [row[COLUMN.id], row[COLUMN.first_us] as number]))
    const { cells, width } = rows.activity
    const { cells: repeated, width: repeatedWidth } = rows.retransmissions
    let next = 0
    for (let at = 0; at < cells.length; at += width) {
      const [tick, id, clientPackets, serverPackets] = [cells[at], cells[at + 1], cells[at + 2], cells[at + 3]]
      const [clientBytes, serverBytes] = [cells[at + 4], cells[at + 5]]
      const flow = found(order.numbers[report], id, 'conversation')
      const { row } = order.flows[flow]
      // The tick may have begun before the conversation did.
      const us = Math.max(start + tick * rows.meta.tickUs, firstUs.get(id)!)
      if (!(us <= (row[COLUMN.last_us] as number)))
        throw new DatabaseError('unusable', `activity.tick ${tick} is after the end of its conversation ${id}: analyse its capture again`)
      ints[count * INTS + TICK] = Math.floor(us / tickUs) - first
      ints[count * INTS + FLOW] = flow
      const isTurned = order.turned[report].has(id)
      ints.set(isTurned ? [serverPackets, clientPackets] : [clientPackets, serverPackets], count * INTS + PACKETS)
      reals.set(isTurned ? [serverBytes, clientBytes] : [clientBytes, serverBytes], count * REALS + BYTES)
      // Both tables are in the order of tick and conversation.
      if (repeated[next] === tick && repeated[next + 1] === id) {
        const [clientRepeated, serverRepeated] = [repeated[next + 2], repeated[next + 3]]
        ints.set(isTurned ? [serverRepeated, clientRepeated] : [clientRepeated, serverRepeated], count * INTS + REPEATED)
        next += repeatedWidth
      }
      count++
    }
    if (next < repeated.length)
      throw new DatabaseError(
        'unusable',
        `retransmissions has a row for tick ${repeated[next]} that is not in activity: analyse its capture again`,
      )
  }
  return { firstUs: first * tickUs, tickUs, ticks: ticksOf(tickUs), firstTick: 0, numbers: null, main: null, count, ints }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
