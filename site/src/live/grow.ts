// Changes of a running capture -> the database in this page, and all that the worker answers from. What an update costs follows from what it brings.
import type { Database } from 'sql.js'
import { buildLanes } from '../player/lanes.ts'
import type { Report } from '../player/report.ts'
import { gravestAlerts, readAlerts } from '../worker/alert-rows.ts'
import { forEachRow } from '../worker/database.ts'
import type { OpenReport } from '../worker/matches.ts'
import type { Questions } from '../worker/messages.ts'
import { assemble, openReport } from '../worker/open-report.ts'
import { readMeta, readNames } from '../worker/rows.ts'
import { atOnce } from '../worker/slices.ts'
import { applyChanges } from './apply.ts'
import { applyTables } from './apply-tables.ts'
import { GrowingLanes } from './growing-lanes.ts'
import { GrowingRows } from './growing-rows.ts'

export interface GrowingReport {
  rows: GrowingRows
  lanes: GrowingLanes
}

/** Applies changes, then rows of other tables; `report` is brought up to date in place. */
export function growReport(report: OpenReport, { changes, tables, nowUs }: Questions['live']['question']): Report {
  const { database } = report
  const applied = applyChanges(database, changes)
  if (tables.length > 0) applyTables(database, tables)
  // Where each row has another tick now, reading them is the shorter way.
  if (applied.isWidened) {
    delete report.growing
    Object.assign(report, openReport(database, null, { nowUs, before: report }))
    return report.report
  }
  report.growing ??= beginToGrow(report)
  const { growing } = report
  const changed = growing.rows.follow(applied, readMeta(database))
  if (tables.length > 0) readTables(database, growing)
  const { rows } = growing.rows
  Object.assign(report, assemble(database, rows, growing.lanes.follow(changed, rows.flows, rows.places), nowUs))
  return report.report
}

function beginToGrow({ database, rows, report, laneOfFlow }: OpenReport): GrowingReport {
  const placeIds: number[] = []
  forEachRow(database, 'SELECT id FROM places ORDER BY id', (row) => placeIds.push(Number(row.get()[0])))
  const severity = gravestAlerts(rows.alerts, rows.flows.count)
  return { rows: new GrowingRows(rows, placeIds), lanes: new GrowingLanes({ lanes: report.lanes, laneOfFlow }, rows.flows, severity) }
}

/** Names and alerts are found anew by the server each time, so they are read anew; an alert gives its flows lanes of their own. */
function readTables(database: Database, growing: GrowingReport): void {
  const { rows } = growing.rows
  const names = atOnce(readNames(database, rows.hosts, growing.rows.hostIndex))
  const alerts = readAlerts(database, growing.rows.hostIndex, growing.rows.rowOfFlow)
  growing.rows.rows = { ...rows, names, alerts }
  const severity = gravestAlerts(alerts, rows.flows.count)
  growing.lanes = new GrowingLanes(buildLanes(rows.flows, rows.places, severity), rows.flows, severity)
}
