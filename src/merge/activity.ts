// Activity of several reports, each with ticks of its own -> rows of one timeline.
// Ticks of a merged report begin at whole multiples of their width since the epoch, and each width divides the next: so the ticks of a report that is
// merged again lie inside those of the result, and every order of merging gives the same rows.
import { BYTES, FLOW, INTS, PACKETS, REALS, REPEATED, TICK, type UnsortedActivity } from '../flows/activity.ts'
import { MAX_TICKS, WIDTHS } from '../flows/timeline.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { MergedCaptures } from './captures.ts'
import type { FlowOrder } from './flow-order.ts'
import { FLOW as COLUMN } from './report-rows.ts'

export function mergeActivity({ reports, captures }: MergedCaptures, order: FlowOrder): UnsortedActivity {
  const [from, to] = spanOf(captures, order)
  const ints = new Int32Array(Math.max(1, sum(reports.map(({ rows }) => rows.activity.count))) * INTS)
  if (from > to) return { firstUs: 0, tickUs: 0, ticks: 0, firstTick: 0, numbers: null, main: null, count: 0, ints }
  const least = reports.reduce((most, { rows }) => Math.max(most, rows.meta.tickUs), 0)
  const ticksOf = (width: number) => Math.floor(to / width) - Math.floor(from / width) + 1
  const tickUs = WIDTHS.find((width) => width >= least && ticksOf(width) <= MAX_TICKS)
  if (tickUs === undefined) throw new DatabaseError('unusable', 'its times are too far from each other for one timeline')
  const first = Math.floor(from / tickUs)
  const reals = new Float64Array(ints.buffer)
  let count = 0
  for (const [report, { rows }] of reports.entries()) {
    const start = rows.meta.firstUs ?? 0
    const [ticks, ids, ...sides] = rows.activity.columns.map(({ values }) => values)
    const [repeatedTicks, repeatedIds, ...repeated] = rows.retransmissions.columns.map(({ values }) => values)
    let next = 0
    for (let i = 0; i < rows.activity.count; i++) {
      const [tick, id] = [ticks[i], ids[i]]
      const flow = order.numberOf(report, id)
      // The tick may have begun before the conversation did.
      const us = Math.max(start + tick * rows.meta.tickUs, order.firstUs(report, id))
      if (!(us <= order.number(flow, COLUMN.last_us)))
        throw new DatabaseError('unusable', `activity.tick ${tick} is after the end of its conversation ${id}: analyse its capture again`)
      ints[count * INTS + TICK] = Math.floor(us / tickUs) - first
      ints[count * INTS + FLOW] = flow
      const [client, server] = order.isTurned(report, id) ? [1, 0] : [0, 1]
      ints[count * INTS + PACKETS] = sides[client][i]
      ints[count * INTS + PACKETS + 1] = sides[server][i]
      reals[count * REALS + BYTES] = sides[2 + client][i]
      reals[count * REALS + BYTES + 1] = sides[2 + server][i]
      // Both tables are in the order of tick and conversation.
      if (repeatedTicks[next] === tick && repeatedIds[next] === id) {
        ints[count * INTS + REPEATED] = repeated[client][next]
        ints[count * INTS + REPEATED + 1] = repeated[server][next]
        next++
      }
      count++
    }
    if (next < rows.retransmissions.count)
      throw new DatabaseError(
        'unusable',
        `retransmissions has a row for tick ${repeatedTicks[next]} that is not in activity: analyse its capture again`,
      )
  }
  return { firstUs: first * tickUs, tickUs, ticks: ticksOf(tickUs), firstTick: 0, numbers: null, main: null, count, ints }
}

/** Times of the first and the last packet, us; without any, the first is the later one. */
function spanOf(captures: MergedCaptures['captures'], order: FlowOrder): [number, number] {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const add = (us: number | null): void => {
    if (us === null) return
    if (us < from) from = us
    if (us > to) to = us
  }
  for (const { firstUs, lastUs } of captures) {
    add(firstUs)
    add(lastUs)
  }
  for (let flow = 0; flow < order.count; flow++) {
    add(order.number(flow, COLUMN.first_us))
    add(order.number(flow, COLUMN.last_us))
  }
  return [from, to]
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
