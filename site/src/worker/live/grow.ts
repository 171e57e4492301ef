// Changes of a running capture -> the database in this page and the worker's columns. The cost of an update depends on its size alone.
import type { Database } from 'sql.js'
import type { Report } from '../../model/report.ts'
import { buildRoutes } from '../../model/routes.ts'
import type { Questions } from '../../protocol/messages.ts'
import { atOnce } from '../../protocol/time-slicing.ts'
import { gravestAlerts, readAlerts } from '../data/alert-rows.ts'
import { assemble, openReport } from '../data/open-report.ts'
import { markImpossible } from '../data/place-checks.ts'
import type { OpenReport } from '../data/report-state.ts'
import { readMeta, readNames, updateHostNames } from '../data/rows.ts'
import { applyChanges } from './apply.ts'
import { applyTables } from './apply-tables.ts'
import { GrowingRoutes } from './growing-routes.ts'
import { GrowingRows } from './growing-rows.ts'

interface GrowingReport {
  rows: GrowingRows
  routes: GrowingRoutes
}

/** The growing columns of each open report, from its first update on. */
const GROWING = new WeakMap<OpenReport, GrowingReport>()

/** Whether growing columns exist; they are rebuilt at the first update and after ticks became longer. */
export function isGrowing(report: OpenReport): boolean {
  return GROWING.has(report)
}

/** Applies changes, then rows of other tables; `report` is updated in place. */
export function growReport(report: OpenReport, { changes, tables, nowUs, momentUs }: Questions['live']['question']): Report {
  const { database } = report
  const applied = applyChanges(database, changes)
  if (tables.length > 0) applyTables(database, tables)
  // When every row has a new tick, reading all columns again is faster.
  if (applied.isWidened) {
    GROWING.delete(report)
    Object.assign(report, openReport(database, null, { nowUs, momentUs, before: report }))
    return report.report
  }
  const growing = GROWING.get(report) ?? beginToGrow(report)
  GROWING.set(report, growing)
  const changed = growing.rows.follow(applied, readMeta(database))
  if (tables.length > 0) readTables(database, growing)
  const { rows } = growing.rows
  Object.assign(report, assemble(database, rows, growing.routes.follow(changed, rows.flows, rows.places), { nowUs, momentUs }))
  return report.report
}

function beginToGrow({ rows, report, routeOfFlow }: OpenReport): GrowingReport {
  const severity = gravestAlerts(rows.alerts, rows.flows.count)
  return { rows: new GrowingRows(rows), routes: new GrowingRoutes({ routes: report.routes, routeOfFlow }, rows.flows, severity) }
}

/** The server computes names and alerts again each time, so they are read again; flows with an alert get a route of their own. */
function readTables(database: Database, growing: GrowingReport): void {
  const { rows } = growing.rows
  updateHostNames(database, rows.hosts, growing.rows.hostIndex)
  for (const table of ['names', 'alerts', 'alert_flows']) delete rows.leftOut[table] // they are counted again
  const names = atOnce(readNames(database, growing.rows.hostIndex, rows.leftOut))
  const alerts = readAlerts(database, growing.rows.hostIndex, growing.rows.rowOfFlow, rows.leftOut)
  growing.rows.rows = { ...rows, names, alerts }
  markImpossible({ database, rows: growing.rows.rows })
  const severity = gravestAlerts(alerts, rows.flows.count)
  growing.routes = new GrowingRoutes(buildRoutes(rows.flows, rows.places, severity), rows.flows, severity)
}
