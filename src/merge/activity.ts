// Activity of several reports, each with ticks of its own -> rows of one timeline, a part of it after the other.
// Ticks of a merged report begin at whole multiples of their width since the epoch, and each width divides the next: so the ticks of a report that is
// merged again lie inside those of the result, and every order of merging gives the same rows.
import { placesByValue } from '../column.ts'
import { type Activity, BYTES, FLOW, INTS, PACKETS, REALS, REPEATED, sortActivityInPlace, TICK } from '../flows/activity.ts'
import { MAX_TICKS, WIDTHS } from '../flows/timeline.ts'
import type { LeafSink } from '../sqlite/btree-leaves.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { Traffic } from '../store/traffic.ts'
import { type TickSums, writeActivity, writeRetransmissions } from '../store/traffic-pages.ts'
import type { MergedCaptures } from './captures.ts'
import type { CellTable } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'
import { FLOW as COLUMN } from './report-rows.ts'

/** Rows of a part are at least as many, but in the last: 20 MB. */
const PART_ROWS = 500_000

type Timeline = Pick<Traffic['pages'], 'firstUs' | 'tickUs' | 'ticks' | 'main' | 'sums' | 'activity' | 'retransmissions'>

/** @throws DatabaseError for rows that no report has */
export function mergeActivity(merged: MergedCaptures, order: FlowOrder): Timeline {
  const timeline = new MergedTimeline(merged, order)
  const isFirstClient = new Uint8Array(order.count).fill(1)
  const { firstUs, tickUs, ticks, sums } = timeline
  return {
    ...{ firstUs, tickUs, ticks, main: null, sums },
    activity: (sink: LeafSink) => writeActivity(sink, timeline.parts('activity'), isFirstClient),
    retransmissions: (sink: LeafSink) => writeRetransmissions(sink, timeline.parts('retransmissions'), isFirstClient),
  }
}

class MergedTimeline {
  firstUs = 0
  tickUs = 0
  ticks = 0
  readonly sums: TickSums
  private readonly reports: MergedCaptures['reports']
  private readonly order: FlowOrder

  constructor({ reports, captures }: MergedCaptures, order: FlowOrder) {
    this.reports = reports
    this.order = order
    const [from, to] = spanOf(captures, order)
    if (from <= to) this.choose(from, to)
    this.sums = { numbers: null, packets: new Float64Array(this.ticks), bytes: new Float64Array(this.ticks) }
    for (const report of reports.keys()) this.addSums(report)
  }

  /** The rows of all reports by tick and conversation. */
  *parts(table: 'activity' | 'retransmissions'): Generator<Activity> {
    const tables = this.reports.map(({ rows }) => rows[table])
    const ticks = new Int32Array(tables.reduce((sum, { count }) => sum + count, 0))
    const starts: number[] = []
    let count = 0
    for (const [report, rows] of tables.entries()) {
      starts.push(count)
      for (let row = 0; row < rows.count; row++) ticks[count++] = this.tickOf(this.usOf(report, rows, row))
    }
    const places = placesByValue(ticks, this.ticks)
    const ends = places.slice(1)
    const byTick = new Int32Array(count)
    for (let row = 0; row < count; row++) byTick[places[ticks[row]]++] = row
    let from = 0
    for (const [tick, to] of ends.entries()) {
      if (to - from < PART_ROWS && tick < this.ticks - 1) continue
      yield this.part(byTick.subarray(from, to), ticks, tables, starts, table === 'activity')
      from = to
    }
  }

  private part(byTick: Int32Array, ticks: Int32Array, tables: CellTable[], starts: number[], hasBytes: boolean): Activity {
    const { order, firstUs, tickUs } = this
    const ints = new Int32Array(Math.max(1, byTick.length) * INTS)
    const reals = new Float64Array(ints.buffer)
    // Rows of a tick are in the order of the reports.
    let report = 0
    for (const [to, from] of byTick.entries()) {
      if (from < starts[report]) report = 0
      while (report + 1 < starts.length && from >= starts[report + 1]) report++
      const { columns } = tables[report]
      const row = from - starts[report]
      const id = columns[1].values[row]
      const [client, server] = order.isTurned(report, id) ? [1, 0] : [0, 1]
      const at = to * INTS
      ints[at + TICK] = ticks[from]
      ints[at + FLOW] = order.numberOf(report, id)
      const counts = hasBytes ? PACKETS : REPEATED
      ints[at + counts] = columns[2 + client].values[row]
      ints[at + counts + 1] = columns[2 + server].values[row]
      if (!hasBytes) continue
      reals[to * REALS + BYTES] = columns[4 + client].values[row]
      reals[to * REALS + BYTES + 1] = columns[4 + server].values[row]
    }
    return sortActivityInPlace({ firstUs, tickUs, ticks: this.ticks, firstTick: 0, numbers: null, main: null, count: byTick.length, ints })
  }

  private choose(from: number, to: number): void {
    const least = this.reports.reduce((most, { rows }) => Math.max(most, rows.meta.tickUs), 0)
    const ticksOf = (width: number) => Math.floor(to / width) - Math.floor(from / width) + 1
    const tickUs = WIDTHS.find((width) => width >= least && ticksOf(width) <= MAX_TICKS)
    if (tickUs === undefined) throw new DatabaseError('unusable', 'its times are too far from each other for one timeline')
    this.tickUs = tickUs
    this.firstUs = Math.floor(from / tickUs) * tickUs
    this.ticks = ticksOf(tickUs)
  }

  /** A time of the row in its tick, us. Rows of activity and of retransmissions begin with tick and conversation. */
  private usOf(report: number, { columns }: CellTable, row: number): number {
    const { meta } = this.reports[report].rows
    // The tick may have begun before the conversation did.
    return Math.max((meta.firstUs ?? 0) + columns[0].values[row] * meta.tickUs, this.order.firstUs(report, columns[1].values[row]))
  }

  private tickOf(us: number): number {
    return Math.floor((us - this.firstUs) / this.tickUs)
  }

  /** Adds a report's rows, and checks that they lie in their conversations. */
  private addSums(report: number): void {
    const { activity, retransmissions } = this.reports[report].rows
    const [ticks, ids, ...sides] = activity.columns.map(({ values }) => values)
    const [repeatedTicks, repeatedIds] = retransmissions.columns.map(({ values }) => values)
    let next = 0
    for (let row = 0; row < activity.count; row++) {
      const us = this.usOf(report, activity, row)
      if (!(us <= this.order.number(this.order.numberOf(report, ids[row]), COLUMN.last_us)))
        throw new DatabaseError(
          'unusable',
          `activity.tick ${ticks[row]} is after the end of its conversation ${ids[row]}: analyse its capture again`,
        )
      const tick = this.tickOf(us)
      this.sums.packets[tick] += sides[0][row] + sides[1][row]
      this.sums.bytes[tick] += sides[2][row] + sides[3][row]
      // Both tables are in the order of tick and conversation.
      if (repeatedTicks[next] === ticks[row] && repeatedIds[next] === ids[row]) next++
    }
    if (next < retransmissions.count)
      throw new DatabaseError(
        'unusable',
        `retransmissions has a row for tick ${repeatedTicks[next]} that is not in activity: analyse its capture again`,
      )
  }
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
