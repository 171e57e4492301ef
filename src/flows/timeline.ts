// How much every conversation sent, tick by tick: the raw material of playback. Hot path: add() runs once a packet.
import { doubled, FIRST_ROWS } from './column.ts'
import type { Moment } from './moment.ts'

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
/** Above the number of any row, and so small that a flow id times it stays an exact number. */
const KEY_STEP = 2 ** 26

/** Fields of a row, all in one array, so that a packet finds them in one place of the memory. */
export const ROW_FIELDS = 6
/** While a timeline is being filled: the begin of the row's tick, in microseconds; with no width yet, the time of its packet. */
const AT = 0
export const TICK = 0
export const FLOW = 1
export const FORWARD_PACKETS = 2
export const BACKWARD_PACKETS = 3
export const FORWARD_BYTES = 4
export const BACKWARD_BYTES = 5

/** All rows in the order they were begun, which is nearly that of their time. Plain data, for sortActivity() in whichever thread. */
export interface UnsortedActivity {
  firstUs: number
  lastUs: number
  /** 0: there is nothing. */
  tickUs: number
  count: number
  /** As in Activity, with the begin of the tick in microseconds in place of its number. */
  rows: Float64Array
}

export interface Activity {
  firstUs: number
  tickUs: number
  ticks: number
  /** How many rows there are, ordered by tick, then flow. */
  count: number
  /** ROW_FIELDS numbers a row. Forward is from the end of the conversation that was seen first. */
  rows: Float64Array
}

export class Timeline {
  private count = 0
  private rows = new Float64Array(FIRST_ROWS * ROW_FIELDS)
  /** Number of the latest row of each flow, -1 for none. */
  private latest = new Int32Array(FIRST_ROWS).fill(-1)
  private flows = 0
  private level = 0
  /** Of a tick, in microseconds; 0 while every packet keeps its own time. */
  private width = 0
  private firstUs = Number.POSITIVE_INFINITY
  private lastUs = Number.NEGATIVE_INFINITY
  /** Begin and end of the tick that the last packet fell into: most packets fall into it too. */
  private tickFrom = 0
  private tickTo = 0

  /** @param direction 0 from the end that was seen first, 1 from the other */
  add(flow: number, direction: number, { timeUs, bytes }: Moment): void {
    let at = timeUs
    if (this.width > 0) {
      if (timeUs < this.tickFrom || timeUs >= this.tickTo) this.findTick(timeUs)
      at = this.tickFrom
    } else {
      if (timeUs < this.firstUs) this.firstUs = timeUs
      if (timeUs > this.lastUs) this.lastUs = timeUs
    }
    if (flow >= this.flows) this.admit(flow)
    let row = this.latest[flow]
    if (row < 0 || this.rows[row * ROW_FIELDS + AT] !== at) {
      if (this.count >= EXACT_ROWS && this.needsRoom()) {
        this.widen()
        if (timeUs < this.tickFrom || timeUs >= this.tickTo) this.findTick(timeUs)
        at = this.tickFrom
        row = this.latest[flow]
      }
      if (row < 0 || this.rows[row * ROW_FIELDS + AT] !== at) row = this.append(flow, at)
    }
    this.rows[row * ROW_FIELDS + FORWARD_PACKETS + direction]++
    this.rows[row * ROW_FIELDS + FORWARD_BYTES + direction] += bytes
  }

  /** Makes the timeline reach a packet that is in no conversation: it begins and ends with the capture. */
  cover(timeUs: number): void {
    if (this.width > 0) this.findTick(timeUs)
    else {
      this.firstUs = Math.min(this.firstUs, timeUs)
      this.lastUs = Math.max(this.lastUs, timeUs)
    }
  }

  /** All packets added, with ticks as fine as MAX_TICKS allows. The Timeline must not be used afterwards. */
  release(): UnsortedActivity {
    const { firstUs, lastUs } = this
    if (lastUs < firstUs) return { firstUs: 0, lastUs: 0, tickUs: 0, count: 0, rows: this.rows }
    if (this.width === 0) this.widen()
    return { firstUs, lastUs, tickUs: this.width, count: this.count, rows: this.rows }
  }

  /** As release(), of the packets added so far; the timeline goes on. */
  snapshot(): UnsortedActivity {
    const copy = new Timeline()
    // Rows are changed in place only while every packet keeps its own time, which is while there are few.
    copy.rows = this.width === 0 ? this.rows.slice() : this.rows
    copy.latest = this.width === 0 ? this.latest.slice() : this.latest
    const { count, flows, level, width, firstUs, lastUs } = this
    Object.assign(copy, { count, flows, level, width, firstUs, lastUs })
    return copy.release()
  }

