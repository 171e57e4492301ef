// Records and seams that cross a stage's border. Units are in the names: Us = integer microseconds since the epoch (UTC), Deg, Km.

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

/** Of a finding; the most severe last. */
export const SEVERITIES = ['info', 'low', 'medium', 'high'] as const
export type Severity = (typeof SEVERITIES)[number]

/** How exactly a place is known; 'origin' is where the user put the private addresses. */
export type Precision = 'city' | 'region' | 'country' | 'origin'

export interface Place {
  latitudeDeg: number
  longitudeDeg: number
  accuracyKm: number | null
  city: string | null
  region: string | null
  /** ISO 3166-1 alpha-2. */
  countryCode: string | null
  country: string | null
  continentCode: string | null
  timeZone: string | null
  precision: Precision
}

/** What the geolocation databases know of one address. */
export interface Location {
  place: Place | null
  asn: number | null
  asName: string | null
}

/** Seam: canonical address text -> location; null when no database has the address. Cold: asked once per public host. */
export type Lookup = (ip: string) => Location | null

/** What may be said of the databases behind a Lookup; written to meta and printed in every report. */
export interface GeoSource {
  /** Database type and file name, e.g. "GeoLite2-City". */
  database: string
  /** ISO 8601 date, or null if the file does not say. */
  buildDate: string | null
  /** The notice the licence asks for, or "". */
  attribution: string
  asnDatabase: string | null
  asnBuildDate: string | null
  /** Which databases exactly, in the order they are asked. */
  files?: GeoFile[]
}

/** What tells one release of a geolocation database from another. */
export interface GeoFile {
  type: string
  /** Seconds since the epoch, as its metadata says. */
  buildEpoch: number
  bytes: number
}

/** A file that the user named beside the captures. */
export interface NamedFile {
  /** Base name: a shared report must not tell folders. */
  file: string
  sha256: string
}

/** What an analysis was told beside the packets: with the captures, enough to make the report again. */
export interface ReportInputs {
  /** Title as typed, or the folder's name where one was analysed; null: made from the names of the captures. */
  name: string | null
  /** Origin as typed; null: the default. */
  origin: string | null
  /** Rows of packets kept; Infinity for all. */
  maxPackets: number
  /** Packets that are there a second time (capture/repeats.ts) are left out. */
  deduplicate?: boolean
  /** What lies beside the database: the player and its assets, the player as one file, or nothing. */
  pages: 'folder' | 'file' | 'none'
  rules: NamedFile | null
  /** In the order given. */
  blocklists: NamedFile[]
  baseline: NamedFile | null
}

/** Where private addresses stand. */
export interface Origin {
  name: string
  latitudeDeg: number
  longitudeDeg: number
  source: 'default' | 'option' | 'auto'
}

export type SqlValue = number | string | null | Uint8Array

/** Seam: a prepared statement (sql.js has exactly this shape). */
export interface SqlStatement {
  run(values?: SqlValue[]): void
  bind(values?: SqlValue[]): boolean
  step(): boolean
  get(): SqlValue[]
  getColumnNames(): string[]
  free(): boolean
}

/** Seam: one SQLite database in memory. */
export interface SqlDatabase {
  run(sql: string): unknown
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

/** Seam: one capture, as the host opened it. */
export interface CaptureSource {
  /** Base name. */
  file: string
  /** Size on disk, null for a stream. */
  totalBytes: number | null
  /** 'gzip', 'zstd' or '' */
  compression: string
  /** Time of the first packet, where it is known: then the source is not read before the analysis has come so far. */
  firstUs?: number
  /** Why nothing of it is to be read; then chunks and finish() are not used. */
  notRead?: NotRead
  /** The uncompressed capture; a chunk's memory may be reused once the next one is asked for. */
  chunks: AsyncIterable<Uint8Array>
  /** Whether the next chunk is still on its way, where that is known. */
  isWaiting?(): boolean
  /** Bytes on disk (compressed, if it is) taken so far. */
  bytesRead(): number
  /** Called after the last chunk that is wanted was taken. */
  finish(isInterrupted: boolean): Promise<SourceEnd>
  /** Lets go of files and threads; called in any case, and more than once. */
  close(): Promise<void>
}

/** A file that was given and has nothing to add. */
export interface NotRead {
  why: string
  sha256: string
}

export interface SourceEnd {
  /** Hex digest of all bytes of the file, null if they were not all read. */
  sha256: string | null
  /** What went wrong below the capture format (compressed data cut off, file gone while reading), '' if nothing. */
  problem: string
  /** What else is to be said of the file. */
  warnings?: string[]
}
