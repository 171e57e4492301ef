// Exports of incidents against what is published of their formats: STIX 2.1 (OASIS, sections 2 to 7 and 9) and its JSON schemas, MISP's core format and its types.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { SqlDatabase } from '../../src/types.ts'
import { infectionChain } from '../attacks/chain.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { exported } from './exported.ts'

const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
const ID = new RegExp(`^[a-z0-9-]+--${UUID}$`)

type Check = (value: unknown) => boolean
const text: Check = (value) => typeof value === 'string' && value !== ''
const like =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
const among =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value as string)
const whole =
  (from: number, to: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(check)
const flag: Check = (value) => typeof value === 'boolean'
const object =
  (required: Record<string, Check>, optional: Record<string, Check> = {}): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null) return false
    const entries = Object.entries(value)
    const missing = Object.keys(required).filter((key) => !Object.hasOwn(value, key))
    return missing.length === 0 && entries.every(([key, own]) => (required[key] ?? optional[key])?.(own) === true)
  }

const time = like(TIMESTAMP)
const id = like(ID)
const phase = object({ kill_chain_name: text, phase_name: like(/^[a-z]+(-[a-z]+)*$/) })
const hashes: Check = (value) => object({ 'SHA-256': like(/^[0-9a-f]{64}$/) })(value)
/** Objects of STIX have times to the millisecond (3.2). */
const common = { type: text, spec_version: among('2.1'), id, created: like(/\.\d{3}Z$/), modified: like(/\.\d{3}Z$/) }
const made = { created_by_ref: id }
const observable = (required: Record<string, Check>) => object({ type: text, spec_version: among('2.1'), id, ...required })

