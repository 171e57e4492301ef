// The rows of a timeline, and their order. Plain data and functions over it, for whichever thread.

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
  lastUs: number
  /** 0: there is nothing. */
  tickUs: number
  /** The number by which the rows call the tick that begins at firstUs. */
  firstTick: number
  count: number
  /** INTS numbers a row, and REALS over the same memory. */
  ints: Int32Array<ArrayBuffer>
}

export interface Activity {
  firstUs: number
  tickUs: number
  ticks: number
  /** As in UnsortedActivity. */
  firstTick: number
  ints: Int32Array<ArrayBuffer>
  reals: Float64Array<ArrayBuffer>
  /** Numbers of the rows, ordered by tick, then flow; no two rows share both. */
  order: Int32Array
}

/** Orders rows by tick, then flow, and merges doubles, which times going backwards leave behind. Changes nothing. */
export function sortActivity({ firstUs, lastUs, tickUs, firstTick, count, ints }: UnsortedActivity): Activity {
  const ticks = tickUs === 0 ? 0 : Math.floor((lastUs - firstUs) / tickUs) + 1
  let flows = 0
  for (let row = 0; row < count; row++) flows = Math.max(flows, ints[row * INTS + FLOW] + 1)
  // Sorted by the lesser key first, then by the greater one, each time keeping the order of what is equal.
  const begun = new Int32Array(count)
  for (let row = 0; row < count; row++) begun[row] = row
  const byFlow = sortedBy(begun, ints, FLOW, 0, flows)
  const order = sortedBy(byFlow, ints, TICK, firstTick, ticks)
  const sorted = { firstUs, tickUs, ticks, firstTick, ints, reals: new Float64Array(ints.buffer), order }
  return hasDoubles(sorted) ? mergeDoubles(sorted) : sorted
}

/** Counting sort of rows by one integer field whose values begin at `first` and are `range` many. */
function sortedBy(rows: Int32Array, ints: Int32Array, field: number, first: number, range: number): Int32Array {
  const ends = new Int32Array(range + 1)
  for (let i = 0; i < rows.length; i++) ends[ints[rows[i] * INTS + field] - first + 1]++
  for (let value = 0; value < range; value++) ends[value + 1] += ends[value]
  const sorted = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) sorted[ends[ints[rows[i] * INTS + field] - first]++] = rows[i]
  return sorted
}

function hasDoubles({ ints, order }: Activity): boolean {
  for (let i = 1; i < order.length; i++) if (isDouble(ints, order[i - 1], order[i])) return true
  return false
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
