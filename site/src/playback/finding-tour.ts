// Moves from finding to finding: the camera shows the finding, playback slows down, and a caption describes it.
import { type Chapter, chapterAt, chapterSpeed, chaptersOf, nextChapter } from '../model/chapters.ts'
import { seek, setSpeed } from '../model/clock.ts'
import type { Report } from '../model/report.ts'
import { isTaken } from '../session/keys.ts'
import { isOnStage, type Session } from '../session/session.ts'
import type { Stage } from '../stage/stage.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatDuration, formatHostile, formatSecond } from '../ui/format.ts'

/** A sentence in the caption. `severity`: "" for none. */
interface Told {
  text: string
  severity: string
  count: string
}

export class Findings {
  readonly #session: Session
  readonly #stage: Stage
  #report: Report
  #chapters: Chapter[] = []
  readonly #caption = byId('caption')
  readonly #next = byId<HTMLButtonElement>('next-finding')
  /** Index of the current chapter, and the speed to restore afterwards; -1 when no chapter is current. */
  #current = -1
  #speedBefore = 0
  #speedWithin = 0
  #isQuiet = false
  #told: Told | null = null
  #shown = -2

  constructor(session: Session, stage: Stage, report: Report, showFlows: (alert: Chapter['alert']) => void) {
    this.#session = session
    this.#stage = stage
    this.#report = report
    this.#read()
    this.#next.addEventListener('click', () => this.go(1))
    byId('caption-next').addEventListener('click', () => this.go(1))
    byId('caption-previous').addEventListener('click', () => this.go(-1))
    byId('caption-flows').addEventListener('click', () => {
      const chapter = this.#chapters[this.#shown]
      if (chapter) showFlows(chapter.alert)
    })
    byId('caption-close').addEventListener('click', () => {
      this.#leave()
      this.#isQuiet = true
      this.#show()
    })
    document.addEventListener('keydown', (event) => {
      if (event.key.toLowerCase() !== 'n' || isTaken(event)) return
      event.preventDefault()
      this.go(event.shiftKey ? -1 : 1)
    })
    session.subscribe(() => this.#follow(), ['clock', 'isWhole'])
    session.subscribe(() => {
      // Something else was selected, so the tour ends.
      const { selection } = session.state
      const { alert } = this.#chapters[this.#current] ?? {}
      if (alert && !(selection?.kind === 'alert' && selection.id === alert.id)) this.#leave()
    }, ['selection'])
    this.#show()
  }

  /** A running capture may have new findings. */
  update(report: Report): void {
    const current = this.#chapters[this.#current]?.alert.id
    this.#report = report
    this.#read()
    this.#current = this.#chapters.findIndex(({ alert }) => alert.id === current)
    this.#shown = -2
    this.#show()
  }

  #read(): void {
    const { firstUs, durationUs, momentUs } = this.#report.timeline
    this.#chapters = chaptersOf(this.#report.alerts, firstUs, durationUs, momentUs)
    this.#next.hidden = this.#chapters.length === 0
  }

