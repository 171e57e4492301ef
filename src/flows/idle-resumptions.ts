// When conversations spoke again after a silence: the rhythm inside long ones, which their begin and end do not tell. Hot path: add() runs once a
// silence.
import { doubled, FIRST_ROWS } from '../column.ts'

/** A shorter silence is none. Users' and programs' requests are closer together, what keeps a rhythm of its own is not. */
export const SILENCE_US = 3_000_000
/** Beyond it, further ones are only counted: memory grows with flows, not with the file. */
const MAX_ROWS = 500_000

export class IdleResumptions {
  count = 0
  leftOut = 0
  flow = new Int32Array(FIRST_ROWS)
  timeUs = new Float64Array(FIRST_ROWS)
  /** 0: the end that was seen first spoke first after the silence. */
  direction = new Uint8Array(FIRST_ROWS)
  /** What had been sent before, from the end that was seen first and back. */
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
