// Flows and activity -> arcs and timeline, as the worker makes them when it opens a report.
import type { ActivityColumns, FlowColumns } from '../../site/src/model/flow-columns.ts'
import type { ReportPlace } from '../../site/src/model/report.ts'
import { buildRoutes } from '../../site/src/model/routes.ts'
import { buildTimeline, type TimelineClock } from '../../site/src/model/timeline.ts'

interface Setting {
  places: ReportPlace[]
  applications: number
  /** Gravest alert of each flow; null: none. */
  severity: Uint8Array | null
}

export function buildDrawable(
  flows: FlowColumns,
  activity: ActivityColumns,
  { places, applications, severity }: Setting,
  clock: TimelineClock,
) {
  return { ...buildRoutes(flows, places, severity), timeline: buildTimeline(flows, activity, applications, clock) }
}
