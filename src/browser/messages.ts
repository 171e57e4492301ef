// Messages between the page and the workers of an analysis. Types only.
import type { LiveChange } from '../contract/live-message.ts'
import type { SiteSummary } from '../contract/manifest.ts'
import type { City } from '../geo/cities.ts'
import type { Progress } from '../types.ts'

/** Options as on the command line. */
export interface DropOptions {
  /** The report's title; null: the captures' names. */
  name: string | null
  /** "lat,lon" or auto; null: the default. */
  origin: string | null
  /** Packet rows kept; Infinity for all. */
  maxPackets: number
  rules: File | null
  blocklists: File[]
  /** A traffic.sqlite. */
  baseline: File | null
  /** MaxMind DB files; if empty, the one next to the page is used. */
  geoip: File[]
}

export interface Analyze {
  type: 'analyze'
  captures: File[]
  /** Name of the folder that they were found in, other files among them; '' for several; null: each was named. */
  folder: string | null
  options: DropOptions
  programVersion: string
}

/** Part of a data file next to the page: gzip in base64. */
export interface DataPart {
  type: 'part'
  of: DataName
  base64: string
  index: number
  parts: number
}

/** In JSON: `centres` Centre by code of the country; `cities` NamedPlaces. `vendors` is text for detect/identities/vendors.ts. */
export type DataName = 'locations' | 'page' | 'demo' | 'centres' | 'cities' | 'vendors'

export interface NamedPlaces {
  cities: City[]
  /** Text for geo/place-names.ts. */
  names: string
}

export type SavedAs = 'html' | 'zip' | 'report.html' | 'report.md' | 'traffic.sqlite'

/** The digest of a capture, and what stands in captures.sha256 in its place until it is known. */
export interface Digest {
  pending: string
  /** Null: the file could not be read again. */
  sha256: string | null
}

export type ToAnalysis =
  | Analyze
  /** A capture is about to be chosen. */
  | { type: 'prepare' }
  | DataPart
  /** The data file is missing. */
  | { type: 'missing'; of: DataName }
  | { type: 'cancel' }
  /** Asks once for what changed since the last answer. */
  | { type: 'grow' }
  /** By index of the capture; null if the file could not be read to its end. */
  | { type: 'digest'; index: number; sha256: string | null }
  /** Opens the report of a dropped traffic.sqlite. */
  | { type: 'open'; file: File }
  /** @param folder its name in the zip file */
  | { type: 'save'; as: SavedAs; folder: string }

/** For the picture that grows. */
export interface Grown {
  type: 'grown'
  /** Of the report. */
  name: string
  change: LiveChange
  /** With the first one: a report without packets, on which the changes are applied. */
  base: ArrayBuffer | null
  /** Conversations that the picture does not get before the end. */
  leftOut: number
}

/** After the database, which the page opens meanwhile. */
export interface Done {
  type: 'done'
  /** In the report's order; none for a finished report that was opened. */
  captures: File[]
  summary: SiteSummary
  warnings: string[]
  isWhole: boolean
  hasLocations: boolean
}

export type FromAnalysis =
  /** First of all: the name of a lock (Web Locks) that the worker holds as long as it lives. */
  | { type: 'lives'; lock: string }
  | { type: 'progress'; progress: Progress }
  | Grown
  | { type: 'wanted'; of: DataName }
  /** The report. */
  | { type: 'database'; database: ArrayBuffer }
  | Done
  /** All digests, once they are known, and the database with them. */
  | { type: 'digests'; digests: Digest[]; database: Blob }
  | { type: 'saved'; as: SavedAs; file: Blob }
  /** One line for the user. */
  | { type: 'failed'; message: string; during: 'analysis' | 'save' }

export type ToDigest = { files: File[] }
export type FromDigest = { index: number; sha256: string | null }
