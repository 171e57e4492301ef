// How much every conversation sent, tick by tick: the raw material of playback. Hot path: add() runs once a packet.

import { doubled, FIRST_ROWS, LAZY_GROWTH } from '../column.ts'
import { BYTES, FLOW, INTS, PACKETS, REALS, TICK, type UnsortedActivity } from './activity.ts'
import type { PacketSample } from './packet-sample.ts'
import { type Span, Spans } from './spans.ts'

/** A tick is one of these, in microseconds; each divides the next, so that rows can be merged into wider ticks without error. */
const WIDTHS = [
  1, 2, 10, 20, 100, 200, 1e3, 2e3, 1e4, 2e4, 1e5, 2e5, 1e6, 2e6, 1e7, 2e7, 6e7, 1.2e8, 6e8, 1.2e9, 3.6e9, 7.2e9, 2.16e10, 4.32e10, 8.64e10,
  6.048e11, 1.2096e12, 1.2096e13, 1.2096e14, 1.2096e15, 1.2096e16,
]
/** Finer than a slider or a picture can show. */
const MAX_TICKS = 1000
/** Up to here every packet keeps its own time, so that the first tick can begin at the earliest packet wherever it stands in the file. */
const EXACT_ROWS = 8192
/** Beyond this, and four rows a conversation, ticks become wider: memory grows with flows, not with the file. */
const MAX_ROWS = 1_000_000
/** A row's tick is counted from a tick of its span: the number of the span stands above these bits. */
const SPAN_BITS = 24
const HALF_SPAN = 1 << (SPAN_BITS - 1)

export class Timeline {
  /** Rows there are. */
  count = 0
  /** See UnsortedActivity. */
  private ints = new Int32Array(FIRST_ROWS * INTS)
  private reals = new Float64Array(this.ints.buffer)
  /** Of the rows' packets, while every packet keeps its own time. */
  private times = new Float64Array(EXACT_ROWS)
  /** Number of the latest row of each flow, -1 for none. */
  private latest = new Int32Array(FIRST_ROWS).fill(-1)
  private flows = 0
  private level = 0
  /** Of a tick, in microseconds; 0 while every packet keeps its own time. */
  private width = 0
  private firstUs = Number.POSITIVE_INFINITY
  private lastUs = Number.NEGATIVE_INFINITY
  /** Where packets are: one packet with a wrong clock must not make the ticks of all others wider. */
  private readonly spans: Spans
  /** By span, its tick 0. Ticks are counted from baseUs; ticks before it have numbers below 0. */
  private spanTicks: number[] = []
  private baseUs = 0
  /** The tick that the last packet fell into, as rows number it, with begin and end: most packets fall into it too. */
  private tick = 0
  private tickFrom = 0
  private tickTo = 0

  constructor(spans = new Spans()) {
    this.spans = spans
  }

  /** Silences that are jumps of a clock, so far. */
  get jumps(): Span[] {
    return this.spans.jumps()
  }

  /** @param direction 0 from the end that was seen first, 1 from the other */
  add(flow: number, direction: number, moment: PacketSample): void {
    const { timeUs } = moment
    if (this.width === 0) {
      this.addExact(flow, direction, moment)
      return
    }
    if (timeUs < this.tickFrom || timeUs >= this.tickTo) this.findTick(timeUs)
    if (flow >= this.flows) this.admit(flow)
    let row = this.latest[flow]
    if (row < 0 || this.ints[row * INTS + TICK] !== this.tick) {
      if (this.count >= MAX_ROWS && this.count >= this.flows * 4) {
        this.widen()
        this.findTick(timeUs)
        row = this.latest[flow]
      }
      if (row < 0 || this.ints[row * INTS + TICK] !== this.tick) row = this.append(flow, this.tick)
    }
    this.ints[row * INTS + PACKETS + direction]++
    this.reals[row * REALS + BYTES + direction] += moment.bytes
  }

  /** Makes the timeline reach a packet that is in no conversation: it begins and ends with the capture. */
  cover(timeUs: number): void {
    if (this.width > 0) this.findTick(timeUs)
    else this.reach(timeUs)
  }

  /** All packets added, with ticks as fine as MAX_TICKS allows. The Timeline must not be used afterwards. */
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

  /** As release(), of the packets added so far; the timeline goes on. */
  snapshot(): UnsortedActivity {
    const copy = new Timeline(this.spans.copy())
    // Rows are changed in place while every packet keeps its own time, which is while there are few, and where spans are numbered anew.
    const isChanged = this.width === 0 || this.spans.list.length > 1
    copy.setRows(isChanged ? this.ints.slice() : this.ints)
    copy.latest = isChanged ? this.latest.slice() : this.latest
    const { count, times, flows, level, width, firstUs, lastUs, baseUs, spanTicks } = this
    Object.assign(copy, { count, times, flows, level, width, firstUs, lastUs, baseUs, spanTicks })
    return copy.release()
  }

