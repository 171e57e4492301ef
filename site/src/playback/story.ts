// The card that says what happened, in the sentences of report.html: each is a button that goes there, and "Play the story" walks through them.
import type { Sentence } from '../../../src/report/story.ts'
import type { Timeline } from '../model/report.ts'
import { goToEraOf } from '../session/eras.ts'
import { isTaken } from '../session/keys.ts'
import { isOnStage, type Session } from '../session/session.ts'
import type { Stage } from '../stage/stage.ts'
import { announce, byId, make } from '../ui/dom.ts'
import { formatBytes, formatCounted, formatHostile } from '../ui/format.ts'
import type { Findings } from './finding-tour.ts'

/** A sentence stays as long as it takes to read it. */
const READING = { leastMs: 3500, characterMs: 45 }

/** Longest sentence shown; longer ones are cut. */
const LONGEST = 600

export class Story {
  readonly #session: Session
  readonly #stage: Stage
  readonly #findings: Findings
  readonly #timeline: () => Timeline
  readonly #card = byId('story')
  readonly #list = byId('story-sentences')
  readonly #toggle = byId<HTMLButtonElement>('toggle-story')
  readonly #play = byId<HTMLButtonElement>('story-play')
  readonly #fold = byId<HTMLButtonElement>('story-fold')
  #sentences: Sentence[] = []
  #buttons: HTMLButtonElement[] = []
  #isOpen = false
  #timer = 0
  /** Sentences still to be told; null: the story is not played. */
  #rest: number[] | null = null
  #then: (() => void) | null = null

  constructor(session: Session, stage: Stage, findings: Findings, timeline: () => Timeline) {
    this.#session = session
    this.#stage = stage
    this.#findings = findings
    this.#timeline = timeline
  }

  /** Whether the story is being played. */
  get isPlaying(): boolean {
    return this.#rest !== null
  }

