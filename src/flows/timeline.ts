// Packets, bytes and repeated segments of each conversation by tick: the data of playback. Hot path: add() runs once per packet.

import { doubled, FIRST_ROWS, LAZY_GROWTH } from '../column.ts'
import { addCounts, BYTES, FLOW, INTS, PACKETS, REALS, REPEATED, TICK, type UnsortedActivity } from './activity.ts'
import type { PacketSample } from './packet-sample.ts'
import { rowTickOf, spanOf, tickOf } from './row-ticks.ts'
import { type Span, Spans } from './spans.ts'

/** Possible widths of a tick, in microseconds; each divides the next, so that rows can be merged exactly into wider ticks. */
export const WIDTHS = [
  1, 2, 10, 20, 100, 200, 1e3, 2e3, 1e4, 2e4, 1e5, 2e5, 1e6, 2e6, 1e7, 2e7, 6e7, 1.2e8, 6e8, 1.2e9, 3.6e9, 7.2e9, 2.16e10, 4.32e10, 8.64e10,
  6.048e11, 1.2096e12, 1.2096e13, 1.2096e14, 1.2096e15, 1.2096e16,
]
/** More ticks than a slider or a chart can show. */
export const MAX_TICKS = 1000
/** Up to this many rows, each packet keeps its exact time, so that the first tick can begin at the earliest packet, wherever it is in the file. */
const EXACT_ROWS = 8192
/** Above this number and four rows per conversation, ticks become wider: memory grows with flows, not with the file. */
const MAX_ROWS = 1_000_000

export class Timeline {
  /** Number of rows. */
  count = 0
  /** See UnsortedActivity. */
  private ints = new Int32Array(FIRST_ROWS * INTS)
  private reals = new Float64Array(this.ints.buffer)
  /** Times of the rows' packets, while each packet keeps its exact time. */
  private times = new Float64Array(EXACT_ROWS)
  /** By flow: its latest row, -1 for none, and the tick of that row, so that a row of another tick need not be read. */
  private latest = new Int32Array(2 * FIRST_ROWS).fill(-1)
  private flows = 0
  private level = 0
  /** Width of a tick, in microseconds; 0 while each packet keeps its exact time. */
  private width = 0
  private firstUs = Number.POSITIVE_INFINITY
  private lastUs = Number.NEGATIVE_INFINITY
  /** Periods with packets: one packet with a wrong clock must not widen the ticks of all others. */
  private readonly spans: Spans
  /** By span, the tick where it starts. Ticks are counted from baseUs and may be negative. */
  private spanTicks: number[] = []
  private baseUs = 0
  /** Row tick of the last packet, with begin and end: most packets fall into the same one. */
  private tick = 0
  private tickFrom = 0
  private tickTo = 0

  constructor(spans = new Spans()) {
    this.spans = spans
  }

  /** Silences that are jumps of a clock, as far as known now. */
  get jumps(): Span[] {
    return this.spans.jumps()
  }

  /** @param direction 0 from the end that was seen first, 1 from the other */
  add(flow: number, direction: number, sample: PacketSample): void {
    const { timeUs } = sample
    if (this.width === 0) {
      this.addExact(flow, direction, sample)
      return
    }
    if (timeUs < this.tickFrom || timeUs >= this.tickTo) this.findTick(timeUs)
    if (flow >= this.flows) this.admit(flow)
    let row = this.latest[2 * flow]
    if (row < 0 || this.latest[2 * flow + 1] !== this.tick) {
      if (this.count >= MAX_ROWS && this.count >= this.flows * 4) {
        this.widen()
        this.findTick(timeUs)
        row = this.latest[2 * flow]
      }
      if (row < 0 || this.latest[2 * flow + 1] !== this.tick) row = this.append(flow, this.tick)
    }
    this.ints[row * INTS + PACKETS + direction] += sample.packets
    this.reals[row * REALS + BYTES + direction] += sample.bytes
  }

  /** Whether a packet of this time has the tick of the packet that add() counted last. */
  isInTick(timeUs: number): boolean {
    return timeUs >= this.tickFrom && timeUs < this.tickTo
  }

  /** The row that a packet of the conversation is added to if it has the tick of the last packet; -1 for none. */
  likelyRow(flow: number): number {
    return flow < this.flows && this.latest[2 * flow + 1] === this.tick ? this.latest[2 * flow] : -1
  }

  /** Reads a row, for look-ahead.ts. */
  touch(row: number): number {
    return this.ints[row * INTS]
  }