  private findTick(timeUs: number): void {
    if (timeUs < this.firstUs) {
      // Older than all before it, far into the file: the timeline begins some whole ticks earlier.
      this.firstUs -= Math.ceil((this.firstUs - timeUs) / this.width) * this.width
    }
    if (timeUs > this.lastUs) this.lastUs = timeUs
    while ((this.lastUs - this.firstUs) / this.width >= MAX_TICKS) this.widen()
    this.tickFrom = this.firstUs + Math.floor((timeUs - this.firstUs) / this.width) * this.width
    this.tickTo = this.tickFrom + this.width
  }

  private needsRoom(): boolean {
    return this.width === 0 || (this.count >= MAX_ROWS && this.count >= this.flows * 4)
  }

  /** Goes to the next width that fits and merges rows that now share flow and tick. */
  private widen(): void {
    this.level = this.width === 0 ? 0 : this.level + 1
    while ((this.lastUs - this.firstUs) / WIDTHS[this.level] >= MAX_TICKS) this.level++
    this.width = WIDTHS[this.level]
    this.latest.fill(-1)
    let kept = 0
    for (let row = 0; row < this.count; row++) {
      const flow = this.rows[row * ROW_FIELDS + FLOW]
      const at = this.firstUs + this.tickOf(row) * this.width
      const earlier = this.latest[flow]
      if (earlier >= 0 && this.rows[earlier * ROW_FIELDS + AT] === at) this.merge(row, earlier)
      else {
        this.move(row, kept)
        this.rows[kept * ROW_FIELDS + AT] = at
        this.latest[flow] = kept++
      }
    }
    this.rows.fill(0, kept * ROW_FIELDS, this.count * ROW_FIELDS)
    this.count = kept
    this.tickFrom = this.tickTo = 0
  }

  private tickOf(row: number): number {
    return Math.floor((this.rows[row * ROW_FIELDS + AT] - this.firstUs) / this.width)
  }

  private merge(from: number, into: number): void {
    for (let field = FORWARD_PACKETS; field < ROW_FIELDS; field++) {
      this.rows[into * ROW_FIELDS + field] += this.rows[from * ROW_FIELDS + field]
    }
  }

  private move(from: number, to: number): void {
    if (from !== to) this.rows.copyWithin(to * ROW_FIELDS, from * ROW_FIELDS, (from + 1) * ROW_FIELDS)
  }

  private append(flow: number, at: number): number {
    const row = this.count++
    if (this.count * ROW_FIELDS > this.rows.length) this.rows = doubled(this.rows)
    this.rows[row * ROW_FIELDS + AT] = at
    this.rows[row * ROW_FIELDS + FLOW] = flow
    this.latest[flow] = row
    return row
  }

  private admit(flow: number): void {
    this.flows = flow + 1
    if (flow < this.latest.length) return
    const used = this.latest.length
    this.latest = doubled(this.latest)
    this.latest.fill(-1, used)
  }
}

/**
 * Orders rows by tick, then flow, and merges doubles, which times going backwards leave behind. Rows were begun in the order of time, so all but
 * those are in the order of their ticks already: only flows within a tick are sorted.
 */
export function sortActivity({ firstUs, lastUs, tickUs, count, rows }: UnsortedActivity): Activity {
  if (tickUs === 0) return { firstUs, tickUs, ticks: 0, count: 0, rows }
  const ticks = Math.floor((lastUs - firstUs) / tickUs) + 1
  const tick = new Int32Array(count)
  const starts = new Int32Array(ticks + 1)
  for (let row = 0; row < count; row++) {
    tick[row] = Math.floor((rows[row * ROW_FIELDS + AT] - firstUs) / tickUs)
    starts[tick[row] + 1]++
  }
  for (let t = 0; t < ticks; t++) starts[t + 1] += starts[t]
  // Flow and row as one number: sorting it keeps the rows of a flow in the order they were begun.
  const keys = new Float64Array(count)
  const ends = starts.slice()
  for (let row = 0; row < count; row++) keys[ends[tick[row]]++] = rows[row * ROW_FIELDS + FLOW] * KEY_STEP + row
  const sorted = new Float64Array(count * ROW_FIELDS)
  let to = -ROW_FIELDS
  for (let t = 0; t < ticks; t++) {
    const ofTick = keys.subarray(starts[t], starts[t + 1]).sort()
    let previous = -1
    for (let i = 0; i < ofTick.length; i++) {
      const flow = Math.floor(ofTick[i] / KEY_STEP)
      const from = (ofTick[i] - flow * KEY_STEP) * ROW_FIELDS
      if (flow === previous) {
        for (let field = FORWARD_PACKETS; field < ROW_FIELDS; field++) sorted[to + field] += rows[from + field]
        continue
      }
      to += ROW_FIELDS
      sorted[to + TICK] = t
      for (let field = FLOW; field < ROW_FIELDS; field++) sorted[to + field] = rows[from + field]
      previous = flow
    }
  }
  return { firstUs, tickUs, ticks, count: to / ROW_FIELDS + 1, rows: sorted }
}