/** Properties that have to be there, and those that may; others are not defined. */
const STIX: Record<string, Check> = {
  identity: object(
    { ...common, name: text },
    { identity_class: among('individual', 'group', 'system', 'organization', 'class', 'unknown') },
  ),
  indicator: object(
    { ...common, pattern: text, pattern_type: among('stix', 'pcre', 'sigma', 'snort', 'suricata', 'yara'), valid_from: time },
    {
      ...made,
      name: text,
      description: text,
      indicator_types: list(
        among('anomalous-activity', 'anonymization', 'benign', 'compromised', 'malicious-activity', 'attribution', 'unknown'),
      ),
      confidence: whole(0, 100),
      kill_chain_phases: list(phase),
    },
  ),
  'observed-data': object(
    { ...common, first_observed: time, last_observed: time, number_observed: whole(1, 999_999_999), object_refs: list(id) },
    made,
  ),
  relationship: object({ ...common, relationship_type: like(/^[a-z0-9-]+$/), source_ref: id, target_ref: id }, made),
  grouping: object(
    { ...common, context: among('suspicious-activity', 'malware-analysis', 'unspecified'), object_refs: list(id) },
    { ...made, name: text, description: text },
  ),
  'attack-pattern': object(
    { ...common, name: text },
    {
      ...made,
      kill_chain_phases: list(phase),
      external_references: list(object({ source_name: text }, { external_id: like(/^T\d{4}(\.\d{3})?$/), url: like(/^https:\/\//) })),
    },
  ),
  'ipv4-addr': observable({ value: like(/^\d{1,3}(\.\d{1,3}){3}$/) }),
  'ipv6-addr': observable({ value: like(/^[0-9a-f:.]+$/) }),
  'domain-name': observable({ value: text }),
  url: observable({ value: like(/^[a-z]+:\/\/[^ ]+$/) }),
  'mac-addr': observable({ value: like(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/) }),
  'user-account': observable({ account_login: text }),
  'x509-certificate': observable({ hashes }),
  file: observable({ hashes }),
}

/** Relationships that the specification has between these (appendix B). */
const RELATIONSHIPS = new Set(['indicator based-on observed-data', 'indicator indicates attack-pattern'])

/** What is not as published, as texts. */
function stixMistakes(database: SqlDatabase, isPrivate: boolean): string[] {
  const bundle = JSON.parse(exported(database, 'stix', false, isPrivate)['stix.json'])
  if (!object({ type: among('bundle'), id: like(new RegExp(`^bundle--${UUID}$`)), objects: list(() => true) })(bundle)) return ['bundle']
  const mistakes: string[] = []
  for (const one of bundle.objects as Record<string, string>[]) {
    if (STIX[one.type]?.(one) !== true || !one.id.startsWith(`${one.type}--`)) mistakes.push(JSON.stringify(one))
    if (one.type === 'relationship') {
      const kind = [one.source_ref, one.relationship_type, one.target_ref].map((part) => part.split('--')[0]).join(' ')
      if (!RELATIONSHIPS.has(kind)) mistakes.push(kind)
    }
    if (one.first_observed > one.last_observed || one.created > one.modified) mistakes.push(`times of ${one.id}`)
    if (one.pattern_type === 'stix' && !/^\[[a-z0-9-]+:[a-zA-Z0-9_.'-]+ = '(?:[^'\\]|\\['\\])*'\]$/.test(one.pattern))
      mistakes.push(one.pattern)
  }
  return mistakes
}

/** Of MISP's categories (describeTypes.json), the types that are used here. */
const CATEGORIES: Record<string, string[]> = {
  'Network activity': ['ip-src', 'ip-dst', 'hostname', 'url', 'user-agent', 'mac-address', 'x509-fingerprint-sha256', 'other'],
  'Payload delivery': ['sha256'],
  'Targeting data': ['target-machine', 'target-user'],
  'Internal reference': ['comment'],
}
const uuid = like(new RegExp(`^${UUID}$`))
const seconds = like(/^\d+$/)
const attribute = object({
  uuid,
  type: text,
  category: among(...Object.keys(CATEGORIES)),
  value: text,
  comment: (value) => typeof value === 'string',
  to_ids: flag,
  distribution: among('0', '1', '2', '3', '4', '5'),
  timestamp: seconds,
})
const event = object({
  Event: object({
    uuid,
    info: text,
    date: like(/^\d{4}-\d\d-\d\d$/),
    timestamp: seconds,
    threat_level_id: among('1', '2', '3', '4'),
    analysis: among('0', '1', '2'),
    distribution: among('0', '1', '2', '3', '4'),
    published: flag,
    Attribute: (value) => Array.isArray(value) && value.every(attribute),
  }),
})

function mispMistakes(database: SqlDatabase, isPrivate: boolean): string[] {
  const { response } = JSON.parse(exported(database, 'misp', false, isPrivate)['misp.json'])
  return response.flatMap((one: { Event: { Attribute: { category: string; type: string }[] } }) => [
    ...(event(one) ? [] : [JSON.stringify(one)]),
    ...one.Event.Attribute.filter(({ category, type }) => CATEGORIES[category]?.includes(type) !== true).map(({ type }) => type),
  ])
}

describe.each<[string, () => Uint8Array]>([
  ['the demo', () => readFileSync(DEMO)],
  ['infection chains', () => infectionChain(5).pcap],
])('incidents of %s', (_, capture) => {
  it.each([false, true])('are as published, with the own network: %s', async (isPrivate) => {
    const database = await analyzeBytes(capture())
    expect(stixMistakes(database, isPrivate)).toEqual([])
    expect(mispMistakes(database, isPrivate)).toEqual([])
    database.close()
  })
})

it('the checks refuse what is not as published', () => {
  const indicator = {
    type: 'indicator',
    spec_version: '2.1',
    id: 'indicator--28bb3599-77cd-5a82-a950-b5bc3caf07c4',
    created: '2026-01-01T00:00:00.000Z',
  }
  const whole = {
    ...indicator,
    modified: '2026-01-01T00:00:00.000Z',
    pattern: '[a:b = 1]',
    pattern_type: 'stix',
    valid_from: '2026-01-01T00:00:00Z',
  }
  expect(STIX.indicator(whole)).toBe(true)
  expect(STIX.indicator(indicator)).toBe(false)
  expect(STIX.indicator({ ...whole, labels: ['x'] })).toBe(false)
  expect(STIX.indicator({ ...whole, valid_from: 'yesterday' })).toBe(false)
})