  /** The packet that add() counted last of this conversation repeats a segment. */
  addRepeated(flow: number, direction: number): void {
    const row = flow < this.flows ? this.latest[2 * flow] : -1
    if (row >= 0) this.ints[row * INTS + REPEATED + direction]++
  }

  /** Extends the timeline to a packet that is in no conversation, so that it covers the whole capture. */
  cover(timeUs: number): void {
    if (this.width > 0) this.findTick(timeUs)
    else this.reach(timeUs)
  }

  /** Returns all packets added, with the finest ticks that MAX_TICKS allows. The Timeline must not be used afterwards. */
  release(): UnsortedActivity {
    const { firstUs, lastUs } = this
    if (lastUs < firstUs) return { firstUs: 0, tickUs: 0, ticks: 0, firstTick: 0, numbers: null, main: null, count: 0, ints: this.ints }
    if (this.width === 0) this.widen()
    const main = this.spans.list.length > 1 ? this.spans.main(this.packetsOfSpans()) : null
    if (this.spans.list.length > 1 && main === null) {
      this.spans.apart(Number.POSITIVE_INFINITY)
      this.fit(true)
    }
    const { count, ints, width: tickUs } = this
    const firstTick = Math.round((this.firstUs - this.baseUs) / tickUs)
    if (main !== null) return { ...this.dense(firstTick), firstUs: this.firstUs, tickUs, main, count, ints }
    const ticks = Math.floor((lastUs - this.firstUs) / tickUs) + 1
    return { firstUs: this.firstUs, tickUs, ticks, firstTick, numbers: null, main: null, count, ints }
  }

  /** As release(), but the timeline can still be used. */
  snapshot(): UnsortedActivity {
    const copy = new Timeline(this.spans.copy())
    // Rows are changed in place while packets keep exact times (there are few rows then), and when spans are renumbered.
    const isChanged = this.width === 0 || this.spans.list.length > 1
    copy.setRows(isChanged ? this.ints.slice() : this.ints)
    copy.latest = isChanged ? this.latest.slice() : this.latest
    const { count, times, flows, level, width, firstUs, lastUs, baseUs, spanTicks } = this
    Object.assign(copy, { count, times, flows, level, width, firstUs, lastUs, baseUs, spanTicks })
    return copy.release()
  }

  private addExact(flow: number, direction: number, sample: PacketSample): void {
    const { timeUs } = sample
    this.reach(timeUs)
    if (flow >= this.flows) this.admit(flow)
    let row = this.latest[2 * flow]
    if (row < 0 || this.times[row] !== timeUs) {
      if (this.count >= EXACT_ROWS) {
        this.widen()
        this.add(flow, direction, sample)
        return
      }
      row = this.append(flow, 0)
      this.times[row] = timeUs
    }
    this.ints[row * INTS + PACKETS + direction] += sample.packets
    this.reals[row * REALS + BYTES + direction] += sample.bytes
  }

  private reach(timeUs: number): void {
    this.spans.reach(timeUs)
    if (timeUs < this.firstUs) this.firstUs = timeUs
    if (timeUs > this.lastUs) this.lastUs = timeUs
  }

  private findTick(timeUs: number): void {
    if (timeUs < this.firstUs) {
      // Earlier than the timeline's start: it is extended by whole ticks.
      this.firstUs -= Math.ceil((this.firstUs - timeUs) / this.width) * this.width
    }
    if (timeUs > this.lastUs) this.lastUs = timeUs
    this.fit(this.spans.reach(timeUs))
    const tick = Math.floor((timeUs - this.baseUs) / this.width)
    this.tick = this.rowTick(tick)
    this.tickFrom = this.baseUs + tick * this.width
    this.tickTo = this.tickFrom + this.width
  }

  /** Length of time that needs ticks. */
  private get neededUs(): number {
    return this.spans.list.length === 1 ? this.lastUs - this.firstUs : this.spans.lengthUs
  }

  /** Widens ticks as far as necessary in one step: a row's tick has too few bits for a long span with narrow ticks. */
  private fit(isRenumbered: boolean): void {
    let { level } = this
    let isChanged = isRenumbered
    for (;;) {
      while (this.neededUs / WIDTHS[level] >= MAX_TICKS) level++
      // Spans closer together than this could share a tick.
      if (!this.spans.apart(2 * WIDTHS[level])) break
      isChanged = true
    }
    if (!isChanged && level === this.level) return
    this.level = level
    this.renumber(WIDTHS[level])
  }

  /** Widens ticks to the next width that fits. */
  private widen(): void {
    if (this.width > 0) this.level++
    this.fit(true)
  }

