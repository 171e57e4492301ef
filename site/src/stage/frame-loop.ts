// Frames are drawn when something asks for one, and go on only while the drawing itself says so: a still picture costs nothing.

export class FrameLoop {
  /** Returns whether another frame is wanted at once. */
  readonly #draw: (nowMs: number) => boolean
  #isVisible = true
  #pending = 0
  #isWanted = false

  constructor(draw: (nowMs: number) => boolean) {
    this.#draw = draw
  }

  /** Whether all that was asked for is drawn. */
  get isIdle(): boolean {
    return !this.#isWanted && this.#pending === 0
  }

  request(): void {
    this.#isWanted = true
    if (this.#pending || !this.#isVisible) return
    this.#pending = requestAnimationFrame((nowMs) => {
      this.#pending = 0
      this.#isWanted = false
      if (this.#draw(nowMs)) this.request()
    })
  }

  /** A frame that was requested while the page was hidden is drawn when it is visible again. */
  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible
    if (!isVisible) {
      cancelAnimationFrame(this.#pending)
      this.#pending = 0
    } else if (this.#isWanted) this.request()
  }
}
