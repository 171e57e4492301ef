// Merged facts and the findings of the reports -> findings of all: rules that conversations answer run again, the findings of the others are kept.

import type { Facts } from '../detect/engine/context.ts'
import type { EvidenceChart, Finding, Observed, Rule } from '../detect/engine/finding.ts'
import { incidentsOf } from '../detect/engine/incidents.ts'
import { DEFAULT_SETTINGS } from '../detect/engine/settings.ts'
import { isAnsweredRole } from '../detect/identities/roles.ts'
import { type Alert, compareAlerts, type Detection, type DetectionOptions, detect } from '../detect/index.ts'
import { FlowSample } from '../detect/methods/flow-sample.ts'
import { append } from '../detect/methods/lists.ts'
import { NO_OBSERVATIONS, type Observations } from '../detect/observe/observations.ts'
import { READ_OBSERVATIONS, RULES } from '../detect/rules/index.ts'
import { compareIdentities, type HostIdentity } from '../names/identity-log.ts'
import { DatabaseError } from '../store/report-database.ts'
import { SEVERITIES, type Severity } from '../types.ts'
import type { MergedCaptures } from './captures.ts'
import type { Cell } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'
import type { HostOf } from './flows.ts'

/** A finding about periodic contacts in fewer conversations was made from what happens inside them: the pauses are not in a database. */
const LEAST_CONTACTS = 8

/** Rules whose findings are those of the reports, in the order of the alphabet. @param observations null: a report has none */
export function rulesNotAsked(observations: Observations | null, { baseline, blocklist }: DetectionOptions): string[] {
  const rules = observations === null ? [...READ_OBSERVATIONS] : []
  if (!baseline) rules.push('new-destination')
  if (!blocklist) rules.push('blocklist')
  return rules.sort()
}

export type FactsOfFlows = Omit<Facts, 'observations'>

/** @param observations null: a report has none */
export function mergeFindings(
  facts: FactsOfFlows,
  observations: Observations | null,
  merged: MergedCaptures,
  order: FlowOrder,
  hosts: HostOf,
  identities: HostIdentity[],
  options: DetectionOptions,
): Detection {
  const { settings = DEFAULT_SETTINGS } = options
  const kept = new Set(rulesNotAsked(observations, options))
  const off = new Set([...settings.off, ...kept])
  const leftOut = merged.reports.reduce((sum, { rows }) => sum + Number(rows.values.observations_left_out ?? 0), 0)
  const known = { ...(observations ?? NO_OBSERVATIONS), leftOut }
  const detection = detect({ ...facts, observations: known }, { ...options, settings: { ...settings, off } })
  const alerts = [...detection.alerts, ...keptAlerts(merged, order, hosts, kept, settings.off)].sort(compareAlerts)
  const incidents = incidentsOf(alerts.map(({ finding }) => finding))
  return {
    ...detection,
    alerts: alerts.map(({ rule, finding }, i) => ({ rule, finding, incident: incidents[i] })),
    off: RULES.filter(({ id }) => settings.off.has(id)).map(({ id }) => id),
    identities: [...identities, ...detection.identities.filter(isAnsweredRole)].sort(compareIdentities),
  }
}

type Found = Pick<Alert, 'rule' | 'finding'>

function keptAlerts(
  { reports, indexes }: MergedCaptures,
  order: FlowOrder,
  hosts: HostOf,
  kept: ReadonlySet<string>,
  off: ReadonlySet<string>,
): Found[] {
  const alerts: Found[] = []
  for (const [report, { rows }] of reports.entries()) {
    const flowsOf = new Map<number, number[]>()
    for (const [alert, flow] of rows.alertFlows as number[][]) {
      const number = order.numberOf(report, flow)
      append(flowsOf, alert, number)
    }
    for (const row of rows.alerts) {
      const [id, ruleId, version, , , , , , , source, target, technique, count] = row as [number, string, number, ...Cell[]]
      const isInside = ruleId === 'beacon' && (count as number) < LEAST_CONTACTS
      if (off.has(ruleId) || !(kept.has(ruleId) || isInside)) continue
      const known = RULES.find((rule) => rule.id === ruleId)
      if (known === undefined)
        throw new DatabaseError(
          'unusable',
          `alerts.rule ${JSON.stringify(ruleId)} is not a rule of this version: analyse its capture again`,
        )
      const hostOf = (host: Cell) => (host === null ? null : hosts(report, host))
      const flows = FlowSample.of((flowsOf.get(id) ?? []).sort((a, b) => a - b))
      flows.count = count as number
      const rule: Rule = { ...known, version, technique: technique as string | null }
      alerts.push({ rule, finding: findingOf(row, hostOf(source), hostOf(target), flows, indexes[report]) })
    }
  }
  return alerts
}

function findingOf(row: Cell[], source: number | null, target: number | null, flows: FlowSample, captures: Int32Array): Finding {
  const [, , , severity, severityReason, title, nextStep, firstUs, lastUs, , , , , evidence] = row
  if (!SEVERITIES.includes(severity as Severity))
    throw new DatabaseError('unusable', `alerts.severity ${JSON.stringify(severity)} does not exist: analyse its capture again`)
  const { observed, picture, frame, capture_id } = evidenceOf(evidence as string)
  const capture: number | undefined = captures[(capture_id ?? 0) - 1]
  const place = Number.isSafeInteger(frame) && capture !== undefined ? { place: { frame, capture } } : {}
  return { severity, severityReason, title, nextStep, firstUs, lastUs, source, target, observed, picture, flows, ...place } as Finding
}

interface Evidence {
  observed: Observed[]
  picture: EvidenceChart | null
  frame?: number
  capture_id?: number
}

/** @throws DatabaseError unless the text is what the writer of reports makes */
function evidenceOf(text: string): Evidence {
  try {
    const { picture = null, ...evidence } = JSON.parse(text) as Partial<Evidence>
    if (Array.isArray(evidence.observed)) return { ...evidence, observed: evidence.observed, picture }
  } catch {
    // Reported below.
  }
  throw new DatabaseError('unusable', 'alerts.evidence is not the JSON of a finding: analyse its capture again')
}
