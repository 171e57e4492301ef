// The views of the page, in the order of their tabs. One that has nothing to show yet is not in the list.

import { ALERTS_VIEW } from '../alerts/view.ts'
import { buildDashboard } from '../charts/dashboard.ts'
import { buildSqlView } from '../sql/sql-view.ts'
import { FLOWS_VIEW, HOSTS_VIEW, NAMES_VIEW } from '../tables/views.ts'
import type { View } from './session.ts'

/** The stage draws these two itself. */
const onStage = (name: 'globe' | 'map', label: string, key: string): View => ({ name, label, key, build: () => ({}) })

export const VIEWS: readonly View[] = [
  onStage('globe', 'Globe', 'g'),
  onStage('map', 'Map', 'm'),
  FLOWS_VIEW,
  HOSTS_VIEW,
  NAMES_VIEW,
  ALERTS_VIEW,
  { name: 'dashboard', label: 'Dashboard', key: 'd', build: buildDashboard },
  { name: 'sql', label: 'SQL', key: 'q', build: buildSqlView },
]
