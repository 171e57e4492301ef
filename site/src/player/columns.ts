// Rows of the database -> the typed columns that are drawn. Pure: runs in the worker, tested in Node.
import type { Lanes, Report, ReportPlace, Segments, Timeline } from './report.ts'

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

/** About how many slices a whole capture has; at the default speed one lasts a quarter of a second. */
const SLICES = 120
/** A moment is this part of the capture: half a second at the default speed. */
const MOMENTS = 60
/** Bars of the histogram, at most. */
const BINS = 480

export interface Drawable {
  lanes: Lanes
  segments: Segments
  timeline: Timeline
  /** Lane of each flow, -1 when an end is not located. */
  laneOfFlow: Int32Array
  /** Segment of each activity row, -1 when its flow has no lane. */
  segmentOfRow: Int32Array
}

/** Groups flows into lanes and activity into segments and bins. `durationUs` is last - first of the capture. */
export function buildDrawable(
  flows: FlowColumns,
  activity: ActivityColumns,
  applications: number,
  clock: { firstUs: number; durationUs: number; tickUs: number },
): Drawable {
  const { lanes, laneOfFlow } = buildLanes(flows)
  const ticks = activity.tickStart.length - 1
  const timeline: Timeline = {
    ...clock,
    ticks,
    momentUs: Math.max(1, clock.durationUs / MOMENTS),
    ...buildBins(flows, activity, applications, ticks),
  }
  return { lanes, laneOfFlow, timeline, ...buildSegments(activity, laneOfFlow, lanes.count, timeline) }
}

function buildLanes(flows: FlowColumns): { lanes: Lanes; laneOfFlow: Int32Array } {
  const laneOfFlow = new Int32Array(flows.count).fill(-1)
  const byKey = new Map<string, number>()
  const first: number[] = []
  for (let flow = 0; flow < flows.count; flow++) {
    const source = flows.sourcePlace[flow]!
    const target = flows.targetPlace[flow]!
    if (source < 0 || target < 0) continue
    const key = `${source} ${target} ${flows.application[flow]} ${flows.transport[flow]}`
    let lane = byKey.get(key)
    if (lane === undefined) {
      lane = first.push(flow) - 1
      byKey.set(key, lane)
    }
    laneOfFlow[flow] = lane
  }
  const lanes: Lanes = {
    count: first.length,
    source: Int32Array.from(first, (flow) => flows.sourcePlace[flow]!),
    target: Int32Array.from(first, (flow) => flows.targetPlace[flow]!),
    application: Uint16Array.from(first, (flow) => flows.application[flow]!),
    transport: Uint16Array.from(first, (flow) => flows.transport[flow]!),
    bytes: new Float64Array(first.length),
  }
  for (let flow = 0; flow < flows.count; flow++) if (laneOfFlow[flow]! >= 0) lanes.bytes[laneOfFlow[flow]!]! += flows.bytes[flow]!
  return { lanes, laneOfFlow }
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

interface Segment {
  lane: number
  slice: number
  firstTick: number
  lastTick: number
  bytes: number
}

function buildSegments(activity: ActivityColumns, laneOfFlow: Int32Array, lanes: number, timeline: Timeline) {
  const ticksPerSlice = Math.max(1, Math.ceil(timeline.ticks / SLICES))
  const slices = Math.max(1, Math.ceil(timeline.ticks / ticksPerSlice))
  const tickSeconds = timeline.tickUs / 1e6
  const sliceSeconds = ticksPerSlice * tickSeconds
  const linger = timeline.momentUs / 1e6

  const segments: Segment[] = []
  const sliceStart = new Int32Array(slices + 1)
  const openIn = new Int32Array(lanes).fill(-1)
  const segmentOfRow = new Int32Array(activity.count).fill(-1)
  for (let slice = 0; slice < slices; slice++) {
    sliceStart[slice] = segments.length
    const from = segments.length
    for (let tick = slice * ticksPerSlice; tick < Math.min(timeline.ticks, (slice + 1) * ticksPerSlice); tick++) {
      for (let row = activity.tickStart[tick]!; row < activity.tickStart[tick + 1]!; row++) {
        const lane = laneOfFlow[activity.flow[row]!]!
        if (lane < 0) continue
        let index = openIn[lane]!
        if (index < from) {
          index = segments.push({ lane, slice, firstTick: tick, lastTick: tick, bytes: 0 }) - 1
          openIn[lane] = index
        }
        segmentOfRow[row] = index
        segments[index]!.lastTick = tick
        segments[index]!.bytes += activity.bytes[row]!
      }
    }
  }
  sliceStart[slices] = segments.length

  const count = segments.length
  const out: Segments = {
    count,
    lane: Int32Array.from(segments, (segment) => segment.lane),
    startSeconds: Float32Array.from(segments, (segment) => segment.firstTick * tickSeconds),
    endSeconds: Float32Array.from(segments, (segment) => (segment.lastTick + 1) * tickSeconds),
    lingerSeconds: new Float32Array(count).fill(linger),
    bytes: Float64Array.from(segments, (segment) => segment.bytes),
    startBytes: Float32Array.from(segments, (segment) => segment.bytes),
    endBytes: Float32Array.from(segments, (segment) => segment.bytes),
    sliceStart,
    sliceSeconds,
    reachSlices: Math.ceil(linger / sliceSeconds),
  }
  // A pause shorter than the afterglow is no pause: the segment goes on until the next one of its lane begins.
  const previous = new Int32Array(lanes).fill(-1)
  for (let index = 0; index < count; index++) {
    const before = previous[out.lane[index]!]!
    if (before >= 0 && out.startSeconds[index]! - out.endSeconds[before]! <= linger) {
      const edge = (out.bytes[before]! + out.bytes[index]!) / 2
      out.endSeconds[before] = out.startSeconds[index]!
      out.lingerSeconds[before] = 0
      out.endBytes[before] = edge
      out.startBytes[index] = edge
    }
    previous[out.lane[index]!] = index
  }
  return { segments: out, segmentOfRow }
}

/** First and last + 1 segment that may be seen at a time: a contiguous stretch, so drawing can leave out all others. */
export function segmentWindow(segments: Segments, seconds: number): [number, number] {
  const slices = segments.sliceStart.length - 1
  const slice = Math.min(slices - 1, Math.max(0, Math.floor(seconds / segments.sliceSeconds)))
  return [segments.sliceStart[Math.max(0, slice - segments.reachSlices)]!, segments.sliceStart[slice + 1]!]
}

/** Whether a segment is seen at a time: until its end, its afterglow included. The shader in arcs.ts makes the same cut. */
export function isSeen(segments: Segments, index: number, seconds: number): boolean {
  const end = segments.endSeconds[index]!
  const linger = segments.lingerSeconds[index]!
  return segments.startSeconds[index]! <= seconds && (seconds < end || (linger > 0 && seconds <= end + linger))
}

/** Segments seen at a time, ascending. */
export function segmentsAt(segments: Segments, seconds: number): number[] {
  const [from, to] = segmentWindow(segments, seconds)
  const seen: number[] = []
  for (let index = from; index < to; index++) if (isSeen(segments, index, seconds)) seen.push(index)
  return seen
}

/** Index of the place private hosts stand at, or -1. */
export function originOf(places: ReportPlace[]): Report['origin'] {
  return places.findIndex((place) => place.precision === 'origin')
}
