// Incidents of a report -> a bundle of STIX 2.1: what was observed, what to look for, and what it indicates (OASIS, docs.oasis-open.org/cti/stix/v2.1).
import { isoTime } from '../iso-time.ts'
import type { Incident, Party, Step } from '../report/incident.ts'
import type { Indicator } from '../report/indicators.ts'
import type { ExportFormat } from './format.ts'
import { CONFIDENCES, givenAway, sourceOf, stepOf, titleOf } from './incident-rows.ts'
import { NAMESPACE, uuid5 } from './uuid.ts'

/** For ids of observables: those of one value are alike everywhere (section 2.9). */
const OBSERVABLES = '00abedb4-aa42-466c-9c01-fed23315a9b7'
/** Of objects that are the same in each report. */
const EPOCH = '2026-01-01T00:00:00.000Z'

type StixObject = { type: string; id: string } & Record<string, unknown>

const CREATOR = object('identity', 'rtnvis', EPOCH, { name: 'rtnvis', identity_class: 'system' })

function object(type: string, key: string, time: string, rest: Record<string, unknown>): StixObject {
  return { type, spec_version: '2.1', id: `${type}--${uuid5(NAMESPACE, `${type} ${key}`)}`, created: time, modified: time, ...rest }
}

/** @param contributing the properties that make up its id, by name in order */
function observable(type: string, contributing: Record<string, unknown>): StixObject {
  return { type, spec_version: '2.1', id: `${type}--${uuid5(OBSERVABLES, JSON.stringify(contributing))}`, ...contributing }
}

const addressOf = (ip: string): StixObject => observable(ip.includes(':') ? 'ipv6-addr' : 'ipv4-addr', { value: ip })

