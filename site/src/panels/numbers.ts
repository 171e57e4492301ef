// What the sidebar and the list of flows speak of: the moment, the selected span, or all of the capture, under the filter.
import { setValue } from '../../../src/filter/terms.ts'
import type { Report } from '../model/report.ts'
import { ticksOf } from '../model/timeline.ts'
import type { FlowQuery, Span, Subject } from '../protocol/answers.ts'
import type { ReportClient } from '../protocol/client.ts'
import { onZone, type Session } from '../session/session.ts'
import type { FlowsPanel } from './flows-panel.ts'
import { Sidebar } from './sidebar.ts'

export class Numbers {
  readonly sidebar: Sidebar
  readonly #session: Session
  readonly #flows: FlowsPanel
  readonly #report: () => Report | null
  /** What was asked for last. */
  #asked = ''

  constructor(session: Session, client: ReportClient, flows: FlowsPanel, report: () => Report | null) {
    this.#session = session
    this.#flows = flows
    this.#report = report
    onZone(session, () => flows.redraw())
    this.sidebar = new Sidebar(client, {
      open: (subject, title) => this.open(subject, title),
      choose: (field, value) => session.filterBy(setValue(session.state.filterText, field, value)),
      span: () => this.refresh(true),
      isNarrowed: (term) => session.isNarrowed(term),
      narrow: (term) => session.narrow(term),
    })
  }

  /** Opens the flows of what was clicked. */
  open(subject: Subject, title: string): void {
    const period = this.sidebar.isMoment ? 'this moment' : this.#session.state.span ? 'selected span' : 'whole capture'
    void this.#flows.open(this.queryOf(subject), title, period)
  }

  queryOf(subject: Subject): FlowQuery {
    return { subject, span: this.#span, filterText: this.#session.state.filterText }
  }

  /** `isUrgent`: without waiting until the numbers before could be read. */
  refresh(isUrgent: boolean): void {
    if (this.#report()) this.sidebar.refresh(this.#span, this.#session.state.filterText, isUrgent)
  }

  /** Follows the clock and the span: asks for numbers where these are others now. A running capture always plays, and keeps its totals. */
  follow(isRunning: boolean): void {
    const report = this.#report()
    if (!report) return
    const { clock, isWhole, span } = this.#session.state
    this.sidebar.follow({ clock: isRunning ? { ...clock, isPlaying: false } : clock, isWhole, span }, report.timeline.momentUs)
    const asked = JSON.stringify(this.sidebar.isMoment ? [clock.positionUs, clock.isPlaying] : this.#span)
    if (asked === this.#asked) return
    this.#asked = asked
    this.refresh(!clock.isPlaying)
  }

  /** Ticks of the moment or the span; null for the whole capture. */
  get #span(): Span {
    const report = this.#report()
    if (!report) return null
    const { span, clock } = this.#session.state
    if (!this.sidebar.isMoment) return ticksOf(span, report.timeline)
    const { tickUs, momentUs } = report.timeline
    return { fromTick: Math.floor((clock.positionUs - momentUs) / tickUs), toTick: Math.floor(clock.positionUs / tickUs) + 1 }
  }
}
