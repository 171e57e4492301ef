// IPv4 ranges of which many may hold an address: cut into stretches that do not overlap, each with its narrowest range, and found by their
// first bits and a short binary search.
import { grown, sortedByKey } from './growing.ts'

const NONE = -1
/** As many first bits as make a bucket for each boundary, within these. */
const FEWEST_BITS = 8
const MOST_BITS = 22

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
    const reversed = new Uint32Array(count)
    const widths = new Uint32Array(count)
    for (let i = 0; i < count; i++) {
      reversed[i] = count - 1 - i
      widths[i] = ~ends[i]
    }
    const order = sortedByKey(sortedByKey(reversed, widths, count), starts, count)
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
  /** A bit for each /24 of which anything is listed: most addresses of a capture are done with it. */
  private readonly listed = new Uint32Array(1 << 19)
  private readonly shift: number
  /** By the first bits: how many boundaries lie before. */
  private readonly buckets: Uint32Array

  constructor(starts: Uint32Array, entries: Int32Array) {
    this.starts = starts
    this.entries = entries
    for (let i = 0; i < starts.length; i++) {
      const end = i + 1 < starts.length ? starts[i + 1] - 1 : 0xffffffff
      if (entries[i] !== NONE) this.mark(starts[i] >>> 8, end >>> 8)
    }
    const bits = Math.min(MOST_BITS, Math.max(FEWEST_BITS, 32 - Math.clz32(starts.length)))
    this.shift = 32 - bits
    this.buckets = new Uint32Array((1 << bits) + 1)
    for (const start of starts) this.buckets[(start >>> this.shift) + 1]++
    for (let bucket = 0; bucket < 1 << bits; bucket++) this.buckets[bucket + 1] += this.buckets[bucket]
  }

  private mark(first: number, last: number): void {
    for (let network = first; network <= last; network++) this.listed[network >>> 5] |= 1 << (network & 31)
  }

  /** @returns the entry of the narrowest range that holds the address, -1 for none */
  find(address: number): number {
    if (((this.listed[address >>> 13] >>> ((address >>> 8) & 31)) & 1) === 0) return NONE
    const { starts, buckets, shift } = this
    let low = buckets[address >>> shift]
    let high = buckets[(address >>> shift) + 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (starts[middle] <= address) low = middle + 1
      else high = middle
    }
    return low === 0 ? NONE : this.entries[low - 1]
  }
}
