// Records and interfaces that several stages share. Units are in the names: Us = integer microseconds since the epoch (UTC), Deg, Km.

/** What an address is for (IANA special-purpose registries, see decode/scope.ts). */
export const SCOPES = [
  'public',
  'private',
  'loopback',
  'link-local',
  'multicast',
  'broadcast',
  'documentation',
  'cgnat',
  'reserved',
] as const
export type Scope = (typeof SCOPES)[number]

/** Scopes used inside a site or by its provider: such hosts are near the capture. */
export const LOCAL_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['private', 'loopback', 'link-local', 'cgnat'])

/** Severities of findings; the most severe last. */
export const SEVERITIES = ['info', 'low', 'medium', 'high'] as const
export type Severity = (typeof SEVERITIES)[number]

/** How precisely a place is known; 'origin' is the place that the user chose for private addresses. */
export type Precision = 'city' | 'region' | 'country' | 'origin'

export interface Place {
  latitudeDeg: number
  longitudeDeg: number
  /** Accuracy radius from the geolocation database; null if it has none. */
  accuracyKm: number | null
  city: string | null
  region: string | null
  /** ISO 3166-1 alpha-2. */
  countryCode: string | null
  country: string | null
  continentCode: string | null
  /** IANA name. */
  timeZone: string | null
  precision: Precision
}

/** What a row of `flows` says of a conversation, as read from a database: texts may be anyone's. */
export interface FlowFacts {
  id: number
  transport: string
  clientPort: number | null
  serverPort: number | null
  firstUs: number
  lastUs: number
  clientPackets: number
  serverPackets: number
  clientBytes: number
  serverBytes: number
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

/** What hosts, with or without IP, sent and received, and when. */
export interface HostTraffic {
  firstUs: number
  lastUs: number
  sentPackets: number
  receivedPackets: number
  sentBytes: number
  receivedBytes: number
}

/** What the geolocation databases contain for one address. */
export interface Location {
  place: Place | null
  asn: number | null
  asName: string | null
}

/** Provided by the platform: canonical address text -> location; null if no database has the address. Called once per public host. */
export type Lookup = (ip: string) => Location | null

/** Description of the databases behind a Lookup; stored in meta and printed in every report. */
export interface GeoSource {
  /** Database type and file name, e.g. "GeoLite2-City". */
  database: string
  /** ISO 8601 date, or null if the file does not say. */
  buildDate: string | null
  /** The notice that the licence requires, or "". */
  attribution: string
  asnDatabase: string | null
  asnBuildDate: string | null
  /** The databases, in the order of lookup. */
  files?: GeoFile[]
}

/** Properties that identify a release of a geolocation database. */
export interface GeoFile {
  type: string
  /** Build time in its metadata, seconds since the epoch. */
  buildEpoch: number
  bytes: number
}

/** A file given by an option. */
export interface NamedFile {
  /** Base name: a shared report must not reveal folders. */
  file: string
  sha256: string
}

/** The packets that an analysis reads, as typed; the others are only counted. */
export interface ChosenPackets {
  /** Times since the first packet, or UTC. */
  from?: string
  to?: string
  /** In the filter language. */
  only?: string
  /** As in pcap-filter(7). */
  captureFilter?: string
}

/** Options of an analysis: with the captures, they are enough to reproduce the report. */
export interface ReportInputs {
  /** Title as typed, or name of the only folder; null: made from the names of the captures. */
  name: string | null
  /** Origin as typed; null: the default. */
  origin: string | null
  /** Rows of packets kept; Infinity for all. */
  maxPackets: number
  /** Repeated packets (capture/repeats.ts) are skipped. */
  deduplicate?: boolean
  /** Pseudonyms in place of the names of accounts. */
  maskAccounts?: boolean
  /** Made of reports, by merge. */
  isMerged?: boolean
  /** Undefined: all packets. */
  chosen?: ChosenPackets
  /** Files next to the database: the player and its assets, the player as one file, or none. */
  pages: 'folder' | 'file' | 'none'
  rules: NamedFile | null
  /** In the order given. */
  blocklists: NamedFile[]
  baseline: NamedFile | null
}

/** Place of private addresses. */
export interface Origin {
  name: string
  latitudeDeg: number
  longitudeDeg: number
  /** default: assumed, nobody said; page: chosen in a report's page. */
  source: 'default' | 'option' | 'auto' | 'page'
}

export type SqlValue = number | string | null | Uint8Array

/** Provided by the platform: a prepared statement (the interface of sql.js). */
export interface SqlStatement {
  run(values?: SqlValue[]): void
  bind(values?: SqlValue[]): boolean
  step(): boolean
  get(): SqlValue[]
  getColumnNames(): string[]
  free(): boolean
}

/** Provided by the platform: a SQLite database in memory. */
export interface SqlDatabase {
  run(sql: string, values?: (string | number | null)[]): unknown
  prepare(sql: string): SqlStatement
  export(): Uint8Array
  close(): void
}

/** Called about ten times a second while reading. `totalBytes` is null for a stream. */
export interface Progress {
  bytes: number
  totalBytes: number | null
  packets: number
}
export type OnProgress = (progress: Progress) => void

/** Provided by the platform: an opened capture. */
export interface CaptureSource {
  /** Base name. */
  file: string
  /** Size on disk, null for a stream. */
  totalBytes: number | null
  /** 'gzip', 'zstd' or '' */
  compression: string
  /** Time of the first packet, if known: the source is not read before the analysis reaches it. */
  firstUs?: number
  /** Why the source is not read; then chunks and finish() are not used. */
  notRead?: NotRead
  /** The uncompressed capture; the memory of a chunk may be reused after the next one is requested. */
  chunks: AsyncIterable<Uint8Array>
  /** Whether the next chunk is not available yet, if known. */
  isWaiting?(): boolean
  /** Bytes read so far, as stored on disk. */
  bytesRead(): number
  /** Called after the last chunk that is needed. */
  finish(isInterrupted: boolean): Promise<SourceEnd>
  /** Releases files and threads; always called, possibly more than once. */
  close(): Promise<void>
}

/** A given file that is not read, because it adds nothing. */
export interface NotRead {
  why: string
  sha256: string
}

export interface SourceEnd {
  /** Hex digest of all bytes of the file, null if they were not all read. */
  sha256: string | null
  /** Problem below the capture format (compressed data cut off, file removed while reading), '' for none. */
  problem: string
  /** Further warnings about the file. */
  warnings?: string[]
}
