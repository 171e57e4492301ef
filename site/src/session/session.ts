// The one store of the page: what is looked at, when, and how. Everything that draws reads it; everything that is clicked writes it.
//
// How a view plugs in. Write a module that exports a `View` (view.ts) and add it to VIEWS in app/views.ts. Its tab appears at once; `build` is
// called once, the first time the tab is opened after the report is read, with its empty panel and the `Player`. In it, read
// `player.session.state`, draw, and `player.session.subscribe(draw, ['matching', 'span'])` for what you depend on; ask the worker through
// `player.client.ask(about, question, signal)` (protocol/messages.ts) and never compute over all flows in the page's own thread.
// Clicks write the session: `player.session.set({ selection })` to focus, `player.session.narrow('app:tls')` to add a term to the filter
// (again: takes it away), `set({ detail })` to open a host's or flow's own page. While hidden a view should not draw: `show` and `hide` tell.
// A view's own small settings that belong in a shared link go into `options` (`set` them by `player.session.option(name, value)`).
import { parseFilter } from '../../../src/filter/parser.ts'
import { FilterError } from '../../../src/filter/syntax.ts'
import { hasTerm, toggleTerm } from '../../../src/filter/terms.ts'
import { type Clock, createClock } from '../model/clock.ts'
import type { AlertMark } from '../model/report.ts'
import type { Detail, Selection, TimeSpan } from '../model/selection.ts'
import type { Matching } from '../protocol/messages.ts'

export const VIEW_NAMES = ['globe', 'map', 'local', 'flows', 'hosts', 'names', 'alerts', 'matrix', 'dashboard', 'health', 'sql'] as const
export type ViewName = (typeof VIEW_NAMES)[number]

export type PictureName = 'globe' | 'map' | 'local'

/** Whether a view is one of the three pictures; the others lie over the stage. */
export function isOnStage(view: ViewName): view is PictureName {
  return view === 'globe' || view === 'map' || view === 'local'
}

export interface SessionState {
  readonly view: ViewName
  /** Last filter that could be read, as typed. */
  readonly filterText: string
  readonly clock: Clock
  /** The stage shows everything within the span as one picture; ends when the clock moves. False: the moment at the clock's position. */
  readonly isWhole: boolean
  /** At the edge of a picture that grows by changes: between two of them the clock stands still, though it plays. */
  readonly isHeld: boolean
  /** Brushed on the timeline; null: the whole capture. */
  readonly span: TimeSpan | null
  readonly selection: Selection | null
  readonly detail: Detail | null
  /** What passes the filter, from the worker; null until the first answer. A moment behind `filterText`. */
  readonly matching: Matching | null
  /** Alerts of the report, for marks on the timeline and the globe; in the order of their rows. */
  readonly alerts: readonly AlertMark[]
  /** How often the report has grown: 0 for a finished one. Views that list things make their lists anew. */
  readonly grown: number
  /** Small settings of views that belong in a link: name -> value. */
  readonly options: Readonly<Record<string, string>>
}

export type Listener = (state: SessionState, changed: ReadonlySet<keyof SessionState>) => void

/** For what shows times: calls `listener` when another time zone was chosen. */
export function onZone(session: Session, listener: () => void): void {
  let { zone } = session.state.options
  session.subscribe(
    ({ options }) => {
      if (options.zone === zone) return
      zone = options.zone
      listener()
    },
    ['options'],
  )
}

export class Session {
  #state: SessionState = {
    view: 'globe',
    filterText: '',
    clock: createClock(1),
    isWhole: true,
    isHeld: false,
    span: null,
    selection: null,
    detail: null,
    matching: null,
    alerts: [],
    grown: 0,
    options: {},
  }
  /** The picture that opens where a link names no view. */
  home: PictureName = 'globe'
  readonly #listeners = new Map<Listener, ReadonlySet<keyof SessionState> | null>()

  get state(): SessionState {
    return this.#state
  }

  /** Calls `listener` after each change of one of `keys` (of anything without them); returns what ends that. */
  subscribe(listener: Listener, keys?: readonly (keyof SessionState)[]): () => void {
    this.#listeners.set(listener, keys ? new Set(keys) : null)
    return () => this.#listeners.delete(listener)
  }

  /** Changes what differs and tells who listens. For the filter use filterBy(). Whoever moves the clock wants to see that moment. */
  set(change: Partial<SessionState>): void {
    if (change.clock && change.isWhole === undefined && this.#state.isWhole && isMoved(this.#state.clock, change.clock)) {
      this.set({ ...change, isWhole: false })
      return
    }
    const changed = new Set<keyof SessionState>()
    for (const key of Object.keys(change) as (keyof SessionState)[]) if (change[key] !== this.#state[key]) changed.add(key)
    if (changed.size === 0) return
    this.#state = { ...this.#state, ...change }
    for (const [listener, keys] of [...this.#listeners])
      if (!keys || [...changed].some((key) => keys.has(key))) listener(this.#state, changed)
  }

  /** Takes a filter; returns what is wrong with it, or null. A filter that cannot be read changes nothing. */
  filterBy(text: string): FilterError | null {
    try {
      parseFilter(text)
      this.set({ filterText: text.trim() })
      return null
    } catch (error) {
      if (error instanceof FilterError) return error
      throw error
    }
  }

  /** Adds a term ("app:tls") to the filter, or takes it away if it stands there. */
  narrow(term: string): void {
    this.filterBy(toggleTerm(this.#state.filterText, term))
  }

  /** Whether the filter has this term as one of its parts. */
  isNarrowed(term: string): boolean {
    return hasTerm(this.#state.filterText, term)
  }

  /** Keeps a view's setting; null forgets it. */
  option(name: string, value: string | null): void {
    const { [name]: _, ...rest } = this.#state.options
    this.set({ options: value === null ? rest : { ...rest, [name]: value } })
  }
}

/** Whether a clock was sent to a position, even the one it is at, or plays; another length or speed alone moves nothing. */
function isMoved(before: Clock, after: Clock): boolean {
  if (after === before || after.durationUs !== before.durationUs) return false
  return after.isPlaying || after.positionUs !== before.positionUs || after.speed === before.speed
}
