// After a clock jump, the page shows one part of the capture at a time: which part a time is in, and the way to another one. The page is loaded
// again with it, because every number on it depends on where its timeline begins.
import { createClock } from '../model/clock.ts'
import type { Timeline } from '../model/report.ts'
import type { Selection, TimeSpan } from '../model/selection.ts'
import { eraOf, formatHash } from './hash.ts'
import './page-loaded.ts'
import type { Session } from './session.ts'

type Eras = Pick<Timeline, 'eras' | 'shownEra' | 'durationUs'>

/** Whether the page can be loaded again: the analyzer's report is in its memory alone. */
export function canChangeEra({ eras }: Eras): boolean {
  return eras.length > 1 && globalThis.rtnvisPageLoaded === undefined
}

/** Shows another part, by index. `selection`: what is to be selected there. */
export function goToEra(session: Session, era: number, selection: Selection | null = null): void {
  const { state } = session
  const options = { ...state.options, era: String(era + 1) }
  const clock = createClock(state.clock.durationUs)
  history.pushState(null, '', `#${formatHash({ ...state, clock, isWhole: true, span: null, selection, options }, session.home)}`)
  location.reload()
}

/** Shows the part that a finding is in, if it is another one. Times are microseconds since the epoch. @returns whether it is */
export function goToEraOf(session: Session, timeline: Eras, { fromUs, toUs }: TimeSpan, alertId: number): boolean {
  const { eras, shownEra } = timeline
  const isIn = (era: TimeSpan) => fromUs <= era.toUs && toUs >= era.fromUs
  if (!canChangeEra(timeline) || isIn(eras[shownEra!])) return false
  const era = eras.findIndex(isIn)
  if (era < 0) return false
  goToEra(session, era, { kind: 'alert', id: alertId })
  return true
}

/** A link to another part, or the way back to one. */
export function followEras(session: Session, timeline: Eras): void {
  if (!canChangeEra(timeline)) return
  const shown = eraOf(location.hash)
  session.subscribe(({ options }) => void (Number(options.era ?? 0) !== shown && location.reload()), ['options'])
}