  /** Shows the sentences; open when the page was opened on the whole picture. */
  load(sentences: Sentence[]): void {
    this.#sentences = sentences
    if (sentences.length === 0) return
    this.#list.replaceChildren(...sentences.map((sentence, index) => this.#makeItem(sentence, index)))
    this.#toggle.hidden = false
    this.#play.hidden = !this.canPlay
    this.#toggle.addEventListener('click', () => this.#open(!this.#isOpen))
    byId('story-close').addEventListener('click', () => {
      this.#open(false)
      this.#toggle.focus()
    })
    this.#play.addEventListener('click', () => (this.isPlaying ? this.stop() : this.play()))
    this.#fold.addEventListener('click', () => this.#unfold(this.#fold.getAttribute('aria-expanded') !== 'true'))
    document.addEventListener('keydown', (event) => this.#onKey(event))
    // Whoever takes hold of the page ends the walk.
    document.addEventListener('pointerdown', ({ target }) => {
      if (this.isPlaying && !(target as Element).closest('#story, #record')) this.stop()
    })
    this.#session.subscribe(() => this.#showScope(), ['matching', 'span'])
    this.#session.subscribe(({ view }) => void (isOnStage(view) || this.stop()), ['view'])
    this.#mark(0)
    this.#showScope()
    const { isWhole, options } = this.#session.state
    this.#open(options.story === undefined ? isWhole && document.documentElement.dataset.storyAt !== 'over' : options.story === '1', true)
  }

  /** Goes to what a sentence speaks of: its time, its conversations, and the camera with them. */
  go(index: number): void {
    const { about, alertId, filter, span, text } = this.#sentences[index]
    this.#mark(index)
    announce(text)
    if (about === 'findings') {
      this.#session.set({ view: 'alerts' })
      return
    }
    this.#session.filterBy(about === 'finding' ? '' : filter)
    if (about === 'finding') {
      this.#session.set({ span: null })
      if (span && goToEraOf(this.#session, this.#timeline(), span, alertId!)) return
      if (this.#findings.goTo(alertId!)) return
    }
    const isPeriod = about === 'peak' || about === 'pause'
    const { view } = this.#session.state
    this.#session.set({
      isWhole: true,
      selection: about === 'finding' ? { kind: 'alert', id: alertId! } : null,
      span:
        isPeriod && span
          ? { fromUs: Math.max(0, span.fromUs - this.#timeline().firstUs), toUs: span.toUs - this.#timeline().firstUs }
          : null,
      clock: { ...this.#session.state.clock, isPlaying: false },
      ...(isOnStage(view) ? {} : { view: this.#stage.pictureFor(this.#session.home) }),
    })
  }

  /** Whether there is something to walk through. */
  get canPlay(): boolean {
    return this.#walk.length > 1
  }

  /** Walks through the sentences, one after the other, and ends with the whole picture; `then`: what comes instead, unless it is stopped. */
  play(then: (() => void) | null = null): void {
    this.#then = then
    this.#rest = this.#walk
    this.#play.setAttribute('aria-pressed', 'true')
    this.#play.textContent = 'Stop'
    this.#unfold(false)
    this.#step()
  }

  stop(): void {
    if (!this.isPlaying) return
    clearTimeout(this.#timer)
    this.#rest = null
    this.#findings.tell(null)
    this.#play.setAttribute('aria-pressed', 'false')
    this.#play.textContent = 'Play the story'
    const { clock } = this.#session.state
    if (clock.isPlaying) this.#session.set({ clock: { ...clock, isPlaying: false } })
  }

  /** What the walk tells: first how much there is, then the sentences as they stand. */
  get #walk(): number[] {
    const shown = this.#sentences.flatMap(({ about }, index) =>
      about === 'findings' || about === 'coverage' || about === 'traffic' ? [] : [index],
    )
    return [this.#sentences.findIndex(({ about }) => about === 'traffic'), ...shown].filter((index) => index >= 0)
  }

  #step(): void {
    const index = this.#rest?.shift()
    if (index === undefined) {
      this.stop()
      if (this.#then) this.#then()
      else this.go(this.#walk[0])
      return
    }
    this.go(index)
    const { text, severity } = this.#sentences[index]
    const all = this.#walk
    this.#findings.tell({
      text: formatHostile(text, LONGEST),
      severity: severity ?? '',
      count: `${all.indexOf(index) + 1} of ${all.length}`,
    })
    const { clock, isWhole } = this.#session.state
    if (!isWhole) this.#session.set({ clock: { ...clock, isPlaying: true } })
    this.#timer = window.setTimeout(() => this.#step(), READING.leastMs + READING.characterMs * Math.min(LONGEST, text.length))
  }

  #makeItem({ text, about, severity }: Sentence, index: number): HTMLLIElement {
    const item = make('li')
    const shown = formatHostile(text, LONGEST)
    if (about === 'coverage') item.append(make('p', 'quiet', shown))
    else {
      const button = make('button', '', shown)
      button.type = 'button'
      button.dataset.about = about
      if (severity) button.dataset.severity = severity
      button.addEventListener('click', () => {
        this.stop()
        this.go(index)
        this.#unfold(false)
      })
      item.append(button)
      this.#buttons[index] = button
    }
    return item
  }

  /** Marks the sentence that was gone to; folded, the card shows it alone. */
  #mark(index: number): void {
    this.#buttons.forEach((button, at) => {
      if (at === index) button.setAttribute('aria-current', 'true')
      else button.removeAttribute('aria-current')
    })
  }

  #unfold(isUnfolded: boolean): void {
    this.#fold.setAttribute('aria-expanded', String(isUnfolded))
    this.#card.dataset.folded = String(!isUnfolded)
  }

  #open(isOpen: boolean, isFirst = false): void {
    this.#isOpen = isOpen
    this.#card.hidden = !isOpen
    document.documentElement.dataset.story = isOpen ? 'open' : 'closed'
    this.#toggle.setAttribute('aria-expanded', String(isOpen))
    this.#stage.layOut()
    if (isFirst) return
    this.#session.option('story', isOpen === this.#session.state.isWhole ? null : isOpen ? '1' : '0')
    if (isOpen) this.#card.focus()
    else this.stop()
  }

  /** While a filter or a span leaves out something: what the picture shows of all. */
  #showScope(): void {
    const { matching, filterText, span } = this.#session.state
    const isAll = filterText === '' && span === null
    byId('story-shown').hidden = isAll || !matching
    if (!isAll && matching)
      byId('story-shown').textContent = `Shown now: ${formatCounted(matching.total.flows, 'flow')}, ${formatBytes(matching.total.bytes)}.`
  }

  #onKey(event: KeyboardEvent): void {
    if (isTaken(event)) return
    if (event.key === 'Escape' && this.isPlaying) this.stop()
    else if (event.key === 'Escape' && this.#card.contains(event.target as Node)) {
      this.#open(false)
      this.#toggle.focus()
    } else if (event.key === ' ' && this.isPlaying && !(event.target as Element).closest('button, a')) this.stop()
    else if (event.key === 'c') this.#open(!this.#isOpen)
    else return
    event.preventDefault()
    event.stopImmediatePropagation()
  }
}
