// What the page knows of a capture: made once in the worker from the database, handed to the main thread as typed columns.
import type { TimeSpan } from './selection.ts'

/** A row of `places`, with its index in Report.places as its number on the page. */
export interface ReportPlace {
  latitudeDeg: number
  longitudeDeg: number
  city: string | null
  region: string | null
  countryCode: string | null
  country: string | null
  /** IANA name. */
  timeZone: string | null
  /** Radius the geolocation database gives, null if it gives none. */
  accuracyKm: number | null
  /** city, region, country or origin. */
  precision: string
}

/** Flows with the same source place, target place, application and transport share one lane: one arc on the globe. */
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
  /** Over the whole capture. */
  bytes: Float64Array
  /** Gravest alert that shows a flow of the lane: 0 none, 1 info, 2 low, 3 medium, 4 high. */
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
  /** "Now" in the sidebar and on the globe reaches this far back: a packet lasts no time, an eye needs some. */
  momentUs: number
  /** Where the packets are, when nearly all of the capture is one pause (main-span.ts). */
  main: TimeSpan | null
  /** Histogram: bins x applications, row after row. */
  bins: number
  binBytes: Float64Array
}

export interface Report {
  meta: Record<string, string>
  places: ReportPlace[]
  /** Index in places of the origin, or -1. */
  origin: number
  /** Ascending by rank: most bytes first. Flows without a known application count under "other tcp", "icmp", ... */
  applications: string[]
  transports: string[]
  lanes: Routes
  timeline: Timeline
  alerts: AlertMark[]
  /** Rows of the database that are not shown because a value in them cannot be true, by table. */
  leftOut: Record<string, number>
}

/** A row of `alerts`: what it says and when. */
export interface Finding {
  id: number
  rule: string
  /** info, low, medium or high. */
  severity: string
  title: string
  firstUs: number
  lastUs: number
}

/** As much of it as marks on the timeline and the globe need. */
export interface AlertMark extends Finding {
  /** Addresses; null: none. */
  source: string | null
  target: string | null
  /** Indexes in Report.lanes of the flows that show it. */
  lanes: number[]
}

/** "Nairobi, Kenya", or as much of it as is known. */
export function placeName(place: ReportPlace): string {
  const local = place.city ?? place.region
  const name = local && place.country && local !== place.country ? `${local}, ${place.country}` : (local ?? place.country)
  return name ?? `${place.latitudeDeg.toFixed(2)}, ${place.longitudeDeg.toFixed(2)}`
}

/** "Nairobi"; a country where no more is known, and said to be only that. */
export function shortPlaceName(place: ReportPlace): string {
  const local = place.city ?? place.region
  if (place.precision === 'country' || !local) return place.country ? `${place.country} (country)` : placeName(place)
  return local
}
