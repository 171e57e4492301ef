// How much every conversation sent, tick by tick: the raw material of playback. Hot path: add() runs once a packet.
import { doubled } from './column.ts'

/** A tick is one of these, in microseconds; each divides the next, so that rows can be merged into wider ticks without error. */
const WIDTHS = [
  1, 2, 10, 20, 100, 200, 1e3, 2e3, 1e4, 2e4, 1e5, 2e5, 1e6, 2e6, 1e7, 2e7, 6e7, 1.2e8, 6e8, 1.2e9, 3.6e9, 7.2e9, 2.16e10, 4.32e10, 8.64e10,
  6.048e11, 1.2096e12, 1.2096e13, 1.2096e14, 1.2096e15, 1.2096e16,
]
/** Finer than a slider or a picture can show. */
const MAX_TICKS = 1000
/** Up to here every packet keeps its own time, so that the first tick can begin at the earliest packet wherever it stands in the file. */
const EXACT_ROWS = 65_536
/** Beyond this, and four rows a conversation, ticks become wider: memory grows with flows, not with the file. */
const MAX_ROWS = 2_000_000

/** Rows of activity, ordered by tick, then flow. Packets and bytes are [first seen end to other, other to first]. */
export interface Activity {
  firstUs: number
  tickUs: number
  ticks: number
  rows: number
  tick: Int32Array
  flow: Int32Array
  forwardPackets: Uint32Array
  backwardPackets: Uint32Array
  forwardBytes: Float64Array
  backwardBytes: Float64Array
}

export class Timeline {
  private rows = 0
  /** Begin of the row's tick; while width is 0, the time of its packet. */
  private at = new Float64Array(4096)
  private flow = new Int32Array(4096)
  private forwardPackets = new Uint32Array(4096)
  private backwardPackets = new Uint32Array(4096)
  private forwardBytes = new Float64Array(4096)
  private backwardBytes = new Float64Array(4096)
  /** Index of the latest row of each flow, -1 for none. */
  private latest = new Int32Array(4096).fill(-1)
  private level = 0
  private width = 0
  private firstUs = Number.POSITIVE_INFINITY
  private lastUs = Number.NEGATIVE_INFINITY
  /** Begin and end of the tick that the last packet fell into: most packets fall into it too. */
  private tickFrom = 0
  private tickTo = 0
  private flows = 0

  /** @param direction 0 from the end that was seen first, 1 from the other */
  add(flow: number, timeUs: number, direction: number, bytes: number): void {
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
    if (row < 0 || this.at[row] !== at) {
      if (this.rows >= EXACT_ROWS && this.needsRoom()) {
        this.widen()
        if (timeUs < this.tickFrom || timeUs >= this.tickTo) this.findTick(timeUs)
        at = this.tickFrom
        row = this.latest[flow]
      }
      if (row < 0 || this.at[row] !== at) row = this.append(flow, at)
    }
    if (direction === 0) {
      this.forwardPackets[row]++
      this.forwardBytes[row] += bytes
    } else {
      this.backwardPackets[row]++
      this.backwardBytes[row] += bytes
    }
  }

  /** Makes the timeline reach a packet that is in no conversation: it begins and ends with the capture. */
  cover(timeUs: number): void {
    if (this.width > 0) this.findTick(timeUs)
    else {
      this.firstUs = Math.min(this.firstUs, timeUs)
      this.lastUs = Math.max(this.lastUs, timeUs)
    }
  }

  /** The timeline of all packets added, with ticks as fine as MAX_TICKS allows. The Timeline must not be used afterwards. */
  finish(): Activity {
    if (this.lastUs < this.firstUs) return this.result(0, 0)
    if (this.width === 0) this.widen()
    const ticks = Math.floor((this.lastUs - this.firstUs) / this.width) + 1
    this.sort(ticks)
    return this.result(this.width, ticks)
  }

  private result(tickUs: number, ticks: number): Activity {
    return {
      firstUs: this.firstUs,
      tickUs,
      ticks,
      rows: this.rows,
      tick: this.ticksOfRows(),
      flow: this.flow,
      forwardPackets: this.forwardPackets,
      backwardPackets: this.backwardPackets,
      forwardBytes: this.forwardBytes,
      backwardBytes: this.backwardBytes,
    }
  }

  private ticksOfRows(): Int32Array {
    const ticks = new Int32Array(this.rows)
    for (let row = 0; row < this.rows; row++) ticks[row] = Math.floor((this.at[row] - this.firstUs) / this.width)
    return ticks
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
    return this.width === 0 || (this.rows >= MAX_ROWS && this.rows >= this.flows * 4)
  }

