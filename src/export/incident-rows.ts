// Incidents of a report -> what is given to others: what is known from findings alone, and who was inside only where that is asked for.
import { NETWORK_SUFFIXES } from '../detect/methods/dns-questions.ts'
import { frameLabel } from '../report/figures.ts'
import type { Incident, Step } from '../report/incident.ts'
import type { Indicator } from '../report/indicators.ts'

/** What it is worth on STIX's scale from 0 to 100: "confirmed by other sources", "probably true", "possibly true" (STIX 2.1, appendix A, Admiralty). */
export const CONFIDENCES: Record<Indicator['strength'], number> = { 'reported by a list': 90, seen: 70, inferred: 50 }

/** The finding that an indicator comes from. */
export function stepOf({ steps }: Incident, { alertId }: Indicator): Step | undefined {
  return steps.find((step) => step.alertId === alertId)
}

/** Names of the own network are not for others. */
export function givenAway({ indicators }: Incident, isPrivate: boolean): Indicator[] {
  return isPrivate ? indicators : indicators.filter(({ kind, value }) => kind !== 'name' || !isOfNetwork(value.toLowerCase()))
}

/** home.arpa: RFC 8375. */
function isOfNetwork(name: string): boolean {
  const suffix = name.slice(name.lastIndexOf('.') + 1)
  return suffix === name || NETWORK_SUFFIXES.has(suffix) || name.endsWith('.home.arpa')
}

/** One line without an address of the inside: "likely, high: Command and Control, Exfiltration". */
export function titleOf({ certainty, severity, steps }: Incident): string {
  const tactics = [...new Set(steps.flatMap(({ tactic }) => tactic ?? []))]
  return `${certainty}, ${severity}: ${tactics.join(', ') || 'no tactic'}`
}

/** How it is known: "inferred, finding 3 (T1071), frame 120 in a.pcap". */
export function sourceOf(incident: Incident, indicator: Indicator): string {
  const technique = stepOf(incident, indicator)?.technique
  const finding = `finding ${indicator.alertId}${technique ? ` (${technique})` : ''}`
  return [indicator.strength, finding, frameLabel(indicator)].filter((part) => part !== '').join(', ')
}
