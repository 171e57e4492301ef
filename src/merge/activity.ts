// Activity of several reports, each with ticks of its own -> rows of one timeline, a part of it after the other.
// Ticks of a merged report begin at whole multiples of their width since the epoch, and each width divides the next: so the ticks of a report that is
// merged again lie inside those of the result, and every order of merging gives the same rows.
import { type Activity, BYTES, FLOW, INTS, PACKETS, REALS, REPEATED, sortActivityInPlace, TICK } from '../flows/activity.ts'
import type { LeafSink } from '../sqlite/btree-leaves.ts'
import { DatabaseError } from '../store/report-database.ts'
import { type TickSums, type TrafficPages, writeActivity, writeRetransmissions } from '../store/traffic-pages.ts'
import { BLOCK_BYTES } from './column-memory.ts'
import { startOf } from './joined-ticks.ts'
import { pieceOf } from './pieces.ts'
import type { TimelineRows } from './report-rows.ts'
import { type TimelineOrder, ticksIn, widthOf } from './timeline-order.ts'

/** Rows of a part are at least as many, but in the last: 20 MB. */
const PART_ROWS = 500_000

/** The ticks of a merged report. */
export type Timeline = Pick<TrafficPages, 'firstUs' | 'tickUs' | 'ticks' | 'main' | 'sums'>

interface MergedActivity {
  timeline: Timeline
  activity(sink: LeafSink): void
  retransmissions(sink: LeafSink): void
}

/** @param rows of the reports, in their order @throws DatabaseError for rows that no report has */
export function mergeActivity(order: TimelineOrder, rows: readonly TimelineRows[]): MergedActivity {
  const merged = new MergedTimeline(order, rows)
  const isFirstClient = new Uint8Array(order.lastUs.length).fill(1)
  const { firstUs, tickUs, ticks, sums } = merged
  return {
    timeline: { firstUs, tickUs, ticks, main: null, sums },
    activity: (sink) => writeActivity(sink, merged.parts('activity'), isFirstClient),
    retransmissions: (sink) => writeRetransmissions(sink, merged.parts('retransmissions'), isFirstClient),
  }
}

class MergedTimeline {
  firstUs = 0
  tickUs = 0
  ticks = 0
  readonly sums: TickSums
  private readonly rows: readonly TimelineRows[]
  private readonly order: TimelineOrder
  /** By tick: rows of activity; of retransmissions there are at most as many. */
  private readonly counts: Int32Array
  private readonly ends: { tick: number; rows: number }[]
  /** The rows of a part, of both tables in turn. */
  private readonly ints: Int32Array<ArrayBuffer>

  constructor(order: TimelineOrder, rows: readonly TimelineRows[]) {
    this.rows = rows
    this.order = order
    const [from, to] = order.span
    if (from <= to) this.choose(from, to)
    this.sums = { numbers: null, packets: new Float64Array(this.ticks), bytes: new Float64Array(this.ticks) }
    this.counts = new Int32Array(this.ticks)
    for (const report of rows.keys()) this.addSums(report)
    this.ends = this.partEnds()
    const room = this.ends.reduce((most, { rows }) => Math.max(most, rows), 0) * INTS
    this.ints = new Int32Array(Math.max(room, BLOCK_BYTES / Int32Array.BYTES_PER_ELEMENT))
  }

  /** The rows of all reports by tick and conversation. A part is in use until the next one is asked for. */
  *parts(table: 'activity' | 'retransmissions'): Generator<Activity> {
    const { ends, ints } = this
    /** By report: its first row that is in no part yet; some after it may be. */
    const next = new Int32Array(this.rows.length)
    let from = 0
    for (const { tick: to, rows } of ends) {
      ints.fill(0, 0, rows * INTS)
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
    const { firstUs, tickUs } = this
    const { pieces, ticks: ticksOf } = this.order
    const { conversation, turned } = pieces
    const reals = new Float64Array(ints.buffer)
    let count = 0
    for (const [report, { [table]: cells }] of this.rows.entries()) {
      const [ticks, ids, ...sides] = cells.columns.map(({ values }) => values)
      let left = -1
      let row = next[report]
      // Only the first time of a report's tick is certain to be in the order of the rows.
      for (; row < cells.count && this.tickOf(startOf(ticksOf[report], ticks[row])) < to; row++) {
        const piece = pieceOf(pieces, report, ids[row])
        const tick = this.tickOf(this.usOf(report, ticks[row], piece))
        if (tick >= to && left < 0) left = row
        if (tick < from || tick >= to) continue
        const client = turned[piece]
        const server = 1 - client
        const at = count * INTS
        ints[at + TICK] = tick
        ints[at + FLOW] = conversation[piece]
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
    const tickUs = widthOf(this.order.ticks, [from, to])
    if (tickUs === undefined) throw new DatabaseError('unusable', 'its times are too far from each other for one timeline')
    this.tickUs = tickUs
    this.firstUs = Math.floor(from / tickUs) * tickUs
    this.ticks = ticksIn([from, to], tickUs)
  }

  /** A time of the conversation's packets in a tick of its report, us. */
  private usOf(report: number, tick: number, piece: number): number {
    // The tick may have begun before the conversation did.
    return Math.max(startOf(this.order.ticks[report], tick), this.order.firstUs[piece])
  }

  private tickOf(us: number): number {
    return Math.floor((us - this.firstUs) / this.tickUs)
  }

  /** Adds a report's rows, and checks that they lie in their conversations. */
  private addSums(report: number): void {
    const { activity, retransmissions } = this.rows[report]
    const { pieces, lastUs } = this.order
    const [ticks, ids, ...sides] = activity.columns.map(({ values }) => values)
    const [repeatedTicks, repeatedIds] = retransmissions.columns.map(({ values }) => values)
    let next = 0
    for (let row = 0; row < activity.count; row++) {
      if (ticks[row] < ticks[row - 1])
        throw new DatabaseError('unusable', `activity.tick ${ticks[row]} comes after a later one: analyse its capture again`)
      const piece = pieceOf(pieces, report, ids[row])
      const us = this.usOf(report, ticks[row], piece)
      if (!(us <= lastUs[pieces.conversation[piece]]))
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
