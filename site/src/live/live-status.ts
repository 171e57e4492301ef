// What the page says of a running capture: the button that goes to now, the current rate, and a note on the connection and on losses.
import type { LiveChange } from '../../../src/contract/live-message.ts'
import { byId, make } from '../ui/dom.ts'
import { formatCounted, formatHostile } from '../ui/format.ts'
import { CurrentRate } from './current-rate.ts'
import type { LineState, LiveSource } from './source.ts'

export class LiveStatus {
  readonly #button = make('button', 'button live')
  readonly #note = make('p', 'live-note')
  readonly #rate = make('span', 'live-rate')
  readonly #currentRate = new CurrentRate()
  #line: LineState = 'connecting'

  constructor(goToNow: () => void) {
    this.#button.type = 'button'
    this.#button.id = 'live'
    this.#button.addEventListener('click', goToNow)
    this.#rate.title = 'What is captured now: the mean of the last seconds'
    this.#note.setAttribute('role', 'status')
  }

  /** Puts it on the page. */
  place(): void {
    document.querySelector('#masthead nav')!.prepend(this.#button)
    this.#button.after(this.#rate)
    byId('dock').prepend(this.#note)
  }

  remove(): void {
    for (const element of [this.#button, this.#rate, this.#note]) element.remove()
  }

  /** @returns whether the connection's state is another than before */
  setLine(state: LineState): boolean {
    if (state === this.#line) return false
    this.#line = state
    return true
  }

  get line(): LineState {
    return this.#line
  }

  /** @param bytes of the capture so far; null: it has ended */
  setBytes(bytes: number | null): void {
    this.#rate.textContent = bytes === null ? '' : this.#currentRate.of(bytes)
  }

  show({ label, title, isLive, note }: ReturnType<LiveSource['describe']>, isRunning: boolean): void {
    this.#button.textContent = label
    this.#button.title = title
    this.#button.setAttribute('aria-label', `${label}. ${title}`)
    this.#button.dataset.live = String(isLive)
    this.#button.disabled = isLive || !isRunning
    if (this.#note.dataset.line === this.#line) return // what it says of losses stays
    this.#note.dataset.line = this.#line
    this.#note.textContent = note
  }

  /** Once the line is known to have ended. @param endedBy why, in words */
  tellEnd(endedBy: string): void {
    this.#note.textContent = `The capture has ended (${formatHostile(endedBy, 200)}). Everything captured can be played.`
  }

  tellDrops({ drops }: LiveChange): void {
    const dropped = drops.kernel + drops.queue
    if (dropped === 0 || this.#line !== 'live') return
    this.#note.textContent = `${formatCounted(dropped, 'packet')} ${dropped === 1 ? 'was' : 'were'} dropped${drops.isEstimate ? ' (estimate)' : ''}: the capture is not complete.`
  }
}
