// The buttons around the stage that need no more than the parts they belong to.
import type { FlowsPanel } from '../panels/flows-panel.ts'
import type { Numbers } from '../panels/numbers.ts'
import type { ReportClient } from '../protocol/client.ts'
import { WIDE_PIXELS } from '../stage/covered-space.ts'
import type { Stage } from '../stage/stage.ts'
import { byId, download } from '../ui/dom.ts'

/** Traffic that no arc shows has buttons of its own. */
const TRAYS = [
  ['unlocated', 'Unlocated'],
  ['local', 'Within the origin'],
] as const

export function startButtons(stage: Stage, numbers: Numbers, flows: FlowsPanel, client: ReportClient): void {
  const setSidebar = (isOpen: boolean) => {
    document.documentElement.dataset.sidebar = isOpen ? 'open' : 'closed'
    byId('toggle-sidebar').setAttribute('aria-expanded', String(isOpen))
    stage.layOut()
  }
  // In a narrow window it lies over the picture, until it is closed; it is beside the picture again once the window is wide.
  const wide = matchMedia(`(min-width: ${WIDE_PIXELS}px)`)
  let isWantedBeside = true
  setSidebar(wide.matches)
  wide.addEventListener('change', () => setSidebar(wide.matches && isWantedBeside))
  byId('toggle-sidebar').addEventListener('click', () => {
    const isOpen = document.documentElement.dataset.sidebar === 'closed'
    if (wide.matches) isWantedBeside = isOpen
    setSidebar(isOpen)
  })
  for (const [kind, title] of TRAYS) byId(`tray-${kind}`).addEventListener('click', () => numbers.open({ kind }, title))
  byId('whole-earth').addEventListener('click', () => stage.lookAtEarth())
  byId('download-csv').addEventListener('click', () => flows.downloadCsv(numbers.queryOf({ kind: 'all' })))
  byId('download-database').addEventListener('click', async () =>
    download('traffic.sqlite', 'application/vnd.sqlite3', await client.ask('database', null)),
  )
}
