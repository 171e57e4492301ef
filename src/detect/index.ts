// Conversations, names and observations -> findings: all rules in turn, what the user does not want to see taken out, the rest in a stable order.

import type { HostIdentity } from '../names/identity-log.ts'
import { SEVERITIES } from '../types.ts'
import type { Blocklist } from './blocklist/index.ts'
import type { Baseline } from './engine/baseline.ts'
import { contextOf, type Facts } from './engine/context.ts'
import type { Finding, Rule } from './engine/finding.ts'
import { incidentsOf } from './engine/incidents.ts'
import { DEFAULT_SETTINGS, optionsOf, type Settings } from './engine/settings.ts'
import { type SuppressedCount, Suppressor } from './engine/suppress.ts'
import { plural } from './engine/wording.ts'
import { identitiesOf } from './identities/index.ts'
import type { VendorOf } from './identities/vendors.ts'
import { FlowSample } from './methods/flow-sample.ts'
import type { Observations } from './observe/observations.ts'
import { RULES, RULES_VERSION } from './rules/index.ts'

/** Findings of one rule. */
const MAX_FINDINGS = 100

export interface DetectionOptions {
  /** What --rules says; undefined: the defaults. */
  settings?: Settings
  baseline?: Baseline | null
  blocklist?: Blocklist | null
  /** Undefined or null: the table is not there. */
  vendorOf?: VendorOf | null
}

export interface Alert {
  rule: Rule
  finding: Finding
  /** Index of the first alert of the same incident. */
  incident: number
}

export interface Detection {
  /** The most severe first, then by time. */
  alerts: Alert[]
  rulesVersion: string
  /** Ids of the rules that were switched off. */
  off: string[]
  suppressed: SuppressedCount[]
  /** Ordered by host, kind, time. */
  identities: HostIdentity[]
  /** What rules read, with what was known only together with hosts and conversations. */
  observations: Observations
}

/** Runs all rules that are not switched off. */
export function detect(facts: Facts, options: DetectionOptions = {}): Detection {
  const { settings = DEFAULT_SETTINGS, baseline = null, blocklist = null, vendorOf = null } = options
  const context = contextOf(facts, baseline, blocklist)
  const suppressor = new Suppressor(settings.suppressions, context.hosts)
  const found: Found[] = []
  for (const rule of RULES) {
    if (settings.off.has(rule.id)) continue
    const shown = rule.run(context, optionsOf(rule, settings)).filter((finding) => !suppressor.suppresses(rule.id, finding))
    found.push(...fewest(shown.map((finding) => ({ rule, finding })).sort(compareAlerts)))
  }
  found.sort(compareAlerts)
  const incidents = incidentsOf(found.map(({ finding }) => finding))
  return {
    alerts: found.map(({ rule, finding }, i) => ({ rule, finding, incident: incidents[i] })),
    rulesVersion: RULES_VERSION,
    off: RULES.filter(({ id }) => settings.off.has(id)).map(({ id }) => id),
    suppressed: suppressor.counts,
    identities: identitiesOf(context, vendorOf),
    observations: context.observations,
  }
}

type Found = { rule: Rule; finding: Finding }

/** Keeps the most severe findings of a rule; the others become one finding that says how many there were. */
function fewest(found: Found[]): Found[] {
  if (found.length <= MAX_FINDINGS) return found
  const rest = found.slice(MAX_FINDINGS - 1)
  const [{ rule, finding: first }] = rest
  const findings = rest.map(({ finding }) => finding)
  const flows = FlowSample.of(findings.flatMap(({ flows: { named } }) => named.slice(0, 10)))
  flows.count = findings.reduce((sum, finding) => sum + finding.flows.count, 0)
  const summary: Finding = {
    severity: first.severity,
    severityReason: 'The gravest of those that are not listed.',
    title: `${plural(rest.length, 'more finding')} of this rule, the gravest of which is: ${first.title}`,
    nextStep: 'Raise the thresholds of this rule, or suppress what is known, to see the others one by one.',
    firstUs: findings.reduce((us, { firstUs }) => Math.min(us, firstUs), first.firstUs),
    lastUs: findings.reduce((us, { lastUs }) => Math.max(us, lastUs), first.lastUs),
    source: null,
    target: null,
    observed: [{ name: 'findings', value: found.length, unit: '', threshold: MAX_FINDINGS }],
    picture: null,
    flows,
  }
  return [...found.slice(0, MAX_FINDINGS - 1), { rule, finding: summary }]
}

/** A total order: the result does not depend on the order in which rules report. */
export function compareAlerts(a: Found, b: Found): number {
  return (
    SEVERITIES.indexOf(b.finding.severity) - SEVERITIES.indexOf(a.finding.severity) ||
    a.finding.firstUs - b.finding.firstUs ||
    RULES.indexOf(a.rule) - RULES.indexOf(b.rule) ||
    (a.finding.source ?? -1) - (b.finding.source ?? -1) ||
    (a.finding.target ?? -1) - (b.finding.target ?? -1) ||
    (a.finding.title < b.finding.title ? -1 : 1)
  )
}
