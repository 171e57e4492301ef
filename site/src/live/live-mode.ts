// The page over a running capture: gets its changes and draws what has grown. They are applied in the worker, several at once when it is busy,
// so a slow page gets fewer and larger steps. Where the clock is meanwhile: now-follower.ts.
import type { LiveChange, LiveTable } from '../../../src/contract/live-message.ts'
import type { Report } from '../model/report.ts'
import type { ReportClient } from '../protocol/client.ts'
import type { Matching } from '../protocol/messages.ts'
import { showError } from '../session/notice.ts'
import type { Session } from '../session/session.ts'
import { announce } from '../ui/dom.ts'
import { NowFollower } from './now-follower.ts'
import { applyChanges, type OpenedLive } from './open-live.ts'
import type { LiveSource, SourceEvents } from './source.ts'

export interface LiveEvents {
  /** The report has grown; `matching` is what passes the filter in it. */
  update(report: Report, matching: Matching): Promise<void>
  /** The finished report is shown, and grows no more. `isFollowed`: the reader had not gone elsewhere in it. */
  finish(report: Report, isFollowed: boolean): void
}

/** After an update the worker pauses this many times as long as the update took, to answer the user's questions. */
const REST = 1.5
const SHORTEST_MS = 100
/** Between two questions for alerts, names and the like. */
const TABLES_MS = 15_000
/** The whole is loaded again at most this often, after a change that could not be applied or when it did not come. */
const RELOAD_MS = 10_000

const endOf = ({ timeline }: Report) => timeline.firstUs + timeline.durationUs

export class LiveMode {
  readonly #session: Session
  readonly #client: ReportClient
  readonly #source: LiveSource
  readonly #opened: Promise<OpenedLive>
  readonly #events: LiveEvents
  readonly #follower: NowFollower
  #sequence = 0
  #changes: LiveChange[] = []
  #tables: LiveTable[] = []
  #tablesVersion = 0
  #isUpdating = false
  /** Changes received while the whole capture is loaded again; null at other times. */
  #early: LiveChange[] | null = null
  /** While it was loaded, the server said once more that this page is too far behind: what is loaded may not have all. */
  #isStale = false
  /** The finished report, until it is shown. */
  #whole: ArrayBuffer | null = null
  /** Ends the pause after an update. */
  #wake: () => void = () => {}
  #report: Report | null = null
  #shown: Promise<void> = Promise.resolve()

  /** @param opened openLive() */
  constructor(session: Session, client: ReportClient, source: LiveSource, opened: Promise<OpenedLive>, events: LiveEvents) {
    this.#session = session
    this.#client = client
    this.#opened = opened
    this.#source = source
    this.#events = events
    this.#follower = new NowFollower(session, source)
  }

  /** Resolves with the capture so far. */
  async open(): Promise<Report> {
    const { report, sequence } = await this.#opened
    this.#sequence = sequence
    this.#report = report
    return report
  }

