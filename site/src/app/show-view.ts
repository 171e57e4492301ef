// The view that is asked for -> the tab, and the picture on the stage, as far as this browser can show it.
import { LEAST_LOCATED, locatedShare } from '../model/local-map.ts'
import type { Report } from '../model/report.ts'
import { isOnStage, type Session } from '../session/session.ts'
import type { Stage } from '../stage/stage.ts'
import type { Tabs } from './tabs.ts'

const NO_GLOBE =
  'The globe needs WebGL, which this browser does not offer here: no graphics driver, a remote desktop, or switched off. The map shows the same.'

/** Whether the link that was opened asks for a view. */
const linkHasView = /(?:^|&)v=/.test(location.hash.slice(1))

/** Where hardly any traffic has two places, the local network is the first picture, unless the link asks for another. */
export function openHome(session: Session, { routes, origin, meta }: Report): void {
  if (locatedShare(routes, origin, Number(meta.bytes)) >= LEAST_LOCATED) return
  session.home = 'local'
  if (!linkHasView) session.set({ view: 'local' })
}

/** @param isOpen whether there is a report: until then the poster stays visible */
export function showView(session: Session, stage: Stage, tabs: Tabs, isOpen: boolean): void {
  const { view } = session.state
  const onStage = isOnStage(view) ? view : null
  if (!stage.renderer) {
    tabs.show(view)
    if (onStage || isOpen) stage.use(onStage)
    return
  }
  if (!stage.hasGlobe) tabs.refuse('globe', NO_GLOBE)
  const isThere = tabs.has(view) || onStage
  if (view === 'globe' && !stage.hasGlobe) session.set({ view: 'map' })
  else if (!isThere) session.set({ view: stage.hasGlobe ? 'globe' : 'map' })
  else {
    stage.use(onStage)
    tabs.show(view)
  }
}
