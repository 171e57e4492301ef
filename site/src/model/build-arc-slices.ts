// Activity of the flows that pass the filter -> what is drawn at each position (arc-slices.ts). Pure: runs in the worker, tested in Node.
import { type ArcSliceOptions, type ArcSlices, ENTRY, type Hidden } from './arc-slices.ts'
import type { ActivityColumns, FlowColumns } from './flow-columns.ts'
import type { ReportPlace, Routes, Timeline } from './report.ts'
import { type Grouping, groupingsOf, groupRoutes, representatives } from './route-groups.ts'
import { rowsOfTick } from './timeline.ts'
import { weightOf } from './weight.ts'

/** Approximate number of slices in a capture; at the default speed a slice lasts a quarter of a second. */
const SLICES = 120

/** The activity of a route within one slice, extended to its next activity if the pause is shorter than the trail. */
interface Segments {
  count: number
  route: Int32Array
  start: Float32Array
  end: Float32Array
  /** 1 if no segment of the route follows directly: the segment then has a trail. */
  lingers: Uint8Array
  bytes: Float64Array
  startBytes: Float64Array
  endBytes: Float64Array
}

/** The columns that arcs are computed from. */
export interface ArcSource {
  flows: FlowColumns
  activity: ActivityColumns
  routes: Routes
  routeOfFlow: Int32Array
  /** Of the routes' ends, to join routes where they are too many; undefined: they are not joined. */
  places?: ReportPlace[]
  timeline: Timeline
  /** Index in Report.places of each host, or -1. */
  hostPlace: Int32Array
  /** Index in Report.places, or -1. */
  origin: number
}

/** `mask` has 1 for each flow that passes; null: all pass. Yields between its parts. */
export function* buildArcSlices(
  source: ArcSource,
  mask: Uint8Array | null,
  { trailSeconds, mostArcs }: ArcSliceOptions,
): Generator<void, ArcSlices> {
  const { routes, timeline } = source
  const ticksPerSlice = Math.max(1, Math.ceil(timeline.ticks / SLICES))
  const slices = Math.max(1, Math.ceil(timeline.ticks / ticksPerSlice))
  const sliceSeconds = (ticksPerSlice * timeline.tickUs) / 1e6
  const hidden = { unlocated: noTraffic(slices), local: noTraffic(slices) }
  let segments = buildSegments(source, mask, ticksPerSlice, hidden)
  yield
  joinSegments(segments, routes.count, trailSeconds)
  yield
  let grouping: Grouping = 'route'
  if (source.places)
    for (grouping of groupingsOf(source.places)) {
      if (grouping !== 'route') {
        segments = buildSegments(grouped(source, source.places, grouping), mask, ticksPerSlice, null)
        joinSegments(segments, routes.count, trailSeconds)
        yield
      }
      if (mostAtOnce(segments, slices, sliceSeconds, trailSeconds) <= mostArcs) break
    }
  yield
  return {
    ...(yield* layOut(segments, routes, slices, sliceSeconds, trailSeconds, mostArcs)),
    ...countPlaces(source, mask, hidden),
    ...hidden,
    grouping,
    whole: null,
    sliceSeconds,
    trailSeconds,
  }
}

/** Each flow on the route that stands for its group. */
function grouped(source: ArcSource, places: ReportPlace[], grouping: Grouping): ArcSource {
  const { groupOf, count } = groupRoutes({ routes: source.routes, places }, grouping)
  const of = representatives(groupOf, count, source.routes.bytes)
  return { ...source, routeOfFlow: source.routeOfFlow.map((route) => (route < 0 ? route : of[groupOf[route]])) }
}

/** The largest number of segments in a slice. */
function mostAtOnce({ count, start, end, lingers }: Segments, slices: number, sliceSeconds: number, trailSeconds: number): number {
  const sizes = new Int32Array(slices + 1)
  for (let index = 0; index < count; index++) {
    const { from, to } = slicesOf(start[index], end[index] + (lingers[index] ? trailSeconds : 0), sliceSeconds, slices)
    sizes[from]++
    sizes[to + 1]--
  }
  let now = 0
  let most = 0
  for (const step of sizes) {
    now += step
    most = Math.max(most, now)
  }
  return most
}

