// Advances the session's clock while it plays, one session change for each frame, and handles the keys known from video players.
import { advance, type Clock, fitSpeed, nextSpeed, pause, play, type Run, seek, stepTick } from '../model/clock.ts'
import { buildPace, type Pace } from '../model/pace.ts'
import type { Report } from '../model/report.ts'
import { isTaken } from '../session/keys.ts'
import type { Session } from '../session/session.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatInstant, formatSpeed } from '../ui/format.ts'

/** A longer pause between frames means that the browser stopped the page: playback then continues where it was and does not jump. */
const LONGEST_FRAME_MS = 250

/** Arrow keys move by these shares of the played span. */
const STEPS = { small: 0.01, large: 0.1 }

/** Playback of the session: its span, and the switches "loop" and "smart" in its options. */
export class Playback {
  readonly #session: Session
  #report: Report
  #pace: Pace | null = null
  #lastFrameMs = 0
  #isRunning = false

  constructor(session: Session, report: Report) {
    this.#session = session
    this.#report = report
    this.#setPace()
    session.subscribe(() => this.#setPace(), ['options', 'matching'])
    session.subscribe(() => this.#run(), ['clock', 'isHeld'])
    this.#run()
    this.#startSwitches()
    document.addEventListener('keydown', (event) => this.#onKey(event))
  }

  get run(): Run {
    const { span } = this.#session.state
    return { span, isLooping: this.#isOn('loop'), pace: this.#pace }
  }

  /** Speed at which the played part takes FIT_SECONDS. */
  get fit(): number {
    return fitSpeed(this.#pace ? this.#pace.show.at(-1)! : this.#report.timeline.durationUs)
  }

  /** A running capture has grown. */
  update(report: Report): void {
    this.#report = report
    this.#setPace()
  }

  /** Plays or pauses, and announces it. */
  toggle(): void {
    const { clock } = this.#session.state
    const next: Clock = clock.isPlaying ? pause(clock) : play(clock, this.run)
    this.#session.set({ clock: next })
    announce(next.isPlaying ? 'Playing' : `Paused at ${formatInstant(this.#report.timeline.firstUs + next.positionUs)}`)
  }

  #run(): void {
    const { clock, isHeld } = this.#session.state
    if (!clock.isPlaying || isHeld || this.#isRunning) return
    this.#isRunning = true
    this.#lastFrameMs = performance.now()
    requestAnimationFrame((nowMs) => this.#onFrame(nowMs))
  }

  #onFrame(nowMs: number): void {
    const { clock, isHeld } = this.#session.state
    this.#isRunning = clock.isPlaying && !isHeld
    if (!this.#isRunning) return
    const next = advance(clock, Math.min(nowMs - this.#lastFrameMs, LONGEST_FRAME_MS), this.run)
    this.#lastFrameMs = nowMs
    this.#session.set({ clock: next })
    if (!next.isPlaying) announce(this.#session.state.span ? 'End of the selected span' : 'End of the capture')
    requestAnimationFrame((later) => this.#onFrame(later))
  }

  /** Smart time depends on the filter: times without passing flows count as silence. */
  #setPace(): void {
    const { matching } = this.#session.state
    const { timeline, alerts, applications } = this.#report
    if (!this.#isOn('smart')) {
      this.#pace = null
      return
    }
    const binBytes = matching?.binBytes ?? timeline.binBytes
    const bytes = new Float64Array(timeline.bins)
    for (let index = 0; index < binBytes.length; index++) bytes[Math.floor(index / applications.length)] += binBytes[index]
    this.#pace = buildPace({
      durationUs: timeline.durationUs,
      bytes,
      gaps: timeline.gaps,
      alertsUs: alerts.filter(({ severity }) => severity !== 'info').map(({ firstUs }) => firstUs - timeline.firstUs),
    })
  }

  #startSwitches(): void {
    const switches = { loop: byId('loop'), smart: byId('smart') }
    for (const [name, button] of Object.entries(switches))
      button.addEventListener('click', () => this.#switch(name as keyof typeof switches))
    const show = () => {
      for (const [name, button] of Object.entries(switches))
        button.setAttribute('aria-pressed', String(this.#isOn(name as keyof typeof switches)))
    }
    this.#session.subscribe(show, ['options'])
    show()
  }

  /** Value of a switch that the link does not set: smart time is on for a capture with long pauses. */
  #isUsual(name: 'loop' | 'smart'): boolean {
    return name === 'smart' && (this.#report.timeline.main !== null || this.#report.timeline.gaps.length > 0)
  }

  #isOn(name: 'loop' | 'smart'): boolean {
    const option = this.#session.state.options[name]
    return option === undefined ? this.#isUsual(name) : option === '1'
  }

  #switch(name: 'loop' | 'smart'): void {
    const isOn = !this.#isOn(name)
    this.#session.option(name, isOn === this.#isUsual(name) ? null : isOn ? '1' : '0')
    const says = { loop: ['Plays once', 'Plays again and again'], smart: ['Plays evenly', 'Silence passes quickly, alerts slowly'] }
    announce(says[name][isOn ? 1 : 0])
  }

  #onKey(event: KeyboardEvent): void {
    const { target, key, shiftKey } = event
    const element = target as HTMLElement
    if (event.defaultPrevented || isTaken(event)) return
    const isMove = ['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(key)
    // Tabs, tables and groups of buttons use these keys themselves; on the seek bar they work as here.
    if (
      isMove &&
      element.closest('[role=tablist], [role=grid], [role=treegrid], [role=listbox], [role=menu], table, .view, input[type=radio]')
    )
      return
    if (isMove && element.closest('input[type=range]') && element.id !== 'time') return
    const { clock, span } = this.#session.state
    const { tickUs } = this.#report.timeline
    const from = span?.fromUs ?? 0
    const to = span?.toUs ?? clock.durationUs
    const step = (to - from) * (shiftKey ? STEPS.large : STEPS.small)
    const moves: Record<string, () => Clock> = {
      ArrowLeft: () => seek(clock, clock.positionUs - step),
      ArrowRight: () => seek(clock, clock.positionUs + step),
      Home: () => seek(clock, from),
      End: () => seek(clock, to),
      ',': () => stepTick(clock, tickUs, -1),
      '.': () => stepTick(clock, tickUs, 1),
      '[': () => nextSpeed(clock, -1),
      ']': () => nextSpeed(clock, 1),
    }
    if (key === 'l' || key === 's') {
      event.preventDefault()
      this.#switch(key === 'l' ? 'loop' : 'smart')
      return
    }
    const move = moves[key]
    if (!move) return
    event.preventDefault()
    const next = move()
    this.#session.set({ clock: next })
    if (next.speed !== clock.speed) announce(`Speed ${formatSpeed(next.speed)}`)
  }
}
