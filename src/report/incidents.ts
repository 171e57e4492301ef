// Findings and identities of a database -> incidents: who is harmed, who did it, the steps in order of time, what to look for elsewhere; or that there is none.
import { domainOf } from '../detect/methods/domains.ts'
import { type AlertRow, readAlerts } from '../store/read-alerts.ts'
import { type IdentityRow, readEvidence, readFiles, readIdentities, readQuestions, readScope } from '../store/read-incidents.ts'
import { LOCAL_SCOPES, SEVERITIES, type Severity, type SqlDatabase } from '../types.ts'
import type { Incident, Party } from './incident.ts'
import { summaryOf } from './incident-summary.ts'
import { type Indicator, Indicators } from './indicators.ts'
import { tacticOf } from './tactics.ts'

const MOST_SEVERE_FIRST = [...SEVERITIES].reverse()
/** The surest first. */
const CERTAINTIES: readonly Incident['certainty'][] = ['confirmed', 'likely', 'possible']
/** Incidents that are told, the gravest first; the database has all findings. */
const MAX_INCIDENTS = 20
const MAX_STEPS = 50
const MAX_VICTIMS = 10
const MAX_QUESTIONS = 2_000
const INCIDENT_SEVERITIES = new Set(['medium', 'high'])

/** Findings of low severity alone are no incident. @param alerts all of the database, where they are read already */
export function readIncidents(db: SqlDatabase, alerts = readAlerts(db)): Incident[] {
  const stories = new Map<number, AlertRow[]>()
  for (const alert of alerts) {
    const story = stories.get(alert.storyId)
    if (story === undefined) stories.set(alert.storyId, [alert])
    else story.push(alert)
  }
  return [...stories]
    .filter(([, alerts]) => alerts.some(({ severity }) => INCIDENT_SEVERITIES.has(severity)))
    .map(([id, alerts]) => ({ id, alerts, severity: gravestOf(alerts), certainty: certaintyOf(alerts) }))
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
        CERTAINTIES.indexOf(a.certainty) - CERTAINTIES.indexOf(b.certainty) ||
        a.id - b.id,
    )
    .slice(0, MAX_INCIDENTS)
    .map((story) => incidentOf(db, story))
}

function gravestOf(alerts: AlertRow[]): Severity {
  return MOST_SEVERE_FIRST.find((severity) => alerts.some((alert) => alert.severity === severity))!
}

function incidentOf(
  db: SqlDatabase,
  { id, alerts, severity, certainty }: Pick<Incident, 'id' | 'severity' | 'certainty'> & { alerts: AlertRow[] },
): Incident {
  const ordered = [...alerts].sort((a, b) => a.firstUs - b.firstUs || a.id - b.id)
  const steps = ordered.slice(0, MAX_STEPS).map((alert) => ({
    alertId: alert.id,
    tactic: tacticOf(alert.technique)?.name ?? null,
    technique: alert.technique,
    severity: alert.severity,
    title: alert.title,
    firstUs: alert.firstUs,
    frame: alert.frame,
    frameFile: alert.frameFile,
  }))
  const { victims, attacker } = partiesOf(db, ordered)
  const incident = {
    id,
    severity,
    certainty,
    firstUs: ordered[0].firstUs,
    lastUs: Math.max(...ordered.map(({ lastUs }) => lastUs)),
    attacker: attacker === null ? null : describe(db, attacker),
    victims: victims.slice(0, MAX_VICTIMS).map((ip) => describe(db, ip)),
    steps,
    indicators: indicatorsOf(db, ordered),
  }
  return { ...incident, summary: summaryOf(incident, alerts) }
}

/** Confirmed: a list names it, or findings of two tactics of which one is high; likely: one high, or two tactics; else possible. */
function certaintyOf(alerts: AlertRow[]): Incident['certainty'] {
  const grave = alerts.filter(({ severity }) => INCIDENT_SEVERITIES.has(severity))
  const tactics = new Set(grave.map(({ technique }) => tacticOf(technique)?.name))
  const isHigh = grave.some(({ severity }) => severity === 'high')
  const isListed = grave.some(({ rule }) => rule === 'blocklist')
  if (isListed || (isHigh && tactics.size > 1)) return 'confirmed'
  return isHigh || tactics.size > 1 ? 'likely' : 'possible'
}

/**
 * A host that obeys somebody outside is the victim, even where it attacks others later: these are victims, too. Without such a host, the victims
 * are those that are attacked.
 */
function partiesOf(db: SqlDatabase, alerts: AlertRow[]): { victims: string[]; attacker: string | null } {
  const grave = alerts.filter(({ severity }) => INCIDENT_SEVERITIES.has(severity))
  const isLocal = (ip: string): boolean => LOCAL_SCOPES.has(readScope(db, ip) ?? 'public')
  const obeying = grave.filter(({ technique, source }) => tacticOf(technique)?.harmed === 'source' && source !== null && isLocal(source))
  const attacks = grave.filter(({ technique }) => tacticOf(technique)?.harmed !== 'source')
  const count = new Map<string, number>()
  for (const { source } of obeying) count.set(source!, (count.get(source!) ?? 0) + 1)
  const first = [...count].sort(([, a], [, b]) => b - a).map(([ip]) => ip)
  const attacked = attacks.flatMap(({ target }) => target ?? [])
  const victims = [...new Set([...first, ...attacked])]
  const outside = obeying.flatMap(({ target }) => (target !== null && !isLocal(target) ? target : []))
  const entered = attacks.flatMap(({ source, target }) =>
    source !== null && target !== null && victims.includes(target) && !victims.includes(source) ? source : [],
  )
  const attacker = entered[0] ?? outside[0] ?? (first.length === 0 ? (attacks.find(({ source }) => source !== null)?.source ?? null) : null)
  return { victims: victims.filter((ip) => ip !== attacker), attacker }
}

function describe(db: SqlDatabase, ip: string): Party {
  const rows = readIdentities(db, ip)
  const once = (kind: string): IdentityRow[] => {
    const seen = new Set<string>()
    return rows.filter((row) => row.kind === kind && !seen.has(row.value.toLowerCase()) && seen.add(row.value.toLowerCase()))
  }
  return {
    ip,
    macs: once('mac'),
    vendors: once('vendor'),
    systems: once('os'),
    hostNames: once('host-name'),
    accounts: once('account'),
    roles: once('role'),
  }
}

function indicatorsOf(db: SqlDatabase, alerts: AlertRow[]): Indicator[] {
  const indicators = new Indicators()
  for (const alert of alerts.filter(({ severity }) => INCIDENT_SEVERITIES.has(severity)).slice(0, MAX_STEPS)) {
    const tactic = tacticOf(alert.technique)
    if (tactic === null) continue
    for (const flow of readEvidence(db, alert.id)) indicators.addFlow(alert, flow, tactic.harmed)
    if (tactic.harmed === 'source') for (const file of readFiles(db, alert.id)) indicators.addFile(alert, file)
    if (alert.rule === 'dns-tunnel') indicators.addName(alert, mostAskedDomain(readQuestions(db, alert.id, MAX_QUESTIONS)))
  }
  return indicators.all()
}

function mostAskedDomain(names: string[]): string | null {
  const count = new Map<string, number>()
  for (const name of names) {
    const domain = domainOf(name)?.registrable ?? name
    count.set(domain, (count.get(domain) ?? 0) + 1)
  }
  return [...count].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? null
}
