// Where a report that grows comes from: the server of a running capture, or an analysis in this browser. Types only.
import type { LiveChange, LiveMessage, LiveTables } from '../../../src/contract/live-message.ts'

declare global {
  /** Set by the analyzer while it reads a capture. */
  var rtnvisLiveSource: LiveSource | undefined
}

/** The source's connection, as the page shows it. */
export type LineState = 'connecting' | 'live' | 'polling' | 'lost' | 'refused' | 'ended'

/** live: at the newest packets; frozen: paused there, Play returns to the newest; history: elsewhere, chosen by the user. */
export type Mode = 'live' | 'frozen' | 'history'

export interface LineText {
  label: string
  title: string
  isLive: boolean
  /** What is wrong with the connection, or ''. */
  note: string
}

export interface Snapshot {
  bytes: ArrayBuffer
  /** Changes up to this one are in it. */
  sequence: number
}

/** The finished report: takes the place of what has grown until then. */
export interface LiveWhole {
  type: 'whole'
  bytes: ArrayBuffer
}

export interface SourceEvents {
  message(message: LiveMessage | LiveWhole): void
  state(state: LineState): void
  /** The last change that the page has. */
  sequence(): number
}

export interface LiveSource {
  /** Time passes as it did in the capture; else it stands still between changes. */
  readonly isRealTime: boolean
  /** Resolves once there is a conversation; `first` are changes to apply before the report is shown. @throws Error that says what to do */
  open(): Promise<Snapshot & { first: LiveChange[] }>
  /** The whole so far, for a page that cannot be brought up to date by changes; null: it comes when it is finished. */
  reload(): Promise<Snapshot | null>
  start(events: SourceEvents): void
  /** Changes are missing. */
  catchUp(): void
  /** The page has shown what it was told. */
  shown(): void
  /** What changed in alerts, names and the like since a version answered before; null: nothing can be had now. */
  tables(version: number): Promise<LiveTables | null>
  /** Report.timeline.momentUs; undefined: as for a running capture. */
  momentUs(durationUs: number): number | undefined
  /** @param behindUs how far the picture is behind the capture */
  describe(state: LineState, mode: Mode, behindUs: number): LineText
}
