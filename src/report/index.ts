// Database -> the facts of a report. They are read back, so that pages, terminal and the database always agree.
import type { Span } from '../flows/spans.ts'
import { type AlertRow, readAlerts, readStories } from '../store/read-alerts.ts'
import { type HealthRow, type HostRow, type PlaceRow, readHealth, readHosts, readPlaces } from '../store/read-hosts.ts'
import { type CaptureRow, type Meta, readCaptures, readMeta } from '../store/read-meta.ts'
import { type NotableFlows, readNotableFlows } from '../store/read-notable-flows.ts'
import { readStations, type StationRow } from '../store/read-stations.ts'
import { type CountryRow, type LargestFlow, readLargestFlow, readTimeline, readTraffic, type TrafficRow } from '../store/read-traffic.ts'
import type { SqlDatabase } from '../types.ts'
import type { Incident } from './incident.ts'
import { readIncidents } from './incidents.ts'

/** How many rows a report lists of each kind; the database has them all. */
export const TOP = 20
export const HEALTH_ROWS = 10
export const STATION_ROWS = 10

/** Places on the map of the printed report. */
const MAP_PLACES = 150

/** Most bars of the timeline. */
const TIMELINE_BINS = 120

/** What the sentences of a report are made of (story.ts); the page reads these alone. */
export interface StoryFacts extends Meta {
  /** Last minus first packet time; null without packets. */
  durationUs: number | null
  captures: CaptureRow[]
  /** Packets read, by what became of them: in a conversation, or skipped and why. They add up to `packets`. */
  coverage: { reason: string | null; packets: number }[]
  /** Bytes of all conversations: the whole for all shares. */
  ipBytes: number
  /** The first TOP countries; then rows without a country (origin, unlocated, without a place), each only if it has hosts. */
  countries: CountryRow[]
  countryCount: number
  /** The busiest first, at most TOP. */
  hostRows: HostRow[]
  applications: TrafficRow[]
  applicationCount: number
  transports: TrafficRow[]
  largest: LargestFlow | null
  /** The first finding of each story, the gravest first; not all. */
  stories: AlertRow[]
  /** All findings by severity. */
  severityCounts: Record<string, number>
  /** Bytes in each span of `spanUs` from mainFirstUs on; empty without packets. */
  timeline: number[]
  spanUs: number
}

export interface Report extends StoryFacts {
  /** Public hosts without a place, at most TOP; publicHosts - locatedHosts is how many there are. */
  unlocatedRows: HostRow[]
  /** Servers by the health of their TCP conversations, at most HEALTH_ROWS. */
  healthRows: HealthRow[]
  /** Senders of frames without IP, at most STATION_ROWS; empty where there are as many hosts. */
  stationRows: StationRow[]
  /** The busiest first, at most MAP_PLACES. */
  places: PlaceRow[]
  alerts: AlertRow[]
  /** The gravest first; empty where no finding is of medium or high severity. */
  incidents: Incident[]
}

/** @param healthRows where another thread reads them: none */
export function summarize(db: SqlDatabase, healthRows = readHealth(db, HEALTH_ROWS)): Report {
  const alerts = readAlerts(db)
  const notable = readNotableFlows(db)
  return {
    ...readStoryFacts(db, notable, alerts),
    unlocatedRows: readHosts(db, TOP, 'unlocated', notable.own),
    healthRows,
    stationRows: readStations(db, STATION_ROWS),
    places: readPlaces(db, MAP_PLACES),
    alerts,
    incidents: readIncidents(db, alerts),
  }
}

/** @param alerts all of the database, where they are read already @param shown the part that charts show, if not the main one */
export function readStoryFacts(
  db: SqlDatabase,
  notable: NotableFlows = readNotableFlows(db),
  alerts?: AlertRow[],
  shown?: Span,
): StoryFacts {
  const meta = { ...readMeta(db), ...(shown && { mainFirstUs: shown.fromUs, mainLastUs: shown.toUs }) }
  const captures = readCaptures(db)
  const isCountry = ({ kind }: CountryRow) => kind === 'country'
  const { countries, applications, transports } = readTraffic(db)
  const { firstUs, lastUs, mainFirstUs, tickUs } = meta
  const fromTick = firstUs === null || mainFirstUs === null || tickUs === 0 ? 0 : Math.floor((mainFirstUs - firstUs) / tickUs)
  const ticks = mainTicks(meta)
  const ticksPerBin = Math.max(1, Math.ceil(ticks / TIMELINE_BINS))
  const { heads, counts } = readStories(db, TOP, alerts)
  return {
    ...meta,
    durationUs: firstUs === null || lastUs === null ? null : lastUs - firstUs,
    captures,
    coverage: coverageOf(captures),
    ipBytes: transports.reduce((sum, { bytes }) => sum + bytes, 0),
    countries: [...countries.filter(isCountry).slice(0, TOP), ...countries.filter((row) => !isCountry(row))],
    countryCount: countries.filter(isCountry).length,
    hostRows: readHosts(db, TOP, 'all', notable.own),
    applications: applications.slice(0, TOP),
    applicationCount: applications.length,
    transports,
    largest: readLargestFlow(db, notable.largestId),
    stories: heads,
    severityCounts: counts,
    timeline: readTimeline(db, fromTick, ticks, ticksPerBin),
    spanUs: ticksPerBin * tickUs,
  }
}

/** Number of ticks in the part that has packets. */
export function mainTicks({ mainFirstUs, mainLastUs, tickUs, ticks }: Meta): number {
  if (mainFirstUs === null || mainLastUs === null || tickUs === 0) return 0
  return Math.min(ticks, Math.floor((mainLastUs - mainFirstUs) / tickUs) + 1)
}

function coverageOf(captures: CaptureRow[]): Report['coverage'] {
  const skipped = new Map<string, number>()
  for (const { reason, packets } of captures.flatMap((capture) => capture.skipped))
    skipped.set(reason, (skipped.get(reason) ?? 0) + packets)
  const reasons = [...skipped].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([reason, packets]) => ({ reason, packets }))
  return [{ reason: null, packets: captures.reduce((sum, { ipPackets }) => sum + ipPackets, 0) }, ...reasons]
}
