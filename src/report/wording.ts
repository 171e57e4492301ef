// The words all kinds of reports share: what rows are called, and the few sentences that say what matters.

import { LEFT_OUT } from '../decode/skip-reasons.ts'
import { numberFormat } from '../number-format.ts'
import type { AlertRow } from '../store/read-alerts.ts'
import type { HostRow } from '../store/read-hosts.ts'
import type { CountryRow, TrafficRow } from '../store/read-traffic.ts'
import { type Origin, SEVERITIES, type Severity } from '../types.ts'
import { formatCount, formatDuration, formatPlural, formatTime, NONE } from './figures.ts'
import type { Report, StoryFacts } from './index.ts'

/** Formats observed values and thresholds with the precision of the measurement. */
const formatObserved = numberFormat({ maximumSignificantDigits: 6 })

/** How a reader checks the report; both pages print it. */
export const VERIFY_TEXT = 'To check this report against the original capture with independent code, run'
export const VERIFY_COMMAND = 'rtnvis verify <folder> --capture <file>'

export function countryLabel({ kind, country, countryCode }: CountryRow, origin: Pick<Origin, 'name' | 'source'>): string {
  if (kind === 'origin') return `At the origin (${isAssumed(origin) ? 'assumed: ' : ''}${origin.name})`
  if (kind === 'unlocated') return 'Public, not located'
  if (kind === 'none') return 'No place (multicast, broadcast, …)'
  return country ?? countryCode ?? 'Country not known'
}

export function applicationLabel({ name }: TrafficRow): string {
  return name ?? 'not recognised'
}

/** The place of a host, as precise as it is known. */
export function placeLabel({ scope, city, country, precision }: HostRow): string {
  if (precision === 'origin') return `${scope}, at the origin`
  if (precision === null) return scope === 'public' ? 'not located' : scope
  return [city, country].filter((part) => part !== null).join(', ') || 'country not known'
}

export function asLabel({ asn, asName }: HostRow): string {
  return asn === null ? NONE : `AS${asn}${asName === null ? '' : ` ${asName}`}`
}

export function coverageLabel({ reason }: Report['coverage'][number]): string {
  return reason ?? 'In conversations'
}

/** Packets that options of the analysis left out. */
export function leftOutByChoice(coverage: Report['coverage']): number {
  return coverage.filter(({ reason }) => reason?.startsWith(LEFT_OUT)).reduce((sum, { packets }) => sum + packets, 0)
}

/** The most severe first. */
export const MOST_SEVERE_FIRST = [...SEVERITIES].reverse()

export interface SeverityCount {
  severity: Severity
  count: number
}

/** How many alerts have each severity, those without any left out. */
export function countSeverities(alerts: Pick<AlertRow, 'severity'>[]): SeverityCount[] {
  return MOST_SEVERE_FIRST.map((severity) => ({ severity, count: alerts.filter((alert) => alert.severity === severity).length })).filter(
    ({ count }) => count > 0,
  )
}

/** "3 alerts: 1 high, 2 low". */
export function alertsLabel(alerts: AlertRow[]): string {
  if (alerts.length === 0) return 'None: no rule found anything'
  const parts = countSeverities(alerts).map(({ severity, count }) => `${formatCount(count)} ${severity}`)
  return `${formatPlural(alerts.length, 'alert')}: ${parts.join(', ')}`
}

/** "ports tried in vain: 997 (threshold 15)". */
export function observedLabel({ name, value, unit, threshold }: AlertRow['observed'][number]): string {
  const shown = typeof value === 'number' ? formatObserved(value) : value
  const limit = threshold === null ? '' : ` (threshold ${formatObserved(threshold)})`
  return `${name}: ${shown}${unit === '' ? '' : ` ${unit}`}${limit}`
}

/** Rules that were switched off and findings that were suppressed, with the user's reasons. */
export function suppressionLines({ rulesOff, suppressions }: Report): string[] {
  const lines = suppressions.map(({ line, reason, findings }) =>
    findings === 0
      ? `Line ${line} of the rules file suppresses nothing here: ${reason}.`
      : `${formatPlural(findings, 'finding')} suppressed by line ${line} of the rules file: ${reason}.`,
  )
  return rulesOff.length === 0 ? lines : [`Switched off: ${rulesOff.join(', ')}.`, ...lines]
}

