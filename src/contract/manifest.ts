// What the page knows before the database is open. Types only: the page's compiler reads this file, too.
import type { LiveManifest } from './live-message.ts'

export interface SitePoint {
  latitudeDeg: number
  longitudeDeg: number
}

/** Numbers for the immediate opening view; the page reads everything else from the database. */
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
  /** Bytes in equal parts of the time from firstUs to lastUs; any number of parts, none without packets. */
  histogram: number[]
  /** Place of private addresses: the opening view shows this side of the earth. */
  origin?: SitePoint
}

export interface SiteManifest {
  /** Length of the database in bytes. */
  databaseBytes: number
  /** Uncompressed length of every part but the last. */
  partBytes: number
  /** Number of parts: part-0.js, ... in `folder`, or data blocks in the page. */
  parts: number
  /** Folder of the parts below assets/: a report that is replaced while it is open has a folder for each edition. Default: data. */
  folder?: string
  /** Whether there is a report.html next to the page. */
  hasReportPage: boolean
  summary: SiteSummary
  /** The page shows a running capture; its data come from the server that sent it. */
  live?: LiveManifest
}
