// An incident -> three sentences: who and when, what happened, how sure it is and what to do next.
import { LOCALLY_ADMINISTERED } from '../detect/identities/vendors.ts'
import type { AlertRow } from '../store/read-alerts.ts'
import type { FramePlace, IdentityRow } from '../store/read-incidents.ts'
import { formatPlural, formatTime, frameLabel, NONE } from './figures.ts'
import type { Incident, Party, Step } from './incident.ts'
import type { Indicator } from './indicators.ts'

/** Steps told in the summary; the timeline has all. */
const TOLD = 3

/** Of one host, and of several. */
const HARMED: Record<Incident['certainty'], [string, string]> = {
  confirmed: ['was harmed', 'were harmed'],
  likely: ['was probably harmed', 'were probably harmed'],
  possible: ['may have been harmed', 'may have been harmed'],
}

/** Said where there is no incident. */
export const NO_INCIDENT = 'No incident: no finding is of medium or high severity.'

export function summaryOf(incident: Omit<Incident, 'summary'>, alerts: AlertRow[]): string[] {
  const { victims, attacker, steps, firstUs, lastUs, severity, certainty } = incident
  const [victim] = victims
  const others = victims.length > 1 ? ` and ${formatPlural(victims.length - 1, 'other host')}` : ''
  const by = attacker === null ? '' : `, by ${partyLabel(attacker)}`
  const whom =
    victim === undefined
      ? 'No single host is named as the victim'
      : `${partyLabel(victim)}${others} ${HARMED[certainty][victims.length > 1 ? 1 : 0]}`
  const begin = `${formatTime(firstUs)}${inFrame(steps[0])}`
  const when = lastUs > firstUs ? `between ${begin} and ${formatTime(lastUs)}` : `at ${begin}`
  const told = steps.slice(0, TOLD).map((step) => `${step.title.replace(/[.\s]+$/, '')}${inFrame(step)}`)
  const rest = steps.length - told.length
  const [gravest] = alerts
  const { nextStep } = gravest
  const next = nextStep === '' ? '.' : `; next: ${lowerFirst(nextStep)}`
  return [
    `${whom}${by}, ${when}.`,
    `${told.join('; then ')}${rest > 0 ? `; then ${formatPlural(rest, 'more step')}` : ''}.`,
    `The incident is ${certainty}, of ${severity} severity: ${formatPlural(alerts.length, 'finding')}${gravest.frame === null ? '' : `, the gravest in ${frameLabel(gravest)}`}${next}`,
  ]
}

/** " (frame 12)"; "" where no frame is known. */
function inFrame(place: FramePlace): string {
  return place.frame === null ? '' : ` (${frameLabel(place)})`
}

/** "10.0.0.5 (pc-5 in frame 20, MAC 00:1b:21:00:00:05 of Intel in frame 20, account CORP\alice in frame 41)": the first of each kind. */
function partyLabel({ ip, hostNames, macs, vendors, accounts, roles }: Party): string {
  const first = (rows: IdentityRow[], said: (value: string) => string): string[] =>
    rows.slice(0, 1).map((row) => `${said(row.value)}${row.frame === null ? '' : ` in ${frameLabel(row)}`}`)
  const parts = [
    ...first(hostNames, (name) => name),
    ...first(macs, (mac) => `MAC ${mac}${vendorLabel(vendors, mac)}`),
    ...first(accounts, (account) => `account ${account}`),
    ...first(roles, (role) => role),
  ]
  return parts.length === 0 ? ip : `${ip} (${parts.join(', ')})`
}

function vendorLabel(vendors: IdentityRow[], mac: string): string {
  const vendor = vendors.find(({ source }) => source === mac)?.value
  return vendor === undefined || vendor === LOCALLY_ADMINISTERED ? '' : ` of ${vendor}`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

export const INDICATOR_KINDS: Record<Indicator['kind'], string> = {
  address: 'Address',
  name: 'Name',
  'http-target': 'HTTP target',
  ja4: 'JA4',
  certificate: 'Certificate (SHA-256)',
  'user-agent': 'User agent',
  file: 'File (SHA-256)',
}

/** Addresses, names and targets with their dots in brackets, so that nobody follows them by mistake. */
export function defang({ kind, value }: Pick<Indicator, 'kind' | 'value'>): string {
  if (kind !== 'address' && kind !== 'name' && kind !== 'http-target') return value
  const slash = value.indexOf('/')
  const host = slash < 0 ? value : value.slice(0, slash)
  return host.replaceAll('.', '[.]') + value.slice(host.length)
}

export function tacticLabel({ tactic, technique }: Step): string {
  return [tactic, technique].filter((part) => part !== null).join(', ') || NONE
}

export interface PartyFacts {
  label: string
  ip: string
  facts: { label: string; value: string; from: string }[]
}

/** Facts of each kind that are printed. */
const MAX_FACTS = 5

/** Victims and attacker, with what they say of themselves and where. */
export function partiesOf({ victims, attacker }: Incident): PartyFacts[] {
  const of = (label: string, { ip, macs, vendors, systems, hostNames, accounts, roles }: Party): PartyFacts => {
    const facts = (what: string, rows: IdentityRow[]) =>
      rows
        .slice(0, MAX_FACTS)
        .map((row) => ({ label: what, value: row.value, from: [row.source, frameLabel(row)].filter((part) => part !== '').join(', ') }))
    return {
      label,
      ip,
      facts: [
        ...facts('MAC', macs),
        ...facts('Vendor', vendors),
        ...facts('Operating system', systems),
        ...facts('Host name', hostNames),
        ...facts('Account', accounts),
        ...facts('Role', roles),
      ],
    }
  }
  return [...victims.map((party) => of('Victim', party)), ...(attacker === null ? [] : [of('Attacker', attacker)])]
}
