// An analysis that goes on as the source of a report that grows (live/source.ts): the page's picture of what was read so far.
import type { Grown } from '../../../src/browser/messages.ts'
import type { LiveSource, SourceEvents } from '../live/source.ts'

/** Arcs of the last part of what was read are drawn: one in so many. */
const MOMENTS = 8
/** Between two changes: drawing more often would take processor time from the reading. */
const REST_MS = 800
/** So many times as long as the last change took to be drawn, where that is longer. */
const REST = 10

export class AnalysisSource implements LiveSource {
  readonly isRealTime = false
  readonly #first: Grown
  readonly #ask: () => void
  #events: SourceEvents | null = null
  #whole: ArrayBuffer | null = null
  /** When the last change came; the first one opens the picture, which says nothing of later ones. */
  #takenMs = Number.POSITIVE_INFINITY

  /** @param ask for the next change */
  constructor(first: Grown, ask: () => void) {
    this.#first = first
    this.#ask = ask
  }

  async open() {
    return { bytes: this.#first.base!, sequence: 0, first: [this.#first.change] }
  }

  /** The picture stays as it is until the whole report is there. */
  async reload(): Promise<null> {
    return null
  }

  start(events: SourceEvents): void {
    this.#events = events
    events.state('live')
    if (this.#whole) events.message({ type: 'whole', bytes: this.#whole })
  }

  catchUp(): void {}

  shown(): void {
    const tookMs = performance.now() - this.#takenMs
    setTimeout(() => this.#whole || this.#ask(), Math.max(REST_MS, tookMs * REST))
  }

  async tables(): Promise<null> {
    return null
  }

  momentUs(durationUs: number): number {
    return Math.max(1, durationUs / MOMENTS)
  }

  describe(_: unknown, mode: string) {
    if (mode === 'live') return { label: 'Reading', title: 'The picture follows the reading of the capture', isLive: true, note: '' }
    return { label: 'Follow the reading', title: 'Show all that was read so far', isLive: false, note: '' }
  }

  take({ change }: Grown): void {
    this.#takenMs = performance.now()
    this.#events?.message(change)
  }

  finish(bytes: ArrayBuffer): void {
    this.#whole = bytes
    this.#events?.message({ type: 'whole', bytes })
  }

  /** There will be no whole report. */
  fail(reason: string): void {
    this.#events?.message({ type: 'end', endedBy: reason })
  }
}