/** First and last slice in which something is visible from `start` to `seenUntil`. */
function slicesOf(start: number, seenUntil: number, sliceSeconds: number, slices: number): { from: number; to: number } {
  const from = Math.min(slices - 1, Math.floor(start / sliceSeconds + 1e-6))
  return { from, to: Math.min(slices - 1, Math.max(from, Math.ceil(seenUntil / sliceSeconds - 1e-6) - 1)) }
}

function noTraffic(slices: number): Hidden {
  return { bytes: 0, flows: 0, sliceBytes: new Float64Array(slices) }
}

interface AllHidden {
  unlocated: Hidden
  local: Hidden
}

/** The sum that counts a flow without an arc; null for a flow that has one. */
function hiddenOf({ flows, origin }: ArcSource, flow: number, hidden: AllHidden): Hidden | null {
  const source = flows.sourcePlace[flow]
  const target = flows.targetPlace[flow]
  if (source < 0 || target < 0) return hidden.unlocated
  return source === origin && target === origin ? hidden.local : null
}

/** `hidden` takes the traffic without an arc, slice by slice; null: it has been counted. */
function buildSegments(source: ArcSource, mask: Uint8Array | null, ticksPerSlice: number, hidden: AllHidden | null): Segments {
  const { activity, routeOfFlow, routes, timeline } = source
  const tickSeconds = timeline.tickUs / 1e6
  const most = activity.count // each row makes at most one segment
  const route = new Int32Array(most)
  const start = new Float32Array(most)
  const end = new Float32Array(most)
  const bytes = new Float64Array(most)
  const openIn = new Int32Array(routes.count).fill(-1)
  let count = 0
  for (let tick = 0, slice = 0, first = 0; tick < timeline.ticks; tick++) {
    if (tick >= (slice + 1) * ticksPerSlice) {
      slice++
      first = count
    }
    if (tick + 1 >= activity.tickStart.length) break
    const { from, to } = rowsOfTick(activity, tick)
    for (let row = from; row < to; row++) {
      const flow = activity.flow[row]
      if (mask && !mask[flow]) continue
      const its = routeOfFlow[flow]
      const off = hidden && hiddenOf(source, flow, hidden)
      if (off) off.sliceBytes[slice] += activity.bytes[row]
      if (its < 0) continue
      let index = openIn[its]
      if (index < first) {
        index = count++
        openIn[its] = index
        route[index] = its
        start[index] = tick * tickSeconds
      }
      end[index] = (tick + 1) * tickSeconds
      bytes[index] += activity.bytes[row]
    }
  }
  return {
    count,
    route: route.subarray(0, count),
    start: start.subarray(0, count),
    end: end.subarray(0, count),
    lingers: new Uint8Array(count).fill(1),
    bytes: bytes.subarray(0, count),
    startBytes: bytes.slice(0, count),
    endBytes: bytes.slice(0, count),
  }
}

/** Joins segments of a route when the pause between them is shorter than the trail. */
function joinSegments(segments: Segments, routes: number, trailSeconds: number): void {
  const { count, route, start, end, lingers, bytes, startBytes, endBytes } = segments
  const previous = new Int32Array(routes).fill(-1)
  for (let index = 0; index < count; index++) {
    const before = previous[route[index]]
    if (before >= 0 && start[index] - end[before] <= trailSeconds) {
      const edge = (bytes[before] + bytes[index]) / 2
      end[before] = start[index]
      lingers[before] = 0
      endBytes[before] = edge
      startBytes[index] = edge
    }
    previous[route[index]] = index
  }
}

/**
 * Segments -> entries. A segment is copied into every slice in which it is visible, so that each frame draws one contiguous range of the
 * buffer. This costs memory, but no frame draws an entry that is not visible. Alerts come last, so that they are drawn on top.
 */
