// Alerts and the flows that show them: read as far as the database has them, so that a report from before a column came still opens.
import type { Database } from 'sql.js'
import type { AlertMark } from '../../model/report.ts'
import { SEVERITIES } from '../../model/routes.ts'
import type { AlertRow } from '../../protocol/answers.ts'
import { forEachRow } from './database.ts'

export type AlertColumns = AlertRow[]

export function readAlerts(database: Database, hostIndex: Map<number, number>, rowOf: (flowId: number) => number): AlertColumns {
  const alerts: AlertRow[] = []
  const byId = new Map<number, number[]>()
  if (hasTable(database, 'alert_flows'))
    forEachRow(database, 'SELECT alert_id, flow_id FROM alert_flows ORDER BY alert_id, flow_id', (row) => {
      const [alert, flow] = row.get()
      const flows = byId.get(Number(alert)) ?? []
      byId.set(Number(alert), flows)
      flows.push(rowOf(Number(flow)))
    })
  const hostOf = (id: unknown) => (id === null || id === undefined ? -1 : (hostIndex.get(Number(id)) ?? -1))
  const text = (value: unknown) => (value === null || value === undefined ? '' : String(value))
  forEachRow(database, 'SELECT * FROM alerts ORDER BY id', (row) => {
    const value = row.getAsObject()
    const id = Number(value.id)
    const flows = Int32Array.from(byId.get(id) ?? [])
    alerts.push({
      id,
      rule: text(value.rule),
      severity: text(value.severity),
      title: text(value.title),
      firstUs: Number(value.first_us),
      lastUs: Number(value.last_us),
      sourceHost: hostOf(value.source_host_id),
      targetHost: hostOf(value.target_host_id),
      technique: text(value.technique),
      evidence: text(value.evidence),
      severityReason: text(value.severity_reason),
      nextStep: text(value.next_step),
      ruleVersion: Number(value.rule_version ?? 0),
      flowCount: Number(value.flows ?? flows.length),
      storyId: Number(value.story_id ?? id),
      flows,
    })
  })
  return alerts
}

function hasTable(database: Database, name: string): boolean {
  let has = false
  forEachRow(
    database,
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
    () => {
      has = true
    },
    [name],
  )
  return has
}

/** Index in SEVERITIES of the gravest alert that shows each flow; null where no alert shows any. */
export function gravestAlerts(alerts: AlertColumns, flows: number): Uint8Array | null {
  if (alerts.every((alert) => alert.flows.length === 0)) return null
  const gravest = new Uint8Array(flows)
  for (const alert of alerts) {
    const severity = Math.max(1, SEVERITIES.indexOf(alert.severity as (typeof SEVERITIES)[number]))
    for (const flow of alert.flows) gravest[flow] = Math.max(gravest[flow]!, severity)
  }
  return gravest
}

/** What marks on the timeline and on the globe need of each alert. */
export function markAlerts(alerts: AlertColumns, ips: string[], laneOfFlow: Int32Array): AlertMark[] {
  return alerts.map(({ id, rule, severity, title, firstUs, lastUs, sourceHost, targetHost, flows }) => ({
    ...{ id, rule, severity, title, firstUs, lastUs },
    source: ips[sourceHost] ?? null,
    target: ips[targetHost] ?? null,
    lanes: [...new Set(Array.from(flows, (flow) => laneOfFlow[flow]!))].filter((lane) => lane >= 0).sort((a, b) => a - b),
  }))
}
