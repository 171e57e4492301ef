// Round-trip times of a direction -> their median, from at most 16 of them, evenly spaced over the connection.
import { FIRST_ROWS, LAZY_GROWTH } from '../column.ts'

const KEPT = 16

export class RttSamples {
  private rows = 0
  /** Number of times added, by row. */
  private added = new Uint32Array(FIRST_ROWS)
  /** Microseconds; single precision has 7 digits. */
  private kept = new Float32Array(FIRST_ROWS * KEPT)

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
    const added = new Uint32Array(this.added.length * LAZY_GROWTH)
    added.set(this.added)
    this.added = added
    const kept = new Float32Array(this.kept.length * LAZY_GROWTH)
    kept.set(this.kept)
    this.kept = kept
  }
}

/** One of how many times is kept, after the time with this index was added: the smallest power of 2 with which all fit. */
function strideOf(index: number): number {
  let stride = 1
  while (index >= stride * KEPT) stride *= 2
  return stride
}