  private addExact(flow: number, direction: number, moment: PacketSample): void {
    const { timeUs } = moment
    this.reach(timeUs)
    if (flow >= this.flows) this.admit(flow)
    let row = this.latest[flow]
    if (row < 0 || this.times[row] !== timeUs) {
      if (this.count >= EXACT_ROWS) {
        this.widen()
        this.add(flow, direction, moment)
        return
      }
      row = this.append(flow, 0)
      this.times[row] = timeUs
    }
    this.ints[row * INTS + PACKETS + direction]++
    this.reals[row * REALS + BYTES + direction] += moment.bytes
  }

  private reach(timeUs: number): void {
    this.spans.reach(timeUs)
    if (timeUs < this.firstUs) this.firstUs = timeUs
    if (timeUs > this.lastUs) this.lastUs = timeUs
  }

  private findTick(timeUs: number): void {
    if (timeUs < this.firstUs) {
      // Older than all before it, far into the file: the timeline begins some whole ticks earlier.
      this.firstUs -= Math.ceil((this.firstUs - timeUs) / this.width) * this.width
    }
    if (timeUs > this.lastUs) this.lastUs = timeUs
    this.fit(this.spans.reach(timeUs))
    const tick = Math.floor((timeUs - this.baseUs) / this.width)
    this.tick = this.rowTick(tick)
    this.tickFrom = this.baseUs + tick * this.width
    this.tickTo = this.tickFrom + this.width
  }

  /** Time that ticks are needed for. */
  private get neededUs(): number {
    return this.spans.list.length === 1 ? this.lastUs - this.firstUs : this.spans.lengthUs
  }

  /** Makes ticks as wide as they must be, in one step: rows cannot number the ticks of a long span while these are narrow. */
  private fit(isRenumbered: boolean): void {
    let { level } = this
    let isChanged = isRenumbered
    for (;;) {
      while (this.neededUs / WIDTHS[level] >= MAX_TICKS) level++
      // Spans closer than this could share a tick.
      if (!this.spans.apart(2 * WIDTHS[level])) break
      isChanged = true
    }
    if (!isChanged && level === this.level) return
    this.level = level
    this.renumber(WIDTHS[level])
  }

  /** Goes to the next width that fits. */
  private widen(): void {
    if (this.width > 0) this.level++
    this.fit(true)
  }

  /** Counts ticks of this width from the first packet on and merges rows that now share flow and tick. */
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
      const earlier = latest[flow]
      if (earlier >= 0 && ints[earlier * INTS + TICK] === tick) this.merge(row, earlier)
      else {
        this.move(row, kept)
        ints[kept * INTS + TICK] = tick
        latest[flow] = kept++
      }
    }
    this.count = kept
    this.tickFrom = this.tickTo = 0
  }

  /** A tick, counted from baseUs, as rows number it. */
  private rowTick(tick: number): number {
    const span = this.spans.list.length === 1 ? 0 : this.spans.indexAt(this.baseUs + (tick + 1) * this.width)
    while (span >= this.spanTicks.length) this.spanTicks.push(tick)
    return (span << SPAN_BITS) + tick - this.spanTicks[span]
  }

  private packetsOfSpans(): Float64Array {
    const packets = new Float64Array(this.spans.list.length)
    for (let row = 0; row < this.count; row++) {
      const at = row * INTS
      packets[spanOf(this.ints[at + TICK])] += this.ints[at + PACKETS] + this.ints[at + PACKETS + 1]
    }
    return packets
  }

  /** Numbers the ticks of all spans one after another, in order of time: what is between spans takes no room. */
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

  private merge(from: number, into: number): void {
    const { ints, reals } = this
    for (let direction = 0; direction < 2; direction++) {
      ints[into * INTS + PACKETS + direction] += ints[from * INTS + PACKETS + direction]
      reals[into * REALS + BYTES + direction] += reals[from * REALS + BYTES + direction]
    }
  }

  private move(from: number, to: number): void {
    // As integers: two of them that looked like a NaN might not come out of a float as they went in.
    for (let field = 0; field < INTS; field++) this.ints[to * INTS + field] = this.ints[from * INTS + field]
  }

  /** Writes the whole row: to read memory that was never written costs the system two page faults instead of one. */
  private append(flow: number, tick: number): number {
    const row = this.count++
    if (this.count * INTS > this.ints.length) this.grow()
    const { ints, reals } = this
    ints[row * INTS + TICK] = tick
    ints[row * INTS + FLOW] = flow
    ints[row * INTS + PACKETS] = 0
    ints[row * INTS + PACKETS + 1] = 0
    reals[row * REALS + BYTES] = 0
    reals[row * REALS + BYTES + 1] = 0
    this.latest[flow] = row
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
    if (flow < this.latest.length) return
    const used = this.latest.length
    this.latest = doubled(this.latest)
    this.latest.fill(-1, used)
  }
}

/** Number of the span in a row's tick. */
function spanOf(rowTick: number): number {
  return (rowTick + HALF_SPAN) >> SPAN_BITS
}

/** A row's tick, counted from baseUs. */
function tickOf(rowTick: number, spanTicks: number[]): number {
  const span = spanOf(rowTick)
  return rowTick - (span << SPAN_BITS) + spanTicks[span]
}
