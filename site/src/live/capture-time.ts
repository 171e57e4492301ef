// The current time of a capture: what its source reported last, and the time that has passed since.

export class CaptureTime {
  isRunning = true
  readonly #isRealTime: boolean
  #us = 0
  #atMs = 0

  /** @param isRealTime false: it stands still between reports */
  constructor(isRealTime: boolean) {
    this.#isRealTime = isRealTime
  }

  /** Microseconds since the epoch; 0 before the first report. */
  get us(): number {
    return this.isRunning && this.#isRealTime ? this.#us + (performance.now() - this.#atMs) * 1000 : this.#us
  }

  /** Never goes back. */
  report(us: number): void {
    this.#us = Math.max(us, this.us)
    this.#atMs = performance.now()
  }
}
