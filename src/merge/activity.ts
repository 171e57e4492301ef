// Activity of several reports, each with ticks of its own -> rows of one timeline, a part of it after the other.
// Ticks of a merged report begin at whole multiples of their width since the epoch, and each width divides the next: so the ticks of a report that is
// merged again lie inside those of the result, and every order of merging gives the same rows.
import { type Activity, BYTES, FLOW, INTS, PACKETS, REALS, REPEATED, sortActivityInPlace, TICK } from '../flows/activity.ts'
import { MAX_TICKS, WIDTHS } from '../flows/timeline.ts'
import type { LeafSink } from '../sqlite/btree-leaves.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { Traffic } from '../store/traffic.ts'
import { type TickSums, writeActivity, writeRetransmissions } from '../store/traffic-pages.ts'
import type { MergedCaptures } from './captures.ts'
import type { FlowOrder } from './flow-order.ts'
import { FLOW as COLUMN, type TimelineRows } from './report-rows.ts'

/** Rows of a part are at least as many, but in the last: 20 MB. */
const PART_ROWS = 500_000

type Timeline = Pick<Traffic['pages'], 'firstUs' | 'tickUs' | 'ticks' | 'main' | 'sums' | 'activity' | 'retransmissions'>

/** @param rows of the reports, in their order @throws DatabaseError for rows that no report has */
export function mergeActivity(merged: MergedCaptures, rows: readonly TimelineRows[], order: FlowOrder): Timeline {
  const timeline = new MergedTimeline(merged, rows, order)
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
  private readonly rows: readonly TimelineRows[]
  private readonly order: FlowOrder
  /** By tick: rows of activity; of retransmissions there are at most as many. */
  private readonly counts: Int32Array

  constructor({ reports, captures }: MergedCaptures, rows: readonly TimelineRows[], order: FlowOrder) {
    this.reports = reports
    this.rows = rows
    this.order = order
    const [from, to] = spanOf(captures, order)
    if (from <= to) this.choose(from, to)
    this.sums = { numbers: null, packets: new Float64Array(this.ticks), bytes: new Float64Array(this.ticks) }
    this.counts = new Int32Array(this.ticks)
    for (const report of reports.keys()) this.addSums(report)
  }

  /** The rows of all reports by tick and conversation. A part is in use until the next one is asked for. */
  *parts(table: 'activity' | 'retransmissions'): Generator<Activity> {
    const ends = this.partEnds()
    const ints = new Int32Array(Math.max(1, ...ends.map(({ rows }) => rows)) * INTS)
    /** By report: its first row that is in no part yet; some after it may be. */
    const next = new Int32Array(this.reports.length)
    let from = 0
    for (const { tick: to } of ends) {
      yield this.part(table, from, to, next, ints)
      from = to
    }
  }

  /** Each part ends before this tick, with so many rows at the most. */
  private partEnds(): { tick: number; rows: number }[] {
    const ends: { tick: number; rows: number }[] = []
    let rows = 0
    for (let tick = 1; tick <= this.ticks; tick++) {
      rows += this.counts[tick - 1]
      if (rows < PART_ROWS && tick < this.ticks) continue
      ends.push({ tick, rows })
      rows = 0
    }
    return ends
  }

  /** Rows of ticks [from, to). */
  private part(table: 'activity' | 'retransmissions', from: number, to: number, next: Int32Array, ints: Int32Array<ArrayBuffer>): Activity {
    const { order, firstUs, tickUs } = this
    const reals = new Float64Array(ints.buffer)
    ints.fill(0)
    let count = 0
    for (const [report, { rows }] of this.reports.entries()) {
      const cells = this.rows[report][table]
      const [ticks, ids, ...sides] = cells.columns.map(({ values }) => values)
      let left = -1
      let row = next[report]
      // Only the first time of a report's tick is certain to be in the order of the rows.
      for (; row < cells.count && this.tickOf(startOf(rows.meta, ticks[row])) < to; row++) {
        const id = ids[row]
        const tick = this.tickOf(this.usOf(report, ticks[row], id))
        if (tick >= to && left < 0) left = row
        if (tick < from || tick >= to) continue
        const [client, server] = order.isTurned(report, id) ? [1, 0] : [0, 1]
        const at = count * INTS
        ints[at + TICK] = tick
        ints[at + FLOW] = order.numberOf(report, id)
        const counted = table === 'activity' ? PACKETS : REPEATED
        ints[at + counted] = sides[client][row]
        ints[at + counted + 1] = sides[server][row]
        if (table === 'activity') {
          reals[count * REALS + BYTES] = sides[2 + client][row]
          reals[count * REALS + BYTES + 1] = sides[2 + server][row]
        }
        count++
      }
      next[report] = left < 0 ? row : left
    }
    return sortActivityInPlace({ firstUs, tickUs, ticks: this.ticks, firstTick: 0, numbers: null, main: null, count, ints })
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

  /** A time of the conversation's packets in a tick of its report, us. */
  private usOf(report: number, tick: number, id: number): number {
    // The tick may have begun before the conversation did.
    return Math.max(startOf(this.reports[report].rows.meta, tick), this.order.firstUs(report, id))
  }

  private tickOf(us: number): number {
    return Math.floor((us - this.firstUs) / this.tickUs)
  }

  /** Adds a report's rows, and checks that they lie in their conversations. */
  private addSums(report: number): void {
    const { activity, retransmissions } = this.rows[report]
    const [ticks, ids, ...sides] = activity.columns.map(({ values }) => values)
    const [repeatedTicks, repeatedIds] = retransmissions.columns.map(({ values }) => values)
    let next = 0
    for (let row = 0; row < activity.count; row++) {
      if (ticks[row] < ticks[row - 1])
        throw new DatabaseError('unusable', `activity.tick ${ticks[row]} comes after a later one: analyse its capture again`)
      const us = this.usOf(report, ticks[row], ids[row])
      if (!(us <= this.order.number(this.order.numberOf(report, ids[row]), COLUMN.last_us)))
        throw new DatabaseError(
          'unusable',
          `activity.tick ${ticks[row]} is after the end of its conversation ${ids[row]}: analyse its capture again`,
        )
      const tick = this.tickOf(us)
      this.counts[tick]++
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

/** Beginning of a report's tick, us. */
function startOf({ firstUs, tickUs }: MergedCaptures['reports'][number]['rows']['meta'], tick: number): number {
  return (firstUs ?? 0) + tick * tickUs
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
