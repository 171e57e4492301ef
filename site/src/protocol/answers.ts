// What the worker answers: the shapes of its answers, as both threads see them.
import type { Finding } from '../model/report.ts'

export interface Ranked extends Share {
  /** What a click asks for: host row, place index, country code or application index. */
  key: number | string
  label: string
  /** Second line, e.g. the address of a named host. */
  detail: string
  /** The filter's term for it. */
  term: string
}

export interface Ranking {
  /** The first few, most bytes first. */
  top: Ranked[]
  /** How many there are in all. */
  total: number
}

export interface Tally {
  total: Share
  /** Both ends have a place and they differ or are public: an arc or a landing on the globe. */
  located: Share
  /** Both ends stand at the origin. */
  local: Share
  /** At least one end has no place. */
  unlocated: Share
  hosts: number
  publicHosts: number
  locatedHosts: number
  countries: Ranking
  places: Ranking
  rankedHosts: Ranking
  applications: Ranking
}

export interface Entry extends Share {
  label: string
  /** Second line, e.g. the address of a named host; "" for none. */
  detail: string
  /** The filter's term for it. */
  term: string
  /** Index in Report.applications; -1 for what is no application. */
  application: number
}

export interface Breakdown {
  /** Most of what is asked for first, at most TOP. */
  entries: Entry[]
  /** How many there are in all. */
  total: number
}

export interface Dashboard {
  total: Share
  talkers: Breakdown
  countries: Breakdown
  networks: Breakdown
  ports: Breakdown
  applications: Breakdown
  /** TCP connections by Zeek's conn_state. */
  outcomes: Breakdown
  sizes: PacketSizes
}

/** What was clicked. */
export type Subject =
  | { kind: 'all' }
  | { kind: 'lane'; lane: number }
  | { kind: 'place'; place: number }
  | { kind: 'country'; country: string }
  | { kind: 'host'; host: number }
  | { kind: 'application'; application: number }
  | { kind: 'unlocated' }
  | { kind: 'local' }

export interface FlowRow {
  client: string
  clientName: string
  clientPort: number | null
  server: string
  serverName: string
  serverPort: number | null
  transport: string
  application: string
  /** Within the span asked for. */
  bytes: number
  packets: number
  firstUs: number
  lastUs: number
  state: string
}

export interface FlowList {
  rows: FlowRow[]
  /** How many match; `rows` holds the first of them, most bytes first. */
  total: number
  bytes: number
  /** The subject as terms of the filter; "" for all. */
  terms: string
}

export interface FlowQuery {
  subject: Subject
  span: Span
  filterText: string
}

/** Slices x series, row after row. */
export interface Rates {
  /** Microseconds since the epoch. */
  startUs: number
  binUs: number
  bins: number
  /** Applications in the report's order, or two: sent by clients, sent by servers. */
  series: number
  packets: Float64Array
  bytes: Float64Array
  /** Flows that begin in each slice, of all series together. */
  newFlows: Float64Array
}

export interface Share {
  bytes: number
  packets: number
  flows: number
}

/** Ticks [fromTick, toTick), or null for the whole capture. */
export type Span = { fromTick: number; toTick: number } | null

export interface Totals {
  rows: number
  flows: number
  bytes: number
  packets: number
}

export interface AlertRow extends Finding {
  /** Row numbers of hosts, or -1. */
  sourceHost: number
  targetHost: number
  technique: string
  /** JSON, as stored. */
  evidence: string
  severityReason: string
  nextStep: string
  ruleVersion: number
  /** How many flows show it; the rows kept may be fewer. */
  flowCount: number
  storyId: number
  /** Row numbers of the flows kept, ascending. */
  flows: Int32Array
}

export interface PacketSizes {
  /** One a range: from (bytes, included), to (included; null: no end). */
  ranges: { from: number; to: number | null; packets: number; bytes: number }[]
  /** Packet rows there are, and packets of the capture: a report keeps only the first so many. */
  kept: number
  packets: number
}
