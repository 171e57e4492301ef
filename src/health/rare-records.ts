// What few directions of TCP conversations have: gaps, and segments that are counted because something was wrong. A record is made for the first of them.
import { FIRST_ROWS, LAZY_GROWTH, sharedInts } from '../column.ts'
import { TCP_COUNTERS } from './counters.ts'
import { GAPS_INTS } from './gaps.ts'

/** Gaps (gaps.ts), then TCP_COUNTERS after the first, which counts all data segments. */
const INTS = GAPS_INTS + TCP_COUNTERS.length - 1
const COUNTERS = GAPS_INTS - 1

export class RareRecords {
  ints: Int32Array
  private rows = 0

  /** @param ints of rows to read */
  constructor(ints = sharedInts(FIRST_ROWS * INTS)) {
    this.ints = ints
  }

  /** @returns the new row */
  begin(): number {
    const row = this.rows++
    if (this.rows * INTS > this.ints.length) {
      const longer = sharedInts(this.ints.length * LAZY_GROWTH)
      longer.set(this.ints)
      this.ints = longer
    }
    return row
  }

  /** Index of the row's gaps in `ints`. */
  gapsAt(row: number): number {
    return row * INTS
  }

  /** @param counter index in TCP_COUNTERS, from 1 */
  count(row: number, counter: number): void {
    this.ints[row * INTS + COUNTERS + counter]++
  }

  /** @param row -1 for none */
  counted(row: number, counter: number): number {
    return row < 0 ? 0 : this.ints[row * INTS + COUNTERS + counter]
  }
}
