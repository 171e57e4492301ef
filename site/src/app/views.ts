// The views of the page, in the order of their tabs.
import type { PictureName } from '../session/session.ts'
import type { View } from '../session/view.ts'
import { ALERTS_VIEW } from '../views/alerts/view.ts'
import { buildDashboard } from '../views/dashboard/dashboard.ts'
import { buildHealthView } from '../views/health/view.ts'
import { buildMatrixView } from '../views/matrix/matrix-view.ts'
import { buildSqlView } from '../views/sql/sql-view.ts'
import { FLOWS_VIEW, HOSTS_VIEW, NAMES_VIEW } from '../views/tables/views.ts'

/** The stage draws these itself. */
const onStage = (name: PictureName, label: string, key: string): View => ({ name, label, key, build: () => ({}) })

export const VIEWS: readonly View[] = [
  onStage('globe', 'Globe', 'g'),
  onStage('map', 'Map', 'm'),
  onStage('local', 'Local', 't'),
  FLOWS_VIEW,
  HOSTS_VIEW,
  NAMES_VIEW,
  ALERTS_VIEW,
  { name: 'matrix', label: 'Matrix', key: '5', build: buildMatrixView },
  { name: 'dashboard', label: 'Dashboard', key: 'd', build: buildDashboard },
  { name: 'health', label: 'Health', key: 'e', build: buildHealthView },
  { name: 'sql', label: 'SQL', key: 'q', build: buildSqlView },
]
