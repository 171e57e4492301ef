// Walks through the findings: the camera moves to one, playback slows down, the caption says what happens.
import { type Chapter, chapterAt, chapterSpeed, chaptersOf, nextChapter } from '../model/chapters.ts'
import { seek, setSpeed } from '../model/clock.ts'
import type { Report } from '../model/report.ts'
import { isTaken } from '../session/keys.ts'
import { isOnStage, type Session } from '../session/session.ts'
import type { Stage } from '../stage/stage.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatDuration, formatHostile, formatTime } from '../ui/format.ts'

export class Findings {
  readonly #session: Session
  readonly #stage: Stage
  #report: Report
  #chapters: Chapter[] = []
  readonly #caption = byId('caption')
  readonly #next = byId<HTMLButtonElement>('next-finding')
  /** Chapter that is walked through, and the speed to go back to; -1 outside. */
  #current = -1
  #speedBefore = 0
  #speedWithin = 0
  #isQuiet = false
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
    session.subscribe(() => this.#follow(), ['clock'])
    session.subscribe(() => {
      // Something else came into focus: the reader has left the walk.
      const { selection } = session.state
      const { alert } = this.#chapters[this.#current] ?? {}
      if (alert && !(selection?.kind === 'alert' && selection.id === alert.id)) this.#leave()
    }, ['selection'])
    this.#show()
  }

  /** The capture has grown: findings may have come. */
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

  /** What is said of this moment, for pictures and videos; '' for nothing. */
  get text(): string {
    const chapter = this.#chapters[this.#current >= 0 ? this.#current : chapterAt(this.#chapters, this.#session.state.clock.positionUs)]
    return chapter ? formatHostile(chapter.alert.title, 300) : ''
  }

  /** To the next finding (1) or the one before (-1). Playing goes on; standing still, the finding is shown in its midst. */
  go(way: 1 | -1): void {
    const { clock } = this.#session.state
    const to = nextChapter(this.#chapters, this.#current, clock.positionUs, way)
    const chapter = this.#chapters[to]
    if (!chapter) {
      announce('There are no findings in this capture')
      return
    }
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
      ...(isOnStage(view) ? {} : { view: this.#stage.hasGlobe ? 'globe' : 'map' }),
    })
    this.#stage.lookAt(this.#placesOf(chapter))
    this.#show()
    announce(`Finding ${to + 1} of ${this.#chapters.length}, ${chapter.alert.severity}: ${formatHostile(chapter.alert.title, 300)}`)
  }

  /** Ends of the lanes that show it. */
  #placesOf({ alert }: Chapter) {
    const { lanes, places } = this.#report
    const ends = new Set(alert.lanes.slice(0, 500).flatMap((lane) => [lanes.source[lane], lanes.target[lane]]))
    return [...ends].map((place) => places[place])
  }

  #follow(): void {
    const chapter = this.#chapters[this.#current]
    const { clock } = this.#session.state
    if (chapter && clock.isPlaying && clock.positionUs >= chapter.toUs) this.#leave()
    else if (chapter && (clock.positionUs < chapter.fromUs || clock.positionUs > chapter.toUs)) this.#leave()
    this.#show()
  }

  /** Back to the speed of before, unless it was changed meanwhile. */
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
    const at = this.#isQuiet ? -1 : this.#current >= 0 ? this.#current : chapterAt(this.#chapters, this.#session.state.clock.positionUs)
    // Spoken of in passing, a finding takes one line; walked through, all it has to say.
    this.#caption.dataset.walk = this.#current >= 0 ? 'yes' : 'no'
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
      `${formatTime(firstUs).slice(0, 8)}, for ${formatDuration(Math.max(0, lastUs - firstUs))}`,
      source && target ? `${source} → ${target}` : (source ?? target ?? ''),
    ]
      .filter(Boolean)
      .join(' · ')
  }
}
