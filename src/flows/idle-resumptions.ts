// Resumptions of conversations after a silence: they show periodic traffic inside a long conversation. Hot path: add() runs once per silence.
import { doubled, FIRST_ROWS } from '../column.ts'

/** Shortest silence that counts. Requests of users and programs are closer together; periodic contacts are further apart. */
export const SILENCE_US = 3_000_000
/** Further resumptions are only counted: memory grows with flows, not with the file. */
const MAX_ROWS = 500_000

export class IdleResumptions {
  count = 0
  leftOut = 0
  flow = new Int32Array(FIRST_ROWS)
  timeUs = new Float64Array(FIRST_ROWS)
  /** 0: the end seen first sent the first packet after the silence. */
  direction = new Uint8Array(FIRST_ROWS)
  /** Bytes sent before, by the end seen first, and by the other. */
  forwardBytes = new Float64Array(FIRST_ROWS)
  backwardBytes = new Float64Array(FIRST_ROWS)

  add(flow: number, timeUs: number, direction: number, forwardBytes: number, backwardBytes: number): void {
    if (this.count >= MAX_ROWS) {
      this.leftOut++
      return
    }
    const row = this.count++
    if (row === this.flow.length) this.grow()
    this.flow[row] = flow
    this.timeUs[row] = timeUs
    this.direction[row] = direction
    this.forwardBytes[row] = forwardBytes
    this.backwardBytes[row] = backwardBytes
  }

  private grow(): void {
    this.flow = doubled(this.flow)
    this.timeUs = doubled(this.timeUs)
    this.direction = doubled(this.direction)
    this.forwardBytes = doubled(this.forwardBytes)
    this.backwardBytes = doubled(this.backwardBytes)
  }
}
