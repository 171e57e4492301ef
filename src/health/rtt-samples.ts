// Round-trip times of a direction -> their median, from at most 16 of them, evenly spaced over the connection.
import { FIRST_ROWS, LAZY_GROWTH, sharedMemory } from '../column.ts'

const KEPT = 16

export interface SampleMemory {
  /** Number of times added, by row. */
  added: Uint32Array
  /** Microseconds; single precision has 7 digits. */
  kept: Float32Array
}

export class RttSamples {
  private rows = 0
  /** As in SampleMemory. */
  private added: Uint32Array
  private kept: Float32Array

  /** @param memory of rows to read */
  constructor({ added, kept }: SampleMemory = roomFor(FIRST_ROWS)) {
    this.added = added
    this.kept = kept
  }

  /** For another thread; valid until a time is added. */
  memory(): SampleMemory {
    return { added: this.added, kept: this.kept }
  }

  /** @param row -1 for a new one @returns the row */
  add(row: number, us: number): number {
    let at = row
    if (at < 0) {
      at = this.rows++
      if (this.rows > this.added.length) this.grow()
    }
    const index = this.added[at]++
    const stride = strideOf(index)
    if (index % stride !== 0) return at
    const { kept } = this
    const from = at * KEPT
    // The row is full: every second time is removed.
    if (index > 0 && index === stride * (KEPT / 2) && stride > 1) for (let i = 1; i < KEPT / 2; i++) kept[from + i] = kept[from + 2 * i]
    kept[from + index / stride] = us
    return at
  }

  /** @returns median in microseconds, -1 for no row */
  median(row: number): number {
    if (row < 0) return -1
    const added = this.added[row]
    const count = Math.ceil(added / strideOf(added - 1))
    const sorted = this.kept.slice(row * KEPT, row * KEPT + count).sort()
    return Math.round((sorted[(count - 1) >> 1] + sorted[count >> 1]) / 2)
  }

  private grow(): void {
    const { added, kept } = roomFor(this.added.length * LAZY_GROWTH)
    added.set(this.added)
    kept.set(this.kept)
    this.added = added
    this.kept = kept
  }
}

function roomFor(rows: number): SampleMemory {
  const added = new Uint32Array(sharedMemory(rows * Uint32Array.BYTES_PER_ELEMENT))
  return { added, kept: new Float32Array(sharedMemory(rows * KEPT * Float32Array.BYTES_PER_ELEMENT)) }
}

/** One of how many times is kept, after the time with this index was added: the smallest power of 2 with which all fit. */
function strideOf(index: number): number {
  let stride = 1
  while (index >= stride * KEPT) stride *= 2
  return stride
}