/** What was counted but not listed, because of a memory bound; empty if everything is listed. */
export function leftOutLines({
  namesLeftOut,
  dnsQueriesLeftOut,
  softwareLeftOut,
}: Pick<Report, 'namesLeftOut' | 'dnsQueriesLeftOut' | 'softwareLeftOut'>): string[] {
  const lines: string[] = []
  if (namesLeftOut > 0) lines.push(`${formatPlural(namesLeftOut, 'name')} of hosts beyond the limit, not listed.`)
  if (dnsQueriesLeftOut > 0) lines.push(`${formatPlural(dnsQueriesLeftOut, 'DNS question')} beyond the limit, not listed.`)
  if (softwareLeftOut > 0) lines.push(`${formatPlural(softwareLeftOut, 'program')} of hosts beyond the limit, not listed.`)
  return lines
}

/** The sources of the geolocation, with the notices their licences require. */
export function sourceLines({ geo }: Report): string[] {
  if (geo === null) return ['No geolocation database was used: no public host has a place.']
  const places = geo.database === '' ? 'no database of places' : `${geo.database}, built ${geo.buildDate ?? 'at an unknown date'}`
  const asn = geo.asnDatabase === null ? 'no database' : `${geo.asnDatabase}, built ${geo.asnBuildDate ?? 'at an unknown date'}`
  return [`Places: ${places}. AS numbers: ${asn}.`, geo.attribution].filter((line) => line !== '')
}

export function originSource({ origin, originOption, originRegion }: Report): string {
  if (origin.source === 'option') return 'as set for this report'
  if (origin.source === 'auto') return originRegion === null ? 'the place of the busiest public client' : 'inferred from round-trip times'
  if (origin.source === 'page') return 'as chosen in the page'
  return originOption === 'auto'
    ? 'assumed, because no public client has a known place'
    : 'assumed, because nobody said where it was captured'
}

/** Whether nobody said where the capture was made, and nothing shows it: the default is then only assumed. */
function isAssumed({ source }: Pick<Origin, 'source'>): boolean {
  return source === 'default'
}

/** Shown if the origin is not the requested one. */
export function originLines({ origin, originOption, originRegion, checkedPlaces, impossiblePlaces }: Report): string[] {
  const lines: string[] = []
  if (originRegion !== null) {
    const { name, latitudeDeg, longitudeDeg, radiusKm, agreeing, places } = originRegion
    lines.push(
      `Round-trip times say that it was captured within ${formatCount(radiusKm)} km of ${latitudeDeg}, ${longitudeDeg} (near ${name}): ${formatCount(agreeing)} of ${formatPlural(places, 'place')} with a time ${agreeing === 1 ? 'allows' : 'allow'} it, light in fibre, 100 km per millisecond.` +
        (isAssumed(origin) ? ' --origin auto draws private addresses there.' : ''),
    )
  }
  if (originOption === 'auto' && origin.source !== 'auto')
    lines.push(
      `--origin auto found no public client with a known place: private addresses are placed at ${origin.name}, which is only assumed.`,
    )
  if (checkedPlaces > 0)
    lines.push(
      impossiblePlaces === 0
        ? `Round-trip times allow the places of all ${formatPlural(checkedPlaces, 'host')} that could be checked (light in fibre, 100 km per millisecond).`
        : `${formatCount(impossiblePlaces)} of ${formatPlural(checkedPlaces, 'host')} that could be checked ${impossiblePlaces === 1 ? 'is' : 'are'} not at ${impossiblePlaces === 1 ? 'its place' : 'their places'}: light in fibre does not get there in the round-trip time, 100 km per millisecond (anycast, CDN, VPN, proxy, or a wrong database). The filter place:impossible finds ${impossiblePlaces === 1 ? 'it' : 'them'}.`,
    )
  return lines
}

/** After a clock jump: the part of the timeline that playback and charts show, and where the other one is. */
export function mainSpanLines({ firstUs, lastUs, mainFirstUs, mainLastUs }: StoryFacts): string[] {
  if (firstUs === null || lastUs === null || mainFirstUs === null || mainLastUs === null) return []
  if (mainFirstUs === firstUs && mainLastUs === lastUs) return []
  const span = `${formatTime(mainFirstUs)} to ${formatTime(mainLastUs)} (${formatDuration(mainLastUs - mainFirstUs)})`
  return [`The clock of the capture jumped; charts and playback show ${span}. Tables, findings and totals have all times.`]
}