function* layOut(segments: Segments, routes: Routes, slices: number, sliceSeconds: number, trailSeconds: number, mostArcs: number) {
  const { count, route, start, end, lingers, startBytes, endBytes } = segments
  // First and last slice of each segment.
  const from = new Int32Array(count)
  const to = new Int32Array(count)
  const sizes = new Int32Array(slices)
  for (let index = 0; index < count; index++) {
    const seen = slicesOf(start[index], end[index] + (lingers[index] ? trailSeconds : 0), sliceSeconds, slices)
    from[index] = seen.from
    to[index] = seen.to
    for (let slice = from[index]; slice <= to[index]; slice++) sizes[slice]++
  }
  const leftOut = Int32Array.from(sizes, (size) => Math.max(0, size - mostArcs))
  yield
  const limits = leftOut.some((left) => left > 0) ? rankLimits() : null
  yield

  /** For each slice the rank from which routes are not drawn: routes are ranked by severity, then bytes. */
  function rankLimits() {
    const order = Int32Array.from({ length: routes.count }, (_, index) => index).sort(
      (a, b) => routes.severity[b] - routes.severity[a] || routes.bytes[b] - routes.bytes[a] || a - b,
    )
    const rank = new Int32Array(routes.count)
    order.forEach((its, place) => {
      rank[its] = place
    })
    const bySlice = sizes.reduce<Int32Array[]>((all, size) => {
      all.push(new Int32Array(size))
      return all
    }, [])
    const filled = new Int32Array(slices)
    for (let index = 0; index < count; index++)
      for (let slice = from[index]; slice <= to[index]; slice++) bySlice[slice][filled[slice]++] = rank[route[index]]
    const below = bySlice.map((ranks) => (ranks.length > mostArcs ? ranks.sort()[mostArcs] : routes.count))
    return { rank, below }
  }

  const passes = (index: number, slice: number) => !limits || limits.rank[route[index]] < limits.below[slice]
  const sliceStart = new Int32Array(slices + 1)
  for (let index = 0; index < count; index++)
    for (let slice = from[index]; slice <= to[index]; slice++) if (passes(index, slice)) sliceStart[slice + 1]++
  let most = 0
  for (let slice = 0; slice < slices; slice++) {
    most = Math.max(most, sliceStart[slice + 1])
    leftOut[slice] = sizes[slice] - sliceStart[slice + 1]
    sliceStart[slice + 1] += sliceStart[slice]
  }
  yield
  const entries = new Float32Array(sliceStart[slices] * ENTRY)
  const next = sliceStart.slice()
  const place = (isGrave: boolean) => {
    for (let index = 0; index < count; index++) {
      if (routes.severity[route[index]] > 0 !== isGrave) continue
      const style = packStyle(lingers[index] === 1, weightOf(startBytes[index]), weightOf(endBytes[index]))
      for (let slice = from[index]; slice <= to[index]; slice++) {
        if (!passes(index, slice)) continue
        const at = next[slice]++ * ENTRY
        entries[at] = route[index]
        entries[at + 1] = start[index]
        entries[at + 2] = end[index]
        entries[at + 3] = style
      }
    }
  }
  place(false)
  yield
  if (routes.severity.some((severity) => severity > 0)) place(true)
  return { entries, sliceStart, leftOut, most }
}

/** Packs three values into an exact float: bit 0: has a trail, bits 1-7: weight (0 to 1) at the start, bits 8-14: weight at the end; FAINT comes above. */
export function packStyle(lingers: boolean, start: number, end: number): number {
  return (lingers ? 1 : 0) + 2 * Math.round(start * 127) + 256 * Math.round(end * 127)
}

/** Sums for the whole capture: traffic without an arc, and bytes and hosts of each place. */
function countPlaces(source: ArcSource, mask: Uint8Array | null, hidden: AllHidden) {
  const { flows, hostPlace } = source
  const places = hostPlace.reduce((most, place) => Math.max(most, place + 1), 0)
  const placeBytes = new Float64Array(places)
  const placeHosts = new Int32Array(places)
  const isSeen = new Uint8Array(hostPlace.length)
  for (let flow = 0; flow < flows.count; flow++) {
    if (mask && !mask[flow]) continue
    const from = flows.sourcePlace[flow]
    const to = flows.targetPlace[flow]
    const bytes = flows.bytes[flow]
    if (from >= 0) placeBytes[from] += bytes
    if (to >= 0 && to !== from) placeBytes[to] += bytes
    const off = hiddenOf(source, flow, hidden)
    if (off) {
      off.bytes += bytes
      off.flows++
    }
    isSeen[flows.clientHost[flow]] = 1
    isSeen[flows.serverHost[flow]] = 1
  }
  for (let host = 0; host < hostPlace.length; host++) if (isSeen[host] && hostPlace[host] >= 0) placeHosts[hostPlace[host]]++
  return { placeBytes, placeHosts }
}
