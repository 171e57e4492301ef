// Monotonic clock and time of day -> a time of day that never goes back, for packets without a timestamp.

/** A larger difference between the clocks is not drift: the time was set, or the machine slept. */
const JUMP_MS = 1000

export interface Clocks {
  /** Milliseconds since the epoch; may be set. */
  wallMs(): number
  /** Milliseconds, never decreasing; need not count while the machine sleeps. */
  monotonicMs(): number
}

export const SYSTEM_CLOCKS: Clocks = { wallMs: () => Date.now(), monotonicMs: () => performance.now() }

export class SteadyClock {
  private readonly clocks: Clocks
  private offsetMs: number
  private lastUs = 0

  constructor(clocks: Clocks = SYSTEM_CLOCKS) {
    this.clocks = clocks
    this.offsetMs = clocks.wallMs() - clocks.monotonicMs()
  }

  /** Integer microseconds since the epoch; follows jumps of the time of day forwards, but not back. */
  nowUs(): number {
    const { clocks } = this
    const monotonicMs = clocks.monotonicMs()
    const offsetMs = clocks.wallMs() - monotonicMs
    if (offsetMs - this.offsetMs > JUMP_MS) this.offsetMs = offsetMs
    this.lastUs = Math.max(this.lastUs, Math.floor((monotonicMs + this.offsetMs) * 1000))
    return this.lastUs
  }
}