  /** Counts ticks of this width from the first packet and merges rows with equal flow and tick. */
  private renumber(width: number): void {
    const old = { width: this.width, baseUs: this.baseUs, spanTicks: this.spanTicks }
    this.width = width
    this.baseUs = this.firstUs
    this.spanTicks = this.spans.list.map(({ fromUs }) => Math.floor((fromUs - this.baseUs) / width))
    const { ints, latest } = this
    latest.fill(-1)
    let kept = 0
    for (let row = 0; row < this.count; row++) {
      const flow = ints[row * INTS + FLOW]
      const atUs = old.width === 0 ? this.times[row] : old.baseUs + tickOf(ints[row * INTS + TICK], old.spanTicks) * old.width
      const tick = this.rowTick(Math.floor((atUs - this.baseUs) / width))
      const at = 2 * flow
      const earlier = latest[at]
      if (earlier >= 0 && latest[at + 1] === tick) addCounts(ints, this.reals, earlier, row)
      else {
        this.move(row, kept)
        ints[kept * INTS + TICK] = tick
        latest[at] = kept++
        latest[at + 1] = tick
      }
    }
    this.count = kept
    this.tickFrom = this.tickTo = 0
  }

  /** A tick counted from baseUs -> a row's tick. */
  private rowTick(tick: number): number {
    const span = this.spans.list.length === 1 ? 0 : this.spans.indexAt(this.baseUs + (tick + 1) * this.width)
    while (span >= this.spanTicks.length) this.spanTicks.push(tick)
    return rowTickOf(span, tick, this.spanTicks)
  }

  private packetsOfSpans(): Float64Array {
    const packets = new Float64Array(this.spans.list.length)
    for (let row = 0; row < this.count; row++) {
      const at = row * INTS
      packets[spanOf(this.ints[at + TICK])] += this.ints[at + PACKETS] + this.ints[at + PACKETS + 1]
    }
    return packets
  }

  /** Numbers the ticks of all spans consecutively, in order of time: the gaps between spans need no ticks. */
  private dense(firstTick: number): Pick<UnsortedActivity, 'ticks' | 'firstTick' | 'numbers'> {
    const { spans, baseUs, width, spanTicks, ints } = this
    const places = new Float64Array(spans.list.length)
    const numbers: number[] = []
    const inOrder = [...spans.list.entries()].sort(([, a], [, b]) => a.fromUs - b.fromUs)
    for (const [index, { fromUs, toUs }] of inOrder) {
      const from = Math.floor((fromUs - baseUs) / width)
      const to = Math.floor((toUs - baseUs) / width)
      places[index] = numbers.length - from
      for (let tick = from; tick <= to; tick++) numbers.push(tick - firstTick)
    }
    for (let row = 0; row < this.count; row++) {
      const tick = ints[row * INTS + TICK]
      ints[row * INTS + TICK] = tickOf(tick, spanTicks) + places[spanOf(tick)]
    }
    return { ticks: numbers.length, firstTick: 0, numbers: Float64Array.from(numbers) }
  }

  private move(from: number, to: number): void {
    // Copied as integers: a floating-point copy may change bits of a NaN.
    for (let field = 0; field < INTS; field++) this.ints[to * INTS + field] = this.ints[from * INTS + field]
  }

  /** Writes the whole row: reading memory that was never written costs two page faults instead of one. */
  private append(flow: number, tick: number): number {
    const row = this.count++
    if (this.count * INTS > this.ints.length) this.grow()
    const { ints, reals } = this
    ints[row * INTS + TICK] = tick
    ints[row * INTS + FLOW] = flow
    ints[row * INTS + PACKETS] = 0
    ints[row * INTS + PACKETS + 1] = 0
    ints[row * INTS + REPEATED] = 0
    ints[row * INTS + REPEATED + 1] = 0
    reals[row * REALS + BYTES] = 0
    reals[row * REALS + BYTES + 1] = 0
    this.latest[2 * flow] = row
    this.latest[2 * flow + 1] = tick
    return row
  }

  private grow(): void {
    const longer = new Int32Array(this.ints.length * LAZY_GROWTH)
    longer.set(this.ints)
    this.setRows(longer)
  }

  private setRows(ints: Int32Array<ArrayBuffer>): void {
    this.ints = ints
    this.reals = new Float64Array(ints.buffer)
  }

  private admit(flow: number): void {
    this.flows = flow + 1
    if (2 * flow < this.latest.length) return
    const used = this.latest.length
    this.latest = doubled(this.latest)
    this.latest.fill(-1, used)
  }
}
