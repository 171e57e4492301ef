// The report that is open in the worker: its rows and the results derived from them.
import type { Database } from 'sql.js'
import type { ArcSource } from '../../model/build-arc-slices.ts'
import type { Report } from '../../model/report.ts'
import type { Matches } from './matches.ts'
import type { ReportRows } from './row-types.ts'

/** Everything that is open in the worker. */
export interface OpenReport {
  database: Database
  rows: ReportRows
  report: Report
  routeOfFlow: Int32Array
  drawnSource: ArcSource
  matches: Matches
}