/** Null for what has no observable of its own. */
function observableOf({ kind, value }: Indicator): StixObject | null {
  switch (kind) {
    case 'address':
      return addressOf(value)
    case 'name':
      return observable('domain-name', { value })
    case 'http-target':
      return observable('url', { value: `http://${value}` })
    case 'certificate':
      return observable('x509-certificate', { hashes: { 'SHA-256': value } })
    case 'file':
      return observable('file', { hashes: { 'SHA-256': value } })
    default:
      return null
  }
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

/** Null for a fingerprint that is none. */
function patternOf({ kind, value }: Indicator): { pattern: string; pattern_type: string } | null {
  const stix = (path: string, text: string) => ({ pattern: `[${path} = ${quoted(text)}]`, pattern_type: 'stix' })
  switch (kind) {
    case 'address':
      return stix(`${value.includes(':') ? 'ipv6' : 'ipv4'}-addr:value`, value)
    case 'name':
      return stix('domain-name:value', value)
    case 'http-target':
      return stix('url:value', `http://${value}`)
    case 'certificate':
      return stix("x509-certificate:hashes.'SHA-256'", value)
    case 'file':
      return stix("file:hashes.'SHA-256'", value)
    case 'user-agent':
      return stix("network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", value)
    case 'ja4': {
      // STIX has no property for it; Suricata 8 has.
      if (!/^\w+$/.test(value)) return null
      return {
        pattern: `alert tls any any -> any any (msg:"JA4 ${value}"; ja4.hash; content:"${value}"; sid:1; rev:1;)`,
        pattern_type: 'suricata',
      }
    }
  }
}

const phaseOf = (tactic: string) => ({ kill_chain_name: 'mitre-attack', phase_name: tactic.toLowerCase().replaceAll(' ', '-') })

function attackPattern({ technique, tactic }: Step): StixObject | null {
  if (technique === null) return null
  const url = `https://attack.mitre.org/techniques/${technique.replace('.', '/')}/`
  return object('attack-pattern', technique, EPOCH, {
    created_by_ref: CREATOR.id,
    name: technique,
    ...(tactic !== null && { kill_chain_phases: [phaseOf(tactic)] }),
    external_references: [{ source_name: 'mitre-attack', external_id: technique, url }],
  })
}

class Bundle {
  readonly objects = new Map<string, StixObject>([[CREATOR.id, CREATOR]])

  /** @returns the id */
  add(one: StixObject): string {
    if (!this.objects.has(one.id)) this.objects.set(one.id, one)
    return one.id
  }
}

/** An incident's objects, gathered in a grouping. */
class IncidentObjects {
  private readonly bundle: Bundle
  private readonly incident: Incident
  /** Tells incidents of all reports apart. */
  private readonly key: string
  private readonly time: string
  private readonly members = new Set<string>()

  constructor(bundle: Bundle, incident: Incident, reportId: string) {
    this.bundle = bundle
    this.incident = incident
    this.key = `${reportId} ${incident.id}`
    this.time = isoTime(incident.lastUs).replace(/\d{3}Z$/, 'Z')
  }

  write(isPrivate: boolean): void {
    for (const step of this.incident.steps) {
      const pattern = attackPattern(step)
      if (pattern !== null) this.add(pattern)
    }
    for (const indicator of givenAway(this.incident, isPrivate)) this.addIndicator(indicator)
    if (isPrivate) for (const victim of this.incident.victims) this.addVictim(victim)
    if (this.members.size === 0) return
    const description = isPrivate ? { description: this.incident.summary.join(' ') } : {}
    this.bundle.add(
      this.made('grouping', '', {
        name: `Incident, ${titleOf(this.incident)}`,
        ...description,
        context: 'suspicious-activity',
        object_refs: [...this.members],
      }),
    )
  }

  private addIndicator(indicator: Indicator): void {
    const pattern = patternOf(indicator)
    if (pattern === null) return
    const step = stepOf(this.incident, indicator)
    const key = `${indicator.kind} ${indicator.value}`
    const firstUs = step?.firstUs ?? this.incident.firstUs
    const id = this.add(
      this.made('indicator', key, {
        name: indicator.value,
        description: sourceOf(this.incident, indicator),
        indicator_types: [indicator.strength === 'inferred' ? 'anomalous-activity' : 'malicious-activity'],
        confidence: CONFIDENCES[indicator.strength],
        ...pattern,
        valid_from: isoTime(firstUs),
        ...(step?.tactic && { kill_chain_phases: [phaseOf(step.tactic)] }),
      }),
    )
    const shown = observableOf(indicator)
    if (shown !== null) this.relate(id, 'based-on', this.addObserved(key, [shown], firstUs))
    const indicated = step && attackPattern(step)
    if (indicated) this.relate(id, 'indicates', indicated.id)
  }

  private addVictim({ ip, macs, accounts }: Party): void {
    this.addObserved(
      `victim ${ip}`,
      [
        addressOf(ip),
        ...macs.map(({ value }) => observable('mac-addr', { value: value.toLowerCase() })),
        ...accounts.map(({ value }) => observable('user-account', { account_login: value })),
      ],
      this.incident.firstUs,
    )
  }

  private addObserved(key: string, shown: StixObject[], firstUs: number): string {
    const refs = shown.map((one) => this.add(one))
    return this.add(
      this.made('observed-data', key, {
        first_observed: isoTime(firstUs),
        last_observed: isoTime(this.incident.lastUs),
        number_observed: 1,
        object_refs: refs,
      }),
    )
  }

  private relate(source: string, kind: string, target: string): void {
    this.add(this.made('relationship', `${source} ${kind} ${target}`, { relationship_type: kind, source_ref: source, target_ref: target }))
  }

  private add(one: StixObject): string {
    this.members.add(one.id)
    return this.bundle.add(one)
  }

  private made(type: string, key: string, rest: Record<string, unknown>): StixObject {
    return object(type, `${this.key} ${key}`, this.time, { created_by_ref: CREATOR.id, ...rest })
  }
}

export function stix(isPrivate: boolean): ExportFormat {
  return {
    files: [
      {
        name: 'stix.json',
        head: ({ id }) => `{"type":"bundle","id":"bundle--${uuid5(NAMESPACE, `bundle ${id}`)}","objects":[\n`,
        between: ',\n',
        tail: '\n]}\n',
      },
    ],
    write(report, add) {
      const bundle = new Bundle()
      for (const incident of report.incidents()) new IncidentObjects(bundle, incident, report.id).write(isPrivate)
      for (const one of bundle.objects.values()) add(0, JSON.stringify(one))
    },
  }
}
