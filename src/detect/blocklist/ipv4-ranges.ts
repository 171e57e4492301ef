// IPv4 ranges of which many may hold an address: cut into stretches that do not overlap, each with its narrowest range, and found by the first
// sixteen bits and a short binary search.
import { grown, sortedByKey } from './growing.ts'

const NONE = -1
const BUCKETS = 65_536

/** Collects ranges in any order. */
export class Ipv4RangeBuilder {
  private count = 0
  private starts = new Uint32Array(1024)
  private ends = new Uint32Array(1024)
  private entries = new Int32Array(1024)

  /** Both ends belong to it. */
  add(start: number, end: number, entry: number): void {
    const { count } = this
    this.starts = grown(this.starts, count + 1)
    this.ends = grown(this.ends, count + 1)
    this.entries = grown(this.entries, count + 1)
    this.starts[count] = start
    this.ends[count] = end
    this.entries[count] = entry
    this.count++
  }

  finish(): Ipv4Ranges {
    const { count, starts, ends, entries } = this
    const boundaries = new Boundaries(2 * count)
    // By start; of those with the same start the widest first, so that the narrower lies on top. Of equal ones the first in the list stays on top.
    const reversed = Uint32Array.from({ length: count }, (_, i) => count - 1 - i)
    const order = sortedByKey(
      sortedByKey(
        reversed,
        ends.map((end) => ~end >>> 0),
        count,
      ),
      starts,
      count,
    )
    const open: number[] = []
    const closeUntil = (position: number): void => {
      while (open.length > 0 && ends[open[open.length - 1]] < position) {
        const after = ends[open.pop()!] + 1
        while (open.length > 0 && ends[open[open.length - 1]] < after) open.pop()
        if (after <= 0xffffffff) boundaries.set(after, open.length > 0 ? entries[open[open.length - 1]] : NONE)
      }
    }
    for (let i = 0; i < count; i++) {
      const range = order[i]
      closeUntil(starts[range])
      open.push(range)
      boundaries.set(starts[range], entries[range])
    }
    closeUntil(0x100000000)
    return new Ipv4Ranges(boundaries.starts.slice(0, boundaries.count), boundaries.entries.slice(0, boundaries.count))
  }
}

/** Where another entry begins to hold, ascending. */
class Boundaries {
  count = 0
  readonly starts: Uint32Array
  readonly entries: Int32Array

  constructor(most: number) {
    this.starts = new Uint32Array(most)
    this.entries = new Int32Array(most)
  }

  /** A later one at the same place takes it over. */
  set(start: number, entry: number): void {
    const at = this.count > 0 && this.starts[this.count - 1] === start ? this.count - 1 : this.count++
    this.starts[at] = start
    this.entries[at] = entry
  }
}

export class Ipv4Ranges {
  private readonly starts: Uint32Array
  private readonly entries: Int32Array
  /** By the first sixteen bits: how many boundaries lie before. */
  private readonly buckets = new Uint32Array(BUCKETS + 1)

  constructor(starts: Uint32Array, entries: Int32Array) {
    this.starts = starts
    this.entries = entries
    for (const start of starts) this.buckets[(start >>> 16) + 1]++
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.buckets[bucket + 1] += this.buckets[bucket]
  }

  /** @returns the entry of the narrowest range that holds the address, -1 for none */
  find(address: number): number {
    const { starts, buckets } = this
    let low = buckets[address >>> 16]
    let high = buckets[(address >>> 16) + 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (starts[middle] <= address) low = middle + 1
      else high = middle
    }
    return low === 0 ? NONE : this.entries[low - 1]
  }
}
