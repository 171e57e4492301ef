// Incidents of a report -> events of MISP's core format, one an incident (misp-standard.org, rfc/misp-core-format).

import { isoTime } from '../iso-time.ts'
import { ownValue } from '../own-value.ts'
import type { Incident, Party } from '../report/incident.ts'
import type { Indicator } from '../report/indicators.ts'
import { tacticOf } from '../report/tactics.ts'
import type { ExportFormat } from './format.ts'
import { givenAway, sourceOf, stepOf, titleOf } from './incident-rows.ts'
import { NAMESPACE, uuid5 } from './uuid.ts'

const THREAT_LEVELS: Record<string, string> = { high: '1', medium: '2', low: '3' }

interface Attribute {
  type: string
  category: string
  value: string
  comment: string
  /** Fit for detection by itself. */
  to_ids: boolean
}

const NETWORK = 'Network activity'
const TARGET = 'Targeting data'

function attributeOf(incident: Incident, indicator: Indicator): Attribute {
  const { kind, value, strength } = indicator
  const shared = { category: NETWORK, value, comment: sourceOf(incident, indicator), to_ids: strength !== 'inferred' }
  switch (kind) {
    case 'address': {
      const isAttacker = tacticOf(stepOf(incident, indicator)?.technique ?? null)?.harmed === 'target'
      return { ...shared, type: isAttacker ? 'ip-src' : 'ip-dst' }
    }
    case 'name':
      return { ...shared, type: 'hostname' }
    case 'http-target':
      return { ...shared, type: 'url', value: `http://${value}` }
    case 'certificate':
      return { ...shared, type: 'x509-fingerprint-sha256' }
    case 'file':
      return { ...shared, category: 'Payload delivery', type: 'sha256' }
    case 'user-agent':
      return { ...shared, type: 'user-agent', to_ids: false }
    case 'ja4':
      // MISP has no type for it.
      return { ...shared, type: 'other', comment: `JA4; ${shared.comment}`, to_ids: false }
  }
}

function attributesOfVictim({ ip, macs, hostNames, accounts }: Party): Attribute[] {
  const of = (type: string, category: string, value: string): Attribute => ({ type, category, value, comment: 'victim', to_ids: false })
  return [
    of('ip-src', NETWORK, ip),
    ...macs.map(({ value }) => of('mac-address', NETWORK, value.toLowerCase())),
    ...hostNames.map(({ value }) => of('target-machine', TARGET, value)),
    ...accounts.map(({ value }) => of('target-user', TARGET, value)),
  ]
}

function eventOf(incident: Incident, reportId: string, isPrivate: boolean): string {
  const key = `${reportId} ${incident.id}`
  const timestamp = String(Math.max(0, Math.floor(incident.lastUs / 1e6)))
  const attributes = givenAway(incident, isPrivate).map((indicator) => attributeOf(incident, indicator))
  if (isPrivate) {
    const told = { type: 'comment', category: 'Internal reference', value: incident.summary.join(' '), comment: '', to_ids: false }
    attributes.push(...incident.victims.flatMap(attributesOfVictim), told)
  }
  return JSON.stringify({
    Event: {
      uuid: uuid5(NAMESPACE, `event ${key}`),
      info: `Incident, ${titleOf(incident)}`,
      date: isoTime(incident.firstUs).slice(0, 10),
      timestamp,
      threat_level_id: ownValue(THREAT_LEVELS, incident.severity) ?? '4',
      analysis: '0',
      distribution: '0',
      published: false,
      Attribute: attributes.map((attribute) => ({
        uuid: uuid5(NAMESPACE, `attribute ${key} ${attribute.type} ${attribute.value}`),
        ...attribute,
        distribution: '5',
        timestamp,
      })),
    },
  })
}

export function misp(isPrivate: boolean): ExportFormat {
  return {
    files: [{ name: 'misp.json', head: () => '{"response":[\n', between: ',\n', tail: '\n]}\n' }],
    write(report, add) {
      for (const incident of report.incidents()) add(0, eventOf(incident, report.id, isPrivate))
    },
  }
}
