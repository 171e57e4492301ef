// The report as the page holds it: made once in the worker from the database, passed to the main thread as typed columns.
import type { Place } from '../../../src/types.ts'
import type { TimeSpan } from './selection.ts'

/** A row of `places`; its index in Report.places is its number on the page. */
export interface ReportPlace extends Omit<Place, 'continentCode' | 'precision'> {
  /** city, region, country or origin. */
  precision: string
  /** Only where a host cannot be at this place: how far from the origin it is at most, the largest of such hosts, km. */
  reachKm?: number
}

/** Flows with the same source place, target place, application, transport and severity share one route: one arc on the globe. */
export interface Routes {
  count: number
  /** Index in Report.places of the client's place. */
  source: Int32Array
  /** Index in Report.places of the server's place. */
  target: Int32Array
  /** Index in Report.applications. */
  application: Uint16Array
  /** Index in Report.transports. */
  transport: Uint16Array
  /** Bytes of the whole capture. */
  bytes: Float64Array
  /** Highest severity of an alert on a flow of the route: 0 none, 1 info, 2 low, 3 medium, 4 high. */
  severity: Uint8Array
  /** Shape of the arc, see routes.ts. */
  geometry: Float32Array
}

export interface Timeline {
  firstUs: number
  /** From the first packet to the last, at least 1. */
  durationUs: number
  tickUs: number
  ticks: number
  /** Length of the time window that the sidebar and the globe show as the current moment. */
  momentUs: number
  /** The span with the packets, when nearly all of the capture is one pause (main-span.ts). */
  main: TimeSpan | null
  /** Long pauses in which nothing was captured (gaps.ts). */
  gaps: TimeSpan[]
  /** After a clock jump, the parts of the capture between the jumps, microseconds since the epoch, and the one that is shown; else none. */
  eras: TimeSpan[]
  shownEra: number | null
  /** Histogram: bins x applications, one bin after the other. */
  bins: number
  binBytes: Float64Array
}

export interface Report {
  meta: Record<string, string>
  places: ReportPlace[]
  /** Index in places of the origin, or -1. */
  origin: number
  /** Whether traffic between the origin and another place exists: only then is the origin drawn. */
  isOriginDrawn: boolean
  /** In order of rank: most bytes first. Flows without a known application count as "other tcp", "icmp", ... */
  applications: string[]
  transports: string[]
  routes: Routes
  timeline: Timeline
  alerts: AlertMark[]
  /** Rows of the database that are not shown because they contain an impossible value, by table. */
  leftOut: Record<string, number>
}

/** A row of `alerts`: its rule, severity, title and times. */
export interface Finding {
  id: number
  rule: string
  /** info, low, medium or high. */
  severity: string
  title: string
  firstUs: number
  lastUs: number
}

/** The part of an alert that marks on the timeline and the globe need. */
export interface AlertMark extends Finding {
  /** Addresses; null for none. */
  source: string | null
  target: string | null
  /** Findings of one story share it. */
  storyId: number
  /** Indexes in Report.routes of the flows that belong to it. */
  routes: number[]
}

/** "Nairobi, Kenya", or the parts that are known. */
export function placeName(place: ReportPlace): string {
  const local = place.city ?? place.region
  const name = local && place.country && local !== place.country ? `${local}, ${place.country}` : (local ?? place.country)
  return name ?? `${place.latitudeDeg.toFixed(2)}, ${place.longitudeDeg.toFixed(2)}`
}

/** "Nairobi"; if only the country is known, a text that says so. */
export function shortPlaceName(place: ReportPlace): string {
  const local = place.city ?? place.region
  if (place.precision === 'country' || !local) return place.country ? `${place.country} (country)` : placeName(place)
  return local
}
