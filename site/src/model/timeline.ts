// Rows of the database -> the typed columns of the timeline. Pure: runs in the worker, tested in Node.
import type { ActivityColumns, FlowColumns } from './flow-columns.ts'
import type { Report, ReportPlace, Timeline } from './report.ts'
import type { TimeSpan } from './selection.ts'

/** `momentUs` is the duration divided by this: half a second of playback at the default speed. */
const MOMENTS = 60
/** Most bars of the histogram. */
const BINS = 480

/** `durationUs` is the capture's last time minus its first. */
export interface TimelineClock {
  firstUs: number
  durationUs: number
  tickUs: number
  momentUs?: number
}

export function buildTimeline(flows: FlowColumns, activity: ActivityColumns, applications: number, clock: TimelineClock): Timeline {
  const ticks = activity.tickStart.length - 1
  return {
    momentUs: Math.max(1, clock.durationUs / MOMENTS),
    main: null,
    gaps: [],
    eras: [],
    shownEra: null,
    ...clock,
    ticks,
    ...buildBins(flows, activity, applications, ticks),
  }
}

/** Histogram of the flows with a 1 in `mask`; null: of all. */
export function buildBins(flows: FlowColumns, activity: ActivityColumns, applications: number, ticks: number, mask?: Uint8Array) {
  const bins = Math.max(1, Math.min(BINS, ticks))
  const binBytes = new Float64Array(bins * applications)
  for (let tick = 0; tick < ticks; tick++) {
    const bin = Math.floor((tick * bins) / ticks)
    const { from, to } = rowsOfTick(activity, tick)
    for (let row = from; row < to; row++)
      if (!mask || mask[activity.flow[row]]) binBytes[bin * applications + flows.application[activity.flow[row]]] += activity.bytes[row]
  }
  return { bins, binBytes }
}

/** The rows of a tick, or of all up to another one, without those that happened outside the timeline. */
export function rowsOfTick({ tickStart, inside }: ActivityColumns, tick: number, untilTick = tick + 1): { from: number; to: number } {
  const [from, to] = [tickStart[tick], tickStart[untilTick]]
  return inside ? { from: Math.max(from, inside.from), to: Math.min(to, inside.to) } : { from, to }
}

/** The ticks that have a part in a span, [fromTick, toTick); null for the whole capture. A span up to the end has the last packet, too. */
export function ticksOf(
  span: TimeSpan | null,
  { tickUs, ticks, durationUs }: Pick<Timeline, 'tickUs' | 'ticks' | 'durationUs'>,
): { fromTick: number; toTick: number } | null {
  return span && { fromTick: Math.floor(span.fromUs / tickUs), toTick: span.toUs < durationUs ? Math.ceil(span.toUs / tickUs) : ticks }
}

/** Index of the place of private hosts, or -1. */
export function originOf(places: ReportPlace[]): Report['origin'] {
  return places.findIndex((place) => place.precision === 'origin')
}
