// The records that export formats are made from.
import type { LinkRow } from '../flows/link-traffic.ts'

export interface ExportPlace {
  id: number
  latitudeDeg: number
  longitudeDeg: number
  city: string | null
  region: string | null
  countryCode: string | null
  country: string | null
  continentCode: string | null
  timeZone: string | null
  /** 'origin': chosen by the user, not located. */
  precision: string
}

export interface ExportHost {
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
  firstUs: number
  lastUs: number
  sentPackets: number
  receivedPackets: number
  sentBytes: number
  receivedBytes: number
}

export interface ExportFlow {
  id: number
  /** The same for each export of the report, different in other reports. */
  uid: Uint8Array
  transport: string
  protocol: number
  client: ExportHost
  server: ExportHost
  clientPort: number | null
  serverPort: number | null
  firstUs: number
  lastUs: number
  clientPackets: number
  serverPackets: number
  clientBytes: number
  serverBytes: number
  clientFlags: number
  serverFlags: number
  state: string
  application: string | null
  /** content or port. */
  applicationSource: string | null
  serverName: string | null
  serverNameSource: string | null
  ja4: string | null
  tunnel: string | null
  communityId: string | null
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

export interface ExportAlert {
  id: number
  rule: string
  ruleVersion: number
  severity: string
  severityReason: string
  title: string
  nextStep: string
  firstUs: number
  lastUs: number
  source: ExportHost | null
  target: ExportHost | null
  technique: string | null
  flows: number
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
export type ExportLink = Omit<LinkRow, 'capture' | 'sourceAddresses'>
