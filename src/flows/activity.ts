// The rows of a timeline, and their order. Plain data and functions over it, for whichever thread.
import { placesByValue } from '../column.ts'
import type { Span } from './spans.ts'

/** A row: INTS integers, then floating-point numbers, over the same memory: half a line of the processor's cache. */
export const INTS = 8
export const REALS = 4
/** Integers of a row. */
export const TICK = 0
export const FLOW = 1
/** Forward; backward follows. Forward is from the end of the conversation that was seen first. */
export const PACKETS = 2
/** Floating-point number of a row: forward; backward follows. */
export const BYTES = 2

/** All rows in the order they were begun, which is nearly that of their time. */
export interface UnsortedActivity {
  firstUs: number
  /** 0: there is nothing. */
  tickUs: number
  ticks: number
  /** The number by which the rows call the tick that begins at firstUs. */
  firstTick: number
  /** Where a clock jumped: by number of tick without what lies inside jumps, its number with it. Null: there are no jumps. */
  numbers: Float64Array | null
  /** The part with the packets, where a clock jumped. */
  main: Span | null
  count: number
  /** INTS numbers a row, and REALS over the same memory. */
  ints: Int32Array<ArrayBuffer>
}

export interface Activity {
  /** As in UnsortedActivity. */
  firstUs: number
  tickUs: number
  ticks: number
  firstTick: number
  numbers: Float64Array | null
  main: Span | null
  ints: Int32Array<ArrayBuffer>
  reals: Float64Array<ArrayBuffer>
  /** Numbers of the rows, ordered by tick, then flow; no two rows share both. */
  order: Int32Array
}

/** Orders rows by tick, then flow, and merges doubles, which times going backwards leave behind. Changes nothing. */
export function sortActivity({ firstUs, tickUs, ticks, firstTick, numbers, main, count, ints }: UnsortedActivity): Activity {
  const flowOf = new Int32Array(count)
  const tickOf = new Int32Array(count)
  let flows = 0
  for (let row = 0; row < count; row++) {
    flowOf[row] = ints[row * INTS + FLOW]
    tickOf[row] = ints[row * INTS + TICK] - firstTick
    if (flowOf[row] >= flows) flows = flowOf[row] + 1
  }
  // Sorted by counting, by the lesser key first, then by the greater one, each time keeping the order of what is equal.
  const placeOf = placesByValue(flowOf, flows)
  const byFlow = new Int32Array(count)
  for (let row = 0; row < count; row++) byFlow[placeOf[flowOf[row]]++] = row
  const places = placesByValue(tickOf, ticks)
  const latest = new Int32Array(ticks).fill(-1)
  const order = new Int32Array(count)
  let hasDoubles = false
  for (let i = 0; i < count; i++) {
    const row = byFlow[i]
    const tick = tickOf[row]
    if (latest[tick] === flowOf[row]) hasDoubles = true
    latest[tick] = flowOf[row]
    order[places[tick]++] = row
  }
  const sorted = { firstUs, tickUs, ticks, firstTick, numbers, main, ints, reals: new Float64Array(ints.buffer), order }
  return hasDoubles ? mergeDoubles(sorted) : sorted
}

function isDouble(ints: Int32Array, row: number, other: number): boolean {
  return ints[row * INTS + FLOW] === ints[other * INTS + FLOW] && ints[row * INTS + TICK] === ints[other * INTS + TICK]
}

function mergeDoubles(activity: Activity): Activity {
  const order = activity.order.slice()
  const ints = activity.ints.slice()
  const reals = new Float64Array(ints.buffer)
  let kept = 0
  for (let i = 1; i < order.length; i++) {
    const [into, from] = [order[kept], order[i]]
    if (!isDouble(ints, into, from)) {
      order[++kept] = from
      continue
    }
    for (let direction = 0; direction < 2; direction++) {
      ints[into * INTS + PACKETS + direction] += ints[from * INTS + PACKETS + direction]
      reals[into * REALS + BYTES + direction] += reals[from * REALS + BYTES + direction]
    }
  }
  return { ...activity, ints, reals, order: order.subarray(0, kept + 1) }
}
