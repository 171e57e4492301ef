// Unsorted rows of a timeline -> their order by tick and flow. Plain data and functions over it, for any thread.
import { placesByValue } from '../column.ts'
import type { Span } from './spans.ts'

/** A row: integers and floating-point numbers in the same memory. */
export const INTS = 10
export const REALS = 5
/** Index of an integer in a row. */
export const TICK = 0
export const FLOW = 1
/** Forward, followed by backward. Forward is from the end of the conversation that was seen first. */
export const PACKETS = 2
/** Index of a floating-point number in a row: forward, followed by backward. */
export const BYTES = 2
/** Index of an integer: repeated TCP segments forward, followed by those backward. */
export const REPEATED = 8

/** All rows in the order of creation, which is nearly the order of time. */
export interface UnsortedActivity {
  firstUs: number
  /** Width of a tick; 0 if there are no packets. */
  tickUs: number
  ticks: number
  /** Number of the tick that begins at firstUs, as used in the rows. */
  firstTick: number
  /** If a clock jumped: by tick number without the jumps, the tick number with them; else null. */
  numbers: Float64Array | null
  /** The part of the timeline with the packets, if a clock jumped; else null. */
  main: Span | null
  count: number
  /** INTS integers per row, and the floating-point numbers in the same memory. */
  ints: Int32Array<ArrayBuffer>
}

export interface Activity extends Omit<UnsortedActivity, 'count'> {
  reals: Float64Array<ArrayBuffer>
  /** Row numbers ordered by tick, then flow; no two rows have both in common. */
  order: Int32Array
}

/** Orders rows by tick, then flow, and merges rows that have both in common (times that went back create them). The argument is not changed. */
export function sortActivity(activity: UnsortedActivity): Activity {
  const { sorted, hasDoubles } = inOrder(activity)
  return hasDoubles ? mergeDoubles({ ...sorted, ints: activity.ints.slice() }) : sorted
}

/** The same without a copy of the rows, which are changed. */
export function sortActivityInPlace(activity: UnsortedActivity): Activity {
  const { sorted, hasDoubles } = inOrder(activity)
  return hasDoubles ? mergeDoubles(sorted) : sorted
}

function inOrder({ firstUs, tickUs, ticks, firstTick, numbers, main, count, ints }: UnsortedActivity): {
  sorted: Activity
  hasDoubles: boolean
} {
  const rows = ints.subarray(0, count * INTS)
  let flows = 0
  for (let int = FLOW; int < rows.length; int += INTS) if (ints[int] >= flows) flows = ints[int] + 1
  // Radix sort: stable counting sorts by flow, then by tick.
  let places = placesByValue(rows, flows, { at: FLOW, stride: INTS, least: 0 })
  const byFlow = new Int32Array(count)
  for (let row = 0; row < count; row++) byFlow[places[ints[row * INTS + FLOW]]++] = row
  places = placesByValue(rows, ticks, { at: TICK, stride: INTS, least: firstTick })
  const latest = new Int32Array(ticks).fill(-1)
  const order = new Int32Array(count)
  let hasDoubles = false
  for (let i = 0; i < count; i++) {
    const row = byFlow[i]
    const tick = ints[row * INTS + TICK] - firstTick
    const flow = ints[row * INTS + FLOW]
    if (latest[tick] === flow) hasDoubles = true
    latest[tick] = flow
    order[places[tick]++] = row
  }
  return { sorted: { firstUs, tickUs, ticks, firstTick, numbers, main, ints, reals: new Float64Array(ints.buffer), order }, hasDoubles }
}

function isDouble(ints: Int32Array, row: number, other: number): boolean {
  return ints[row * INTS + FLOW] === ints[other * INTS + FLOW] && ints[row * INTS + TICK] === ints[other * INTS + TICK]
}

/** Adds the counts of row `from` to those of row `into`. */
export function addCounts(ints: Int32Array, reals: Float64Array, into: number, from: number): void {
  for (let direction = 0; direction < 2; direction++) {
    ints[into * INTS + PACKETS + direction] += ints[from * INTS + PACKETS + direction]
    ints[into * INTS + REPEATED + direction] += ints[from * INTS + REPEATED + direction]
    reals[into * REALS + BYTES + direction] += reals[from * REALS + BYTES + direction]
  }
}

function mergeDoubles(activity: Activity): Activity {
  const { order, ints } = activity
  const reals = new Float64Array(ints.buffer)
  let kept = 0
  for (let i = 1; i < order.length; i++) {
    const [into, from] = [order[kept], order[i]]
    if (!isDouble(ints, into, from)) {
      order[++kept] = from
      continue
    }
    addCounts(ints, reals, into, from)
  }
  return { ...activity, ints, reals, order: order.subarray(0, kept + 1) }
}