  /** Goes to the next width that fits and merges rows that now share flow and tick. */
  private widen(): void {
    this.level = this.width === 0 ? 0 : this.level + 1
    while ((this.lastUs - this.firstUs) / WIDTHS[this.level] >= MAX_TICKS) this.level++
    this.width = WIDTHS[this.level]
    this.latest.fill(-1)
    let kept = 0
    for (let row = 0; row < this.rows; row++) {
      const flow = this.flow[row]
      const at = this.firstUs + Math.floor((this.at[row] - this.firstUs) / this.width) * this.width
      const earlier = this.latest[flow]
      if (earlier >= 0 && this.at[earlier] === at) this.merge(row, earlier)
      else {
        this.move(row, kept)
        this.at[kept] = at
        this.latest[flow] = kept++
      }
    }
    this.clear(kept, this.rows)
    this.rows = kept
    this.tickFrom = this.tickTo = 0
  }

  /** Orders rows by tick, then flow, and merges doubles, which times going backwards leave behind. Two stable counting sorts. */
  private sort(ticks: number): void {
    const byFlow = countingOrder(this.flow.subarray(0, this.rows), this.flows, null)
    const order = countingOrder(this.ticksOfRows(), ticks, byFlow)
    this.at = pick(this.at, order)
    this.flow = pick(this.flow, order)
    this.forwardPackets = pick(this.forwardPackets, order)
    this.backwardPackets = pick(this.backwardPackets, order)
    this.forwardBytes = pick(this.forwardBytes, order)
    this.backwardBytes = pick(this.backwardBytes, order)
    let kept = 0
    for (let row = 0; row < this.rows; row++) {
      if (kept > 0 && this.flow[row] === this.flow[kept - 1] && this.at[row] === this.at[kept - 1]) this.merge(row, kept - 1)
      else this.move(row, kept++)
    }
    this.rows = kept
  }

  private merge(from: number, into: number): void {
    this.forwardPackets[into] += this.forwardPackets[from]
    this.backwardPackets[into] += this.backwardPackets[from]
    this.forwardBytes[into] += this.forwardBytes[from]
    this.backwardBytes[into] += this.backwardBytes[from]
  }

  private move(from: number, to: number): void {
    if (from === to) return
    this.at[to] = this.at[from]
    this.flow[to] = this.flow[from]
    this.forwardPackets[to] = this.forwardPackets[from]
    this.backwardPackets[to] = this.backwardPackets[from]
    this.forwardBytes[to] = this.forwardBytes[from]
    this.backwardBytes[to] = this.backwardBytes[from]
  }

  private clear(from: number, to: number): void {
    this.forwardPackets.fill(0, from, to)
    this.backwardPackets.fill(0, from, to)
    this.forwardBytes.fill(0, from, to)
    this.backwardBytes.fill(0, from, to)
  }

  private append(flow: number, at: number): number {
    const row = this.rows++
    if (row === this.at.length) {
      this.at = doubled(this.at)
      this.flow = doubled(this.flow)
      this.forwardPackets = doubled(this.forwardPackets)
      this.backwardPackets = doubled(this.backwardPackets)
      this.forwardBytes = doubled(this.forwardBytes)
      this.backwardBytes = doubled(this.backwardBytes)
    }
    this.at[row] = at
    this.flow[row] = flow
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
 * Row numbers in ascending order of their key; rows with equal keys stay in the order they come in.
 * @param keys by row, 0 to keyCount - 1
 * @param rows the rows in the order they come in, null for 0, 1, 2, ...
 */
function countingOrder(keys: Int32Array, keyCount: number, rows: Int32Array | null): Int32Array {
  const starts = new Int32Array(keyCount + 1)
  for (let i = 0; i < keys.length; i++) starts[keys[i] + 1]++
  for (let key = 0; key < keyCount; key++) starts[key + 1] += starts[key]
  const order = new Int32Array(keys.length)
  for (let i = 0; i < keys.length; i++) {
    const row = rows === null ? i : rows[i]
    order[starts[keys[row]]++] = row
  }
  return order
}

function pick<T extends Int32Array | Uint32Array | Float64Array>(column: T, order: Int32Array): T {
  const picked = new (column.constructor as new (length: number) => T)(order.length)
  for (let i = 0; i < order.length; i++) picked[i] = column[order[i]]
  return picked
}
