// Messages between the page and its worker. A question can be cancelled (AbortSignal): if it has not been started it is never answered;
// long answers are computed in slices, and the worker checks for cancelled questions between slices. A new kind of question is a line in
// `Questions` and an entry in worker/answers/index.ts.

import type { Digest } from '../../../src/browser/messages.ts'
import type { LiveChange, LiveTable } from '../../../src/contract/live-message.ts'
import type { Suggestion } from '../../../src/filter/completion.ts'
import type { FieldName } from '../../../src/filter/fields.ts'
import type { PacketFilter } from '../../../src/filter/packets.ts'
import type { Incident } from '../../../src/report/incident.ts'
import type { Sentence } from '../../../src/report/story.ts'
import type { SliceAnswer } from '../../../src/slice/facts.ts'
import type { Choice } from '../../../src/slice/select.ts'
import type { FlowFacts, HostTraffic } from '../../../src/types.ts'
import type { ArcSliceOptions, ArcSlices } from '../model/arc-slices.ts'
import type { Effects } from '../model/effects.ts'
import type { LocalMap } from '../model/local-map.ts'
import type { Origin } from '../model/origin.ts'
import type { Report, ReportPlace } from '../model/report.ts'
import type { TimeSpan } from '../model/selection.ts'
import type { Cell, Sort, TableName } from '../model/table-columns.ts'
import type {
  AlertRow,
  Dashboard,
  FlowList,
  FlowQuery,
  HealthReport,
  Matrix,
  MatrixBy,
  PlaceBound,
  Rates,
  Share,
  Span,
  Tally,
  TimeMap,
  Totals,
} from './answers.ts'
import type { ToConsole } from './console-result.ts'

/** What passes a filter within a span; arcs and histogram over the whole capture. */
export interface Matching {
  /** The filter as it was asked. */
  filterText: string
  total: Share
  hosts: number
  /** By route of Report.routes: 1 when one of its flows passes. Null: all pass. */
  routes: Uint8Array | null
  /** Histogram like Report.timeline.binBytes, of the flows that pass. */
  binBytes: Float64Array
}

/** The flows that a question is about: those that pass the filter and have packets within the span. */
export interface Scope {
  filterText: string
  span: TimeSpan | null
}

/** Rows of a SELECT as values; texts from the network are never markup. */
export interface SqlAnswer {
  columns: string[]
  rows: (number | string | Uint8Array | null)[][]
  /** True when there are more rows than `limit`. */
  isCut: boolean
  milliseconds: number
}

/** A table under a filter, in a sort order. */
export interface ListQuestion {
  table: TableName
  scope: Scope
  sort: Sort
}

/** Address and name of a host; `name` is "" when none is known. */
export interface PartyName {
  ip: string
  name: string
}

/** A row of `alerts` with the names of its hosts. */
export interface AlertDetail extends Omit<AlertRow, 'sourceHost' | 'targetHost' | 'flows'> {
  source: PartyName | null
  target: PartyName | null
  /** Number of its flows whose ids are stored. */
  keptFlows: number
  /** Frame number of its first packet, with the file's name where there are several; null where it is not known. */
  frame: string | null
}

export interface HostDetail extends PartyName, HostTraffic {
  scope: string
  place: ReportPlace | null
  accuracyKm: number | null
  /** Null without a round-trip time. */
  bound: PlaceBound | null
  asn: number | null
  asName: string
  flows: number
  names: { name: string; source: string; firstUs: number; count: number }[]
  /** What it says of itself, and its roles: by kind, then by time. */
  identities: { kind: string; value: string; source: string; firstUs: number; flowId: number | null; frame: string | null }[]
  /** Most bytes first; `peerCount` and `portCount` are the numbers before the cut. */
  peers: (PartyName & { flows: number; sent: number; received: number; place: ReportPlace | null })[]
  peerCount: number
  ports: { isServed: boolean; port: number | null; transport: string; application: string; flows: number; bytes: number }[]
  portCount: number
  /** Bytes over the capture in bars of equal length. */
  sent: Float64Array
  received: Float64Array
  alerts: AlertDetail[]
}

/** A hardware address in frames without IP. */
export interface StationDetail extends HostTraffic {
  mac: string
  /** "" when it is not known; of a group address, what it is for. */
  vendor: string
  isGroup: boolean
  /** IPv4 addresses that it gives as its own by ARP; the lowest few. */
  claims: string[]
  /** Hosts that have this address. */
  hosts: PartyName[]
  /** Most bytes first; `peerCount` is the number before the cut. `mac` is "" where the frames do not say who receives them. */
  peers: {
    mac: string
    vendor: string
    isSender: boolean
    protocol: string
    packets: number
    bytes: number
    firstUs: number
    lastUs: number
    frame: string | null
  }[]
  peerCount: number
}

export interface FlowDetail extends FlowFacts {
  client: PartyName
  server: PartyName
  clientPlace: ReportPlace | null
  serverPlace: ReportPlace | null
  /** As AlertDetail.frame. */
  firstFrame: string | null
  lastFrame: string | null
  /** The first of the stored packets. */
  packets: { atUs: number; isFromClient: boolean; bytes: number; tcpFlags: number | null; frame: string | null }[]
  packetsKept: number
  questions: { atUs: number; name: string; type: string; code: string | null; answers: string | null; answerUs: number | null }[]
  alerts: AlertDetail[]
  /** The row of `tcp` by column; null without one. A figure that is not known is null. */
  tcp: Record<string, number | null> | null
}

