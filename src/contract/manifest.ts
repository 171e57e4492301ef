// What publish.ts tells the page before the database is open. Types only: the page's compiler reads this file too.
import type { LiveManifest } from './live-message.ts'

export interface SitePoint {
  latitudeDeg: number
  longitudeDeg: number
}

/** The numbers of an immediate first picture; the page reads everything else from the database. */
export interface SiteSummary {
  /** Report name shown as the page's title: text from a file name, never markup. */
  name: string
  /** Microseconds since the epoch; null without packets. */
  firstUs: number | null
  lastUs: number | null
  packets: number
  bytes: number
  flows: number
  hosts: number
  publicHosts: number
  locatedHosts: number
  /** Bytes in equal parts of the time from firstUs to lastUs; any number of parts, empty without packets. */
  histogram: number[]
  /** Where private addresses stand: the side of the earth that the first picture shows. */
  origin?: SitePoint
}

export interface SiteManifest {
  /** Length of the database in bytes. */
  databaseBytes: number
  /** Inflated length of every part but the last. */
  partBytes: number
  /** How many parts: part-0.js, ... in `folder`, or data blocks in the page. */
  parts: number
  /** Where the parts are below assets/: a report that is replaced while it is open has a folder for each edition. Left out: data. */
  folder?: string
  /** Whether report.html lies beside the page. */
  hasReportPage: boolean
  summary: SiteSummary
  /** The page watches a running capture: its data come from the server it came from. */
  live?: LiveManifest
}
