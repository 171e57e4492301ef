// The records that export formats are made from.
import type { LinkRow } from '../flows/link-traffic.ts'
import type { AlertRow } from '../store/read-alerts.ts'
import type { FlowFacts, HostTraffic, Place } from '../types.ts'

export interface ExportPlace extends Omit<Place, 'accuracyKm' | 'precision'> {
  id: number
  /** 'origin': chosen by the user, not located. */
  precision: string
}

export interface ExportHost extends HostTraffic {
  id: number
  /** As in the database: 0.0.0.0/0 and ::/0 stand for all hosts beyond the limit. */
  ip: string
  /** The same without the prefix length, for formats that have only addresses. */
  address: string
  scope: string
  isLocal: boolean
  place: ExportPlace | null
  asn: number | null
  asName: string | null
  name: string | null
}

export interface ExportFlow extends FlowFacts {
  /** The same for each export of the report, different in other reports. */
  uid: Uint8Array
  protocol: number
  client: ExportHost
  server: ExportHost
  clientFlags: number
  serverFlags: number
}

export interface ExportQuestion {
  flow: ExportFlow
  atUs: number
  name: string
  type: string
  responseCode: string | null
  /** Null: no answer was seen. */
  answers: string[] | null
  /** Null: question or answer was not seen. */
  answerUs: number | null
}

export interface ExportAlert extends Omit<AlertRow, 'source' | 'target' | 'storyId' | 'frame' | 'frameFile' | 'observed'> {
  ruleVersion: number
  source: ExportHost | null
  target: ExportHost | null
  /** The first of its conversations that the report lists. */
  firstFlow: ExportFlow | null
}

export interface ExportName {
  host: ExportHost
  name: string
  /** Where it was read, as in names.source. */
  source: string
  firstUs: number
  count: number
}

/** What a host says of itself, or answers. */
export interface ExportIdentity {
  host: ExportHost
  /** mac, host-name, user-agent, ..., as in identities.kind. */
  kind: string
  value: string
  source: string
  firstUs: number
  count: number
}

/** Frames without IP of a station to another. */
export type ExportLink = Omit<LinkRow, 'capture'>
