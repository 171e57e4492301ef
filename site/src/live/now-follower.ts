// The clock of a capture that runs: follows the capture's edge, freezes on Pause while capturing goes on, catches up on Resume, goes back and
// comes back to now. What the reader is told of it, too.
import type { Report } from '../model/report.ts'
import type { Session } from '../session/session.ts'
import { byId } from '../ui/dom.ts'
import { CaptureTime } from './capture-time.ts'
import { type Following, follow } from './following.ts'
import { LiveStatus } from './live-status.ts'
import type { LineState, LiveSource } from './source.ts'

/** Longest time the clock runs on without an update; then it waits. */
const AHEAD_US = 1_500_000

export class NowFollower {
  readonly now: CaptureTime
  readonly status = new LiveStatus(() => this.goToNow())
  readonly #session: Session
  readonly #source: LiveSource
  #following: Following = { mode: 'live', atUs: 0 }
  #isSetting = false
  /** The capture's time of its first packet, and that up to which changes are drawn. */
  #firstUs = 0
  #drawnUs = 0

  constructor(session: Session, source: LiveSource) {
    this.#session = session
    this.#source = source
    this.now = new CaptureTime(source.isRealTime)
  }

  /** Begins with a report that is drawn up to `drawnUs`. */
  start(firstUs: number, drawnUs: number): void {
    this.#firstUs = firstUs
    this.#drawnUs = drawnUs
    this.status.place()
    this.now.report(drawnUs)
    this.#session.subscribe(() => this.#watchClock(), ['clock'])
  }

  /** The reader has not gone elsewhere. */
  get isFollowed(): boolean {
    return this.#following.mode === 'live'
  }

  /** Changes up to this time are drawn, or about to be. */
  setDrawn(us: number): void {
    this.#drawnUs = Math.max(this.#drawnUs, us)
  }

  /** A report that has grown is drawn. */
  follow(report: Report): void {
    this.#firstUs = report.timeline.firstUs
    if (this.#source.isRealTime) this.status.setBytes(this.now.isRunning ? Number(report.meta.bytes) : null)
    const { clock } = this.#session.state
    this.#set({ ...clock, durationUs: this.#edgeUs() })
    this.#followNow()
    if (!this.isFollowed) this.#describe()
  }

  goToNow(): void {
    const { clock } = this.#session.state
    this.#following = { mode: 'live', atUs: 0 }
    this.#set({ ...clock, isPlaying: this.now.isRunning, speed: 1, durationUs: this.#edgeUs(), positionUs: this.#positionNow() })
    const speed = byId<HTMLSelectElement>('speed')
    speed.value = '1'
    this.#describe()
  }

  /** The capture has ended. */
  stop(): void {
    this.now.isRunning = false
    this.#hold()
  }

  /** No more will come: the clock is the reader's from here on. stop() is still to be called. */
  leaveClock(): void {
    this.#isSetting = true
    this.now.isRunning = false
  }

  setLine(state: LineState): void {
    if (this.status.setLine(state)) this.#describe()
  }

  /** Keeps the position at the edge: the clock runs by itself, this takes out what it gets ahead or behind. */
  #followNow(): void {
    if (!this.isFollowed) return
    const { clock } = this.#session.state
    const offUs = this.#positionNow() - clock.positionUs
    if (Math.abs(offUs) > 1_000_000 || !clock.isPlaying) this.#set({ ...clock, positionUs: this.#positionNow() })
    else if (Math.abs(offUs) > 50_000) this.#set({ ...clock, positionUs: clock.positionUs + offUs * 0.3 })
  }

  #watchClock(): void {
    if (this.#isSetting) return
    const before = this.#following
    const { clock } = this.#session.state
    // Updates came late and the clock reached the end it knew: the user did not pause it.
    if (before.mode === 'live' && this.now.isRunning && clock.positionUs >= clock.durationUs) {
      this.goToNow()
      return
    }
    this.#following = follow(before, clock, this.#positionNow(), this.now.isRunning)
    if (before.mode === 'frozen' && this.isFollowed) this.goToNow()
    else if (this.#following.mode !== before.mode) {
      if (before.mode === 'history' && this.isFollowed) this.goToNow()
      this.#describe()
    } else if (!this.isFollowed) this.#describe()
  }

  #set(clock: Session['state']['clock']): void {
    this.#isSetting = true
    // A file is shown as far as it is read: of many conversations the picture has the first ones, which may have nothing in the last moment.
    const isWhole = !this.#source.isRealTime && this.isFollowed
    this.#session.set(isWhole ? { clock, isWhole } : { clock })
    this.#isSetting = false
    this.#following = { ...this.#following, atUs: clock.positionUs }
  }

  /** Where the picture of now is: not farther ahead than what is drawn, however busy this machine is. */
  #positionNow(): number {
    return Math.max(0, Math.min(this.now.us, this.#drawnUs + AHEAD_US) - this.#firstUs)
  }

  /** The timeline's end stays a little ahead, so that following never runs into it. */
  #edgeUs(): number {
    return this.#positionNow() + (this.now.isRunning ? 1_000_000 : 0)
  }

  #hold(): void {
    this.#session.set({ isHeld: this.now.isRunning && this.isFollowed && !this.#source.isRealTime })
  }

  #describe(): void {
    this.#hold()
    const behindUs = this.#positionNow() - this.#session.state.clock.positionUs
    this.status.show(this.#source.describe(this.status.line, this.#following.mode, behindUs), this.now.isRunning)
  }
}
