// IPv4 ranges that may overlap: split into ranges that do not overlap, each with its narrowest original range, and found by their first
// bits and a short binary search.
import { grown, sortedByKey } from './growing.ts'

const NONE = -1
/** Limits of the number of first bits in the index; between them, there are about as many index entries as boundaries. */
const FEWEST_BITS = 8
const MOST_BITS = 22

/** Collects ranges in any order. */
export class Ipv4RangeBuilder {
  private count = 0
  private starts = new Uint32Array(1024)
  private ends = new Uint32Array(1024)
  private entries = new Int32Array(1024)

  /** `start` and `end` both belong to the range. */
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
    // By start, then widest first, so that the narrowest range is on top. Of equal ranges the first in the list is on top.
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

/** Addresses from which another entry applies, ascending. */
class Boundaries {
  count = 0
  readonly starts: Uint32Array
  readonly entries: Int32Array

  constructor(most: number) {
    this.starts = new Uint32Array(most)
    this.entries = new Int32Array(most)
  }

  /** Replaces the entry of the last boundary if it has the same start. */
  set(start: number, entry: number): void {
    const at = this.count > 0 && this.starts[this.count - 1] === start ? this.count - 1 : this.count++
    this.starts[at] = start
    this.entries[at] = entry
  }
}

export class Ipv4Ranges {
  private readonly starts: Uint32Array
  private readonly entries: Int32Array
  /** One bit for each /24 network with any entry: most addresses of a capture need no search. */
  private readonly listed = new Uint32Array(1 << 19)
  private readonly shift: number
  /** By first bits: number of boundaries before. */
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

  /** @returns the entry of the narrowest range that contains the address, -1 for none */
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
