// Rows of the database -> the typed columns that are drawn. Pure: runs in the worker, tested in Node.
import { buildLanes, type FlowLanes } from './lanes.ts'
import type { Report, ReportPlace, Timeline } from './report.ts'

/** Flows by row number (0, 1, ...): one entry per conversation. */
export interface FlowColumns {
  count: number
  /** `flows.id`. */
  id: Float64Array
  /** Index in ReportColumns.places, or -1 for a host that is not located. */
  sourcePlace: Int32Array
  targetPlace: Int32Array
  application: Uint16Array
  transport: Uint16Array
  /** Row number in the host columns. */
  clientHost: Int32Array
  serverHost: Int32Array
  bytes: Float64Array
  packets: Float64Array
}

/** Activity by row number, ascending by tick. Rows of tick t are [tickStart[t], tickStart[t + 1]). */
export interface ActivityColumns {
  count: number
  tickStart: Int32Array
  flow: Int32Array
  bytes: Float64Array
  packets: Float64Array
  /** The part of bytes and packets that the client sent. */
  clientBytes: Float64Array
  clientPackets: Float64Array
}

/** A moment is this part of the capture: half a second at the default speed. */
const MOMENTS = 60
/** Bars of the histogram, at most. */
const BINS = 480

export interface Drawable extends FlowLanes {
  timeline: Timeline
}

/** `durationUs` is last - first of the capture. */
export interface TimelineClock {
  firstUs: number
  durationUs: number
  tickUs: number
  momentUs?: number
}

/** Groups flows into lanes and activity into bins. `severity` has the gravest alert of each flow (lanes.ts), null where there are none. */
export function buildDrawable(
  flows: FlowColumns,
  activity: ActivityColumns,
  { places, applications, severity }: { places: ReportPlace[]; applications: number; severity: Uint8Array | null },
  clock: TimelineClock,
): Drawable {
  return { ...buildLanes(flows, places, severity), timeline: buildTimeline(flows, activity, applications, clock) }
}

export function buildTimeline(flows: FlowColumns, activity: ActivityColumns, applications: number, clock: TimelineClock): Timeline {
  const ticks = activity.tickStart.length - 1
  return { momentUs: Math.max(1, clock.durationUs / MOMENTS), ...clock, ticks, ...buildBins(flows, activity, applications, ticks) }
}

/** Histogram of the flows with a 1 in `mask`, or of all. */
export function buildBins(flows: FlowColumns, activity: ActivityColumns, applications: number, ticks: number, mask?: Uint8Array) {
  const bins = Math.max(1, Math.min(BINS, ticks))
  const binBytes = new Float64Array(bins * applications)
  for (let tick = 0; tick < ticks; tick++) {
    const bin = Math.floor((tick * bins) / ticks)
    for (let row = activity.tickStart[tick]!; row < activity.tickStart[tick + 1]!; row++)
      if (!mask || mask[activity.flow[row]!])
        binBytes[bin * applications + flows.application[activity.flow[row]!]!]! += activity.bytes[row]!
  }
  return { bins, binBytes }
}

/** Index of the place private hosts stand at, or -1. */
export function originOf(places: ReportPlace[]): Report['origin'] {
  return places.findIndex((place) => place.precision === 'origin')
}