  /** The report is on the page: begins to follow. */
  start(): void {
    this.#follower.start(this.#report!.timeline.firstUs, endOf(this.#report!))
    this.#source.start({
      message: (message) => this.#take(message),
      state: (state) => this.#follower.setLine(state),
      sequence: () => this.#sequence,
    })
    this.#follower.goToNow()
    this.#source.shown()
    addEventListener('online', () => void this.#askTables())
    void this.#followTables()
  }

  /** Alerts and names need the whole capture to be found, so they come less often than packets. */
  async #followTables(): Promise<void> {
    while (this.#follower.now.isRunning) {
      if (!document.hidden) await this.#askTables()
      await new Promise((resolve) => setTimeout(resolve, TABLES_MS))
    }
  }

  async #askTables(): Promise<void> {
    const answer = await this.#source.tables(this.#tablesVersion)
    if (!answer || answer.version === this.#tablesVersion) return
    this.#tablesVersion = answer.version
    this.#tables.push(...answer.tables)
    void this.#update()
  }

  #take(message: Parameters<SourceEvents['message']>[0]): void {
    if (message.type === 'resync') {
      this.#isStale = this.#early !== null
      void this.#reload()
    } else if (message.type === 'whole') {
      this.#whole = message.bytes
      this.#wake()
      void this.#update()
    } else if (message.type === 'change') {
      if (this.#early !== null) {
        this.#early.push(message)
        return
      }
      if (message.sequence <= this.#sequence) return // in the database already, or received twice
      if (message.after > this.#sequence) {
        this.#source.catchUp()
        return
      }
      this.#sequence = message.sequence
      this.#changes.push(message)
      if (message.nowUs !== null) this.#follower.now.report(message.nowUs)
      void this.#update()
    } else {
      this.#follower.status.tellEnd(message.endedBy)
      this.#follower.stop()
      announce(`The capture has ended: ${message.endedBy}`)
      void this.#askTables()
      this.#show(this.#report!)
    }
  }

  async #update(): Promise<void> {
    if (this.#isUpdating) return
    this.#isUpdating = true
    while (this.#changes.length > 0 || this.#tables.length > 0 || this.#whole) {
      if (this.#whole) return this.#finish(this.#whole).catch(showError)
      const startMs = performance.now()
      const changes = this.#changes
      const tables = this.#tables
      this.#changes = []
      this.#tables = []
      try {
        const report = await applyChanges(this.#client, this.#source, this.#report!, changes, tables, this.#follower.now.us)
        for (const { nowUs } of changes) this.#follower.setDrawn(nowUs ?? 0)
        await this.#show(report)
        const last = changes.at(-1)
        if (last) this.#follower.status.tellDrops(last)
        this.#source.shown()
      } catch (error) {
        console.error(error)
        if (await this.#reload()) await new Promise((resolve) => setTimeout(resolve, RELOAD_MS))
      }
      const rest = Math.max(SHORTEST_MS, (performance.now() - startMs) * REST)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        if (this.#whole) resolve()
        else setTimeout(resolve, rest)
      })
    }
    this.#isUpdating = false
  }

  /** Updates come no more: none is under way, and none begins. */
  async #finish(bytes: ArrayBuffer): Promise<void> {
    const report = await this.#client.reopen(bytes, false)
    await this.#shown
    const { isFollowed } = this.#follower
    this.#follower.leaveClock()
    this.#report = report
    const { filterText, span } = this.#session.state
    const matching = await this.#client.ask('match', { filterText, span })
    await this.#events.update(report, matching)
    this.#follower.stop() // not before: a picture that moves would take processor time from the opening
    this.#follower.status.remove()
    this.#events.finish(report, isFollowed)
  }

  /** Loads the whole capture so far: for a page that slept too long to be brought up to date. @returns false: it comes when it is finished */
  async #reload(): Promise<boolean> {
    if (this.#early !== null) return true
    this.#early = []
    this.#changes = []
    for (;;) {
      try {
        const snapshot = await this.#source.reload()
        if (snapshot === null) return false
        const { bytes, sequence } = snapshot
        this.#sequence = sequence
        this.#tablesVersion = 0
        const report = await this.#client.reopen(bytes, true)
        this.#follower.setDrawn(endOf(report))
        await this.#show(report)
        break
      } catch {
        this.#follower.setLine('lost')
        this.#early = [] // loading may take long: these are requested again
        await new Promise((resolve) => setTimeout(resolve, RELOAD_MS))
      }
    }
    const early = this.#early
    this.#early = null
    for (const change of early) this.#take(change)
    if (this.#isStale) this.#source.catchUp()
    this.#isStale = false
    return true
  }

  /** One after another: what is drawn and the report that it is drawn of belong together. */
  #show(report: Report): Promise<void> {
    const shown = this.#shown.then(() => this.#draw(report))
    this.#shown = shown.catch(() => {})
    return shown
  }

  async #draw(report: Report): Promise<void> {
    this.#report = report
    const { filterText, span } = this.#session.state
    const matching = await this.#client.ask('match', { filterText, span })
    await this.#events.update(report, matching)
    this.#follower.follow(report)
  }
}
