// An open database -> everything the worker answers from. Made once for a finished report, and after each change of a running capture.
import type { Database } from 'sql.js'
import { findGaps } from '../../model/gaps.ts'
import { mainSpan } from '../../model/main-span.ts'
import { buildRoutes, type FlowRoutes } from '../../model/routes.ts'
import { buildTimeline, originOf } from '../../model/timeline.ts'
import { atOnce } from '../../protocol/time-slicing.ts'
import { gravestAlerts, markAlerts } from './alert-rows.ts'
import { Matches } from './matches.ts'
import { markImpossible } from './place-checks.ts'
import type { OpenReport } from './report-state.ts'
import type { ReportRows } from './row-types.ts'
import { readRows } from './rows.ts'

/** What reading a running capture needs in addition. */
export interface LiveClock {
  /** Current time of the capture, microseconds since the epoch: the end of the timeline. */
  nowUs: number
  /** Report.timeline.momentUs; undefined: LIVE_MOMENT_US. */
  momentUs?: number | undefined
  /** The previous report: its applications and transports keep their numbers, so that their colours do not change. */
  before: OpenReport | null
}

/** Report.timeline.momentUs of a running capture: the last seconds, however long the capture has run. */
const LIVE_MOMENT_US = 5_000_000

/** `file`: the bytes of the opened file, from which large tables are read without SQL; null when the database has changed since. `era`: as in readRows(). */
export function* readReport(database: Database, file: Uint8Array | null, live?: LiveClock, era = 0): Generator<void, OpenReport> {
  const rows = yield* readRows(database, file, live && { before: live.before?.rows }, era)
  yield
  const routes = buildRoutes(rows.flows, rows.places, gravestAlerts(rows.alerts, rows.flows.count))
  markImpossible({ database, rows })
  yield
  return assemble(database, rows, routes, live)
}

/** The same without yielding. */
export function openReport(...about: Parameters<typeof readReport>): OpenReport {
  return atOnce(readReport(...about))
}

/** `live`: undefined for a finished report. */
export function assemble(
  database: Database,
  rows: ReportRows,
  { routes, routeOfFlow }: FlowRoutes,
  live?: Pick<LiveClock, 'nowUs' | 'momentUs'>,
): OpenReport {
  const { meta, places, applications, transports } = rows
  const firstUs = Number(meta.first_us) || 0
  const lastUs = Math.max(Number(meta.last_us) || 0, live?.nowUs ?? 0)
  const timeline = buildTimeline(rows.flows, rows.activity, applications.length, {
    firstUs,
    durationUs: Math.max(1, lastUs - firstUs),
    tickUs: Number(meta.tick_us) || 1_000_000,
    ...(live && { momentUs: live.momentUs ?? LIVE_MOMENT_US }),
  })
  if (!live) {
    timeline.main = mainSpan(rows.activity, timeline, rows.details)
    timeline.gaps = findGaps(rows.details.firstUs, rows.details.lastUs, timeline)
  }
  timeline.eras = rows.eras
  timeline.shownEra = rows.shownEra
  const drawn = { routes, timeline }
  const alerts = markAlerts(rows.alerts, rows.hosts.ip, routeOfFlow)
  const origin = originOf(places)
  const isOriginDrawn = routes.source.some((source, route) => (source === origin) !== (routes.target[route] === origin))
  const report = { meta, places, leftOut: rows.leftOut, origin, isOriginDrawn, applications, transports, alerts, ...drawn }
  const drawnSource = { flows: rows.flows, activity: rows.activity, routeOfFlow, hostPlace: rows.hosts.place, ...report }
  return { database, rows, report, routeOfFlow, drawnSource, matches: new Matches(database, rows) }
}
