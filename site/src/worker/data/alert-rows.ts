// Alerts and their flows. Columns that an older report does not have are filled with defaults, so that it still opens.
import type { Database } from 'sql.js'
import type { AlertMark } from '../../model/report.ts'
import { LANE_SEVERITIES } from '../../model/routes.ts'
import { isCount, isTime, type LeftOut, leaveOut, textOf } from '../../model/sound.ts'
import type { AlertRow } from '../../protocol/answers.ts'
import { forEachRow } from './database.ts'
import { columnsOf, countRows, rootOf } from './table-shape.ts'

export type AlertColumns = AlertRow[]

/** Above the limit of all rules together (src/README.md, Bounds). */
const MOST_ALERTS = 10_000

/** Most characters of `evidence`, far above what the analyzer writes. Longer texts are not read. */
const LONGEST_EVIDENCE = 65_536

/** Columns that older reports do not have. */
const LATER = [
  'source_host_id',
  'target_host_id',
  'technique',
  'severity_reason',
  'next_step',
  'rule_version',
  'flows',
  'story_id',
] as const

export function readAlerts(
  database: Database,
  hostIndex: Map<number, number>,
  rowOf: (flowId: number) => number,
  leftOut: LeftOut,
): AlertColumns {
  const alerts: AlertRow[] = []
  const byId = readAlertFlows(database, rowOf, leftOut)
  const known = new Set(columnsOf(database, 'alerts'))
  const later = LATER.map((name) => (known.has(name) ? `"${name}"` : `NULL AS "${name}"`)).join(', ')
  const evidence = known.has('evidence') ? `CASE WHEN length(evidence) <= ${LONGEST_EVIDENCE} THEN evidence END` : 'NULL'
  const hostOf = (id: unknown) => hostIndex.get(id as number) ?? -1
  countRows(database, 'alerts')
  forEachRow(
    database,
    `SELECT id, rule, severity, title, first_us, last_us, ${evidence} AS evidence, ${later} FROM alerts ORDER BY id`,
    (row) => {
      const { id, first_us: firstUs, last_us: lastUs, ...value } = row.getAsObject()
      const isSound = isCount(id) && isTime(firstUs) && isTime(lastUs) && firstUs <= lastUs
      if (!isSound || alerts.length === MOST_ALERTS) {
        leaveOut(leftOut, 'alerts')
        return
      }
      const flows = Int32Array.from(byId.get(id) ?? []).sort()
      alerts.push({
        id,
        rule: textOf(value.rule),
        severity: textOf(value.severity),
        title: textOf(value.title),
        firstUs,
        lastUs,
        sourceHost: hostOf(value.source_host_id),
        targetHost: hostOf(value.target_host_id),
        technique: textOf(value.technique),
        evidence: textOf(value.evidence),
        severityReason: textOf(value.severity_reason),
        nextStep: textOf(value.next_step),
        ruleVersion: isCount(value.rule_version) ? value.rule_version : 0,
        flowCount: isCount(value.flows) ? value.flows : flows.length,
        storyId: isCount(value.story_id) ? value.story_id : id,
        flows,
      })
    },
  )
  return alerts
}

/** Row numbers of the flows of each alert. */
function readAlertFlows(database: Database, rowOf: (flowId: number) => number, leftOut: LeftOut): Map<number, number[]> {
  const byId = new Map<number, number[]>()
  if (rootOf(database, 'alert_flows') === 0) return byId
  countRows(database, 'alert_flows')
  forEachRow(database, 'SELECT alert_id, flow_id FROM alert_flows', (row) => {
    const [alert, id] = row.get() as [number, number]
    const flow = rowOf(id)
    if (flow < 0) {
      leaveOut(leftOut, 'alert_flows')
      return
    }
    const flows = byId.get(alert) ?? []
    byId.set(alert, flows)
    flows.push(flow)
  })
  return byId
}

/** Index in SEVERITIES of the highest severity of each flow's alerts; null when no flow has an alert. */
export function gravestAlerts(alerts: AlertColumns, flows: number): Uint8Array | null {
  if (alerts.every((alert) => alert.flows.length === 0)) return null
  const gravest = new Uint8Array(flows)
  for (const alert of alerts) {
    const severity = Math.max(1, LANE_SEVERITIES.indexOf(alert.severity as (typeof LANE_SEVERITIES)[number]))
    for (const flow of alert.flows) gravest[flow] = Math.max(gravest[flow], severity)
  }
  return gravest
}

/** The part of each alert that the marks on the timeline and the globe need. */
export function markAlerts(alerts: AlertColumns, ips: string[], routeOfFlow: Int32Array): AlertMark[] {
  return alerts.map(({ id, rule, severity, title, firstUs, lastUs, sourceHost, targetHost, storyId, flows }) => ({
    ...{ id, rule, severity, title, firstUs, lastUs, storyId },
    source: ips[sourceHost] ?? null,
    target: ips[targetHost] ?? null,
    routes: [...new Set(Array.from(flows, (flow) => routeOfFlow[flow]))].filter((route) => route >= 0).sort((a, b) => a - b),
  }))
}