export type FileFormat = 'csv' | 'json' | 'geojson'

export interface Questions {
  /** The arcs of the flows that pass, for globe and map. */
  slices: { question: ArcSliceOptions & { filterText: string }; answer: ArcSlices }
  /** One picture of all of them: every flow with two places is in one of its arcs. */
  whole: { question: Scope & { mostArcs: number; by: keyof Share }; answer: ArcSlices }
  /** Ports tried by scans, and beats of beacons; `isWhole`: for one picture of the span. */
  effects: { question: Scope & { isWhole: boolean }; answer: Effects }
  /** What happened, in the sentences of report.html; [] where the database has not the tables for it. */
  story: { question: null; answer: Sentence[] }
  /** The sums are those within the span, in whole ticks. */
  match: { question: Scope; answer: Matching }
  /** The local network. `toggled`: ids of groups that are open or closed other than at first; `isTall`: for a narrow stage. */
  local: { question: ArcSliceOptions & { filterText: string; toggled: string[]; isTall: boolean }; answer: LocalMap }
  /** Moves the origin, in the database too; `source`: for meta.origin_source. */
  origin: { question: Origin & { source: string }; answer: Report }
  tally: { question: { span: Span; filterText: string }; answer: Tally }
  flows: { question: FlowQuery; answer: FlowList }
  csv: { question: FlowQuery; answer: Blob }
  /** Makes a list; its rows are then requested in pages. */
  list: { question: ListQuestion; answer: { totals: Totals } }
  /** Rows [from, to) of a list. `keys` identify the rows: flows.id, an address, or a name. */
  page: {
    question: { list: ListQuestion; columns: readonly string[]; from: number; to: number }
    answer: { keys: (string | number)[]; cells: Cell[][] }
  }
  /** Index of a row in a list, or -1. */
  find: { question: { list: ListQuestion; key: string | number }; answer: number }
  /** All rows of a list as a file. CSV has the given columns, the other formats have all columns. */
  file: { question: { list: ListQuestion; columns: readonly string[]; format: FileFormat }; answer: Blob }
  /** Changes of a report that grows; the answer is the updated report. `momentUs`: of its timeline; undefined: of a running capture. */
  live: { question: { changes: LiveChange[]; tables: LiveTable[]; nowUs: number; momentUs?: number | undefined }; answer: Report }
  /** Values of a field that start with `begun`, counted under the rest of the filter. */
  complete: { question: { field: FieldName; begun: string; rest: string }; answer: Suggestion[] }
  /** The filter as SQL, as Wireshark display filter, as capture filter (BPF), and as a slice command. */
  translate: { question: Scope; answer: Record<'sql' | 'wireshark' | 'frames' | 'bpf' | 'slice', PacketFilter> }
  /** What a copy of the chosen packets needs of the report. */
  packets: { question: Choice; answer: SliceAnswer }
  alerts: { question: Scope; answer: AlertDetail[] }
  /** The gravest first, of the whole capture; null where they are not known. */
  incidents: { question: null; answer: Incident[] | null }
  /** Null: the report has no such host or flow. */
  host: { question: { ip: string }; answer: HostDetail | null }
  station: { question: { mac: string }; answer: StationDetail | null }
  flow: { question: { id: number }; answer: FlowDetail | null }
  /** SHA-256 of the captures, computed once the report was open. */
  digests: { question: Digest[]; answer: null }
  database: { question: null; answer: Uint8Array<ArrayBuffer> }
  /** From whom to whom: the `most` largest by `by` on each side, and all others together. */
  matrix: { question: Scope & { of: MatrixBy; by: keyof Share; most: number }; answer: Matrix }
  /** All pairs of it, most bytes first. */
  matrixCsv: { question: Scope & { of: MatrixBy }; answer: Blob }
  /** At most `slices` equal slices of the whole capture. */
  timeMaps: { question: { filterText: string; slices: number }; answer: TimeMap[] }
  /** At most `bins` slices of the span; a slice is at least one tick long. */
  rates: { question: Scope & { bins: number; by: 'application' | 'direction' }; answer: Rates }
  /** `by`: the value by which the rankings are sorted. */
  dashboard: { question: Scope & { by: keyof Share }; answer: Dashboard }
  /** Of the TCP conversations that pass and are seen within the span; whole conversations. */
  health: { question: Scope; answer: HealthReport }
  /** One read-only statement, at most `limit` rows. It runs in slices, so that it can be cancelled between rows. */
  sql: { question: { sql: string; values?: (string | number | null)[]; limit: number }; answer: SqlAnswer }
}

export type ToWorker =
  | { type: 'begin'; bytes: number; parts: number; era: number }
  /** `offset` and `length`: position of the part's decompressed bytes in the database. */
  | { type: 'part'; base64: string; offset: number; length: number }
  /** A database in one piece; replaces the one that is open. */
  | { type: 'whole'; bytes: ArrayBuffer; isLive: boolean }
  | { type: 'ask'; id: number; about: keyof Questions; question: unknown }
  /** Cancels a question. */
  | { type: 'drop'; id: number }
  | ToConsole

export type FromWorker =
  /** The first message of the worker: from now on it receives messages. */
  | { type: 'started' }
  | { type: 'opened'; report: Report }
  | { type: 'failed'; message: string }
  | { type: 'answer'; id: number; answer: unknown }
  | { type: 'refused'; id: number; message: string }
