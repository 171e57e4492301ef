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
  setSidebar(innerWidth >= WIDE_PIXELS)
  byId('toggle-sidebar').addEventListener('click', () => setSidebar(document.documentElement.dataset.sidebar === 'closed'))
  for (const [kind, title] of TRAYS) byId(`tray-${kind}`).addEventListener('click', () => numbers.open({ kind }, title))
  byId('whole-earth').addEventListener('click', () => stage.lookAtEarth())
  byId('download-csv').addEventListener('click', () => flows.downloadCsv(numbers.queryOf({ kind: 'all' })))
  byId('download-database').addEventListener('click', async () =>
    download('traffic.sqlite', 'application/vnd.sqlite3', await client.ask('database', null)),
  )
}
