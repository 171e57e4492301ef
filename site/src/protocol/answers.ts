// The types of the worker's answers, as both threads use them.
import type { Share } from '../model/arc-slices.ts'
import type { RankedCard } from '../model/ranked-cards.ts'
import type { Finding } from '../model/report.ts'
import type { Grouping } from '../model/route-groups.ts'

export type { Share } from '../model/arc-slices.ts'

export interface Ranked extends Share {
  /** Host row, place index, country code or application index: what a click on it asks for. */
  key: number | string
  label: string
  /** Second line, e.g. the address of a named host. */
  detail: string
  /** The filter term for it. */
  term: string
}

export interface Ranking {
  /** The first few, most bytes first. */
  top: Ranked[]
  /** Number of entries before the cut. */
  total: number
}

export interface Tally {
  total: Share
  /** Traffic on the globe: both hosts have a place, and the places differ or are not the origin. */
  located: Share
  /** Both hosts are at the origin. */
  local: Share
  /** At least one host has no place. */
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
  /** The filter term for it. */
  term: string
  /** Index in Report.applications; -1 when it is no application. */
  application: number
}

export interface Breakdown {
  /** Largest first, at most TOP. */
  entries: Entry[]
  /** Number of entries before the cut. */
  total: number
}

export interface Dashboard extends Record<RankedCard, Breakdown> {
  total: Share
  sizes: PacketSizes
}

/** What the rows and columns of a matrix are. */
export type MatrixBy = 'country' | 'network' | 'host'

/** A row or column of a matrix: what sends, or what receives. */
export interface MatrixEnd extends Share {
  label: string
  /** Second line, e.g. the address of a named host; "" for none. */
  detail: string
  /** Value of `from:` and `to:`; "" for all others together. */
  value: string
}

/** Traffic from clients (rows) to servers (columns). Its cells have every flow that passes. */
export interface Matrix {
  rows: MatrixEnd[]
  columns: MatrixEnd[]
  /** Rows x columns, one row after the other. */
  bytes: Float64Array
  packets: Float64Array
  flows: Float64Array
  total: Share
}

/** A slice of the capture; times from its first packet on. Arcs and `off` have together every flow that passes. */
export interface TimeMap {
  fromUs: number
  toUs: number
  total: Share
  /** Without two places. */
  off: Share
  /** One for each pair of countries (route-groups.ts), most bytes first; `route` stands for it. */
  arcs: (Share & { route: number })[]
}

/** What was clicked. */
export type Subject =
  | { kind: 'all' }
  /** `grouping`: all routes of its group in a whole picture (route-groups.ts); default: this one alone. */
  | { kind: 'route'; route: number; grouping?: Grouping }
  | { kind: 'place'; place: number }
  | { kind: 'country'; country: string }
  | { kind: 'host'; host: number }
  | { kind: 'application'; application: number }
  | { kind: 'unlocated' }
  | { kind: 'local' }
  /** Flows that pass these filter terms, too. */
  | { kind: 'terms'; terms: string }

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
  /** Number of matching flows; `rows` has the first of them, most bytes first. */
  total: number
  bytes: number
  /** The subject as filter terms; "" for all flows. */
  terms: string
}

export interface FlowQuery {
  subject: Subject
  span: Span
  filterText: string
}

/** Slices x series, one slice after the other. */
export interface Rates {
  /** Microseconds since the epoch. */
  startUs: number
  binUs: number
  bins: number
  /** Number of series: the applications in the report's order, or 2 (sent by clients, sent by servers). */
  series: number
  packets: Float64Array
  bytes: Float64Array
  /** Number of flows that begin in each slice, all series together. */
  newFlows: Float64Array
  /** Repeated TCP segments in each slice. */
  retransmissions: Float64Array
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
  /** Number of flows that belong to it; `flows` may have fewer. */
  flowCount: number
  storyId: number
  /** Row numbers of the stored flows, ascending. */
  flows: Int32Array
}

/** How far away a host may be. Distances are kilometres from the origin. */
export interface PlaceBound {
  /** Shortest round-trip time, microseconds. */
  rttUs: number
  /** At most, by this time. */
  reachKm: number
  /** At least, by its place; null where the origin is only assumed, or the place is not known well enough. */
  leastKm: number | null
  isImpossible: boolean
}

/** One host or network of the Health view. */
export interface HealthEntry {
  label: string
  /** Address or AS number; "" where the label says it. */
  detail: string
  /** In the filter language. */
  term: string
  /** Microseconds, or a share from 0 to 1. */
  value: number
  flows: number
  segments: number
  repeated: number
  zeroWindows: number
}

/** Worst first. `total`: how many there are. */
export interface HealthReport {
  conversations: number
  rtt: { total: number; entries: HealthEntry[] }
  networkRtt: HealthReport['rtt']
  response: HealthReport['rtt']
  /** TLS handshakes over TCP. */
  tls: HealthReport['rtt']
  /** Name servers by the time of their answers; `flows` has questions. */
  dns: HealthReport['rtt']
  loss: HealthReport['rtt']
  networkLoss: HealthReport['rtt']
  closed: HealthReport['rtt']
}

export interface PacketSizes {
  /** Ranges from `from` bytes to `to` bytes, both included; `to` null: no upper limit. */
  ranges: { from: number; to: number | null; packets: number; bytes: number }[]
  /** Packets stored in the report, and packets in the capture: a report stores only the first packets. */
  kept: number
  packets: number
}
