// Limits how often lists of a running capture are made anew, so that their rows can be read.
import type { Session } from '../session/session.ts'

const LISTS_MS = 2000

export class ListRenewal {
  readonly #session: Session
  #listedMs = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** The capture has grown: lists follow at once, or when it is time. */
  request(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#listedMs = performance.now()
        this.#session.set({ grown: this.#session.state.grown + 1 })
      },
      this.#listedMs + LISTS_MS - performance.now(),
    )
  }
}