  /** Caption at the current position, for pictures and videos; "" for none. */
  get text(): string {
    if (this.#told) return this.#told.text
    const chapter = this.#chapters[this.#at]
    return chapter ? formatHostile(chapter.alert.title, 300) : ''
  }

  /** Goes to the next finding (1) or the previous one (-1). If playback is paused, the position is just after the finding begins. */
  go(way: 1 | -1): void {
    const { clock } = this.#session.state
    const to = nextChapter(this.#chapters, this.#current, clock.positionUs, way)
    if (this.#chapters[to]) this.#goTo(to)
    else announce('There are no findings in this capture')
  }

  /** Goes to a finding; false if it is none of the tour. */
  goTo(alertId: number): boolean {
    const to = this.#chapters.findIndex(({ alert }) => alert.id === alertId)
    if (to >= 0) this.#goTo(to)
    return to >= 0
  }

  /** Shows a sentence in the caption, whatever finding there is at this time; null: findings again. */
  tell(told: Told | null): void {
    this.#told = told
    this.#shown = -2
    this.#show()
  }

  /** The chapter with the caption now; -1 for none. A picture of the whole period has none. */
  get #at(): number {
    const { isWhole, clock } = this.#session.state
    if (this.#isQuiet || isWhole) return -1
    return this.#current >= 0 ? this.#current : chapterAt(this.#chapters, clock.positionUs)
  }

  #goTo(to: number): void {
    const { clock } = this.#session.state
    const chapter = this.#chapters[to]
    const speed = this.#current >= 0 && clock.speed === this.#speedWithin ? this.#speedBefore : clock.speed
    this.#isQuiet = false
    this.#current = to
    this.#speedBefore = speed
    this.#speedWithin = chapterSpeed(chapter, speed)
    const { view, span } = this.#session.state
    const isOutside = span !== null && (chapter.shownUs < span.fromUs || chapter.shownUs >= span.toUs)
    this.#session.set({
      clock: seek(setSpeed(clock, this.#speedWithin), clock.isPlaying ? chapter.fromUs : chapter.shownUs),
      selection: { kind: 'alert', id: chapter.alert.id },
      ...(isOutside ? { span: null } : {}),
      ...(isOnStage(view) ? {} : { view: this.#stage.pictureFor(this.#session.home) }),
    })
    this.#show() // first the caption: it covers a part of the stage
    this.#stage.lookAt(this.#placesOf(chapter))
    announce(`Finding ${to + 1} of ${this.#chapters.length}, ${chapter.alert.severity}: ${formatHostile(chapter.alert.title, 300)}`)
  }

  /** Places at the ends of the routes that belong to the finding. */
  #placesOf({ alert }: Chapter) {
    const { routes, places } = this.#report
    const ends = new Set(alert.routes.slice(0, 500).flatMap((route) => [routes.source[route], routes.target[route]]))
    return [...ends].map((place) => places[place])
  }

  #follow(): void {
    const chapter = this.#chapters[this.#current]
    const { clock } = this.#session.state
    if (chapter && clock.isPlaying && clock.positionUs >= chapter.toUs) this.#leave()
    else if (chapter && (clock.positionUs < chapter.fromUs || clock.positionUs > chapter.toUs)) this.#leave()
    this.#show()
  }

  /** Restores the earlier speed, unless the reader changed it. */
  #leave(): void {
    if (this.#current < 0) return
    const { alert } = this.#chapters[this.#current]
    this.#current = -1
    const { clock, selection } = this.#session.state
    this.#session.set({
      clock: clock.speed === this.#speedWithin ? setSpeed(clock, this.#speedBefore) : clock,
      ...(selection?.kind === 'alert' && selection.id === alert.id ? { selection: null } : {}),
    })
  }

  #show(): void {
    const at = this.#at
    // Outside the tour the caption has one line; within the tour it shows everything.
    this.#caption.dataset.walk = this.#told ? 'told' : this.#current >= 0 ? 'yes' : 'no'
    if (this.#told) {
      const { text, severity, count } = this.#told
      this.#caption.hidden = false
      this.#caption.dataset.severity = severity
      for (const [id, value] of Object.entries({ severity, count, title: text, detail: '' })) byId(`caption-${id}`).textContent = value
      return
    }
    if (at === this.#shown) return
    this.#shown = at
    const chapter = this.#chapters[at]
    this.#caption.hidden = !chapter
    if (!chapter) return
    const { severity, title, firstUs, lastUs, source, target } = chapter.alert
    this.#caption.dataset.severity = severity
    byId('caption-severity').textContent = severity
    byId('caption-count').textContent = `finding ${at + 1} of ${this.#chapters.length}`
    byId('caption-title').textContent = formatHostile(title, 300)
    byId('caption-detail').textContent = [
      `${formatSecond(firstUs)}, for ${formatDuration(Math.max(0, lastUs - firstUs))}`,
      source && target ? `${source} → ${target}` : (source ?? target ?? ''),
    ]
      .filter(Boolean)
      .join(' · ')
  }
}
