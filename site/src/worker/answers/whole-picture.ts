// The flows that pass the filter, within the span -> one weighted picture of the whole period: each arc has all bytes of its routes.
import { type ArcSlices, ENTRY, FAINT, type Hidden, type Share } from '../../model/arc-slices.ts'
import { packStyle } from '../../model/build-arc-slices.ts'
import type { Report } from '../../model/report.ts'
import { type Grouping, groupingsOf, groupRoutes } from '../../model/route-groups.ts'
import { ALERT_SEVERITY } from '../../model/routes.ts'
import { ticksOf } from '../../model/timeline.ts'
import type { Questions, Scope } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'
import { eachFlow, Sums } from './counting.ts'

/** An entry is seen at every time. */
const ALWAYS_SECONDS = 1e30

/** The thinnest arc, as a share of the widest. */
const LEAST_WEIGHT = 0.04

/** Arcs with a label; where there are more, the others are faint. */
const LABELLED = 20

/** What a picture counts, whatever its arcs stand for. */
interface Counted {
  scope: string
  byRoute: Sums
  placeBytes: Float64Array<ArrayBuffer>
  placeHosts: Int32Array<ArrayBuffer>
  unlocated: Hidden
  local: Hidden
}

/** The last one of each report: a step of the zoom asks for the same flows, joined in another way. */
const lastCounted = new WeakMap<Report, Counted>()

/** `mostArcs`: routes are joined as far as it takes to have no more (route-groups.ts); `by`: what the widths are. */
export function* buildWholePicture(
  open: OpenReport,
  { filterText, span, mostArcs, by }: Questions['whole']['question'],
): Generator<void, ArcSlices> {
  const { placeBytes, placeHosts, unlocated, local, byRoute } = yield* count(open, { filterText, span })
  let groups = collect(open, byRoute, 'route', by)
  for (const grouping of groupingsOf(open.report.places)) {
    if (groups.order.length <= mostArcs) break
    groups = collect(open, byRoute, grouping, by)
    yield
  }
  return { ...layOut(open, groups, by), unlocated, local, placeBytes, placeHosts }
}

function* count(open: OpenReport, { filterText, span }: Scope): Generator<void, Counted> {
  const { rows, report, routeOfFlow, matches } = open
  const { flows, hosts } = rows
  const { routes, places, origin, timeline } = report
  const scope = JSON.stringify([filterText, span])
  const known = lastCounted.get(report)
  if (known?.scope === scope) return known
  const byRoute = new Sums(routes.count)
  const placeBytes = new Float64Array(places.length)
  const isSeen = new Uint8Array(hosts.count)
  const unlocated = noTraffic()
  const local = noTraffic()
  yield* eachFlow(rows, ticksOf(span, timeline), matches.mask(filterText), (flow, bytes, packets) => {
    const from = flows.sourcePlace[flow]
    const to = flows.targetPlace[flow]
    if (from >= 0) placeBytes[from] += bytes
    if (to >= 0 && to !== from) placeBytes[to] += bytes
    isSeen[flows.clientHost[flow]] = 1
    isSeen[flows.serverHost[flow]] = 1
    if (routeOfFlow[flow] >= 0) byRoute.add(routeOfFlow[flow], bytes, packets)
    const off = from < 0 || to < 0 ? unlocated : from === origin && to === origin ? local : null
    if (!off) return
    off.bytes += bytes
    off.flows++
    off.sliceBytes[0] += bytes
  })
  const placeHosts = new Int32Array(places.length)
  for (let host = 0; host < hosts.count; host++) if (isSeen[host] && hosts.place[host] >= 0) placeHosts[hosts.place[host]]++
  yield
  const counted = { scope, byRoute, placeBytes, placeHosts, unlocated, local }
  lastCounted.set(report, counted)
  return counted
}

function noTraffic(): Hidden {
  return { bytes: 0, flows: 0, sliceBytes: new Float64Array(1) }
}

interface Groups {
  grouping: Grouping
  /** By group. It is drawn as its route with most bytes. */
  bytes: Float64Array
  packets: Float64Array
  flows: Int32Array
  route: Int32Array
  /** Groups with traffic in drawing order: findings on top of all others, wide arcs on top of narrow ones. */
  order: number[]
}

function collect({ report }: OpenReport, byRoute: Sums, grouping: Grouping, by: keyof Share): Groups {
  const { groupOf, count } = groupRoutes(report, grouping)
  const bytes = new Float64Array(count)
  const packets = new Float64Array(count)
  const flows = new Int32Array(count)
  const route = new Int32Array(count).fill(-1)
  const most = new Float64Array(count).fill(-1)
  const order: number[] = []
  for (const its of byRoute.keys()) {
    const group = groupOf[its]
    const share = byRoute.share(its)
    if (route[group] < 0) order.push(group)
    if (share.bytes > most[group]) {
      most[group] = share.bytes
      route[group] = its
    }
    bytes[group] += share.bytes
    packets[group] += share.packets
    flows[group] += share.flows
  }
  const groups = { grouping, bytes, packets, flows, route, order }
  const { severity } = report.routes
  const values = groups[by]
  order.sort((a, b) => severity[route[a]] - severity[route[b]] || values[a] - values[b] || a - b)
  return groups
}

/** Width by the square root of the value: the area of what is drawn then grows with it. */
function layOut({ report: { routes } }: OpenReport, groups: Groups, by: keyof Share) {
  const { grouping, bytes, packets, flows, route, order } = groups
  const values = groups[by]
  const isArc = (group: number) => routes.source[route[group]] !== routes.target[route[group]]
  const widest = order.map((_, entry) => entry).filter((entry) => isArc(order[entry]))
  widest.sort((a, b) => values[order[b]] - values[order[a]] || a - b)
  const isLabelled = new Uint8Array(order.length)
  for (const entry of widest.slice(0, LABELLED)) isLabelled[entry] = 1
  const most = order.reduce((largest, group) => Math.max(largest, values[group]), 1)
  const entries = new Float32Array(order.length * ENTRY)
  order.forEach((group, entry) => {
    const weight = Math.max(LEAST_WEIGHT, Math.sqrt(values[group] / most))
    const isFaint = isArc(group) && !isLabelled[entry] && routes.severity[route[group]] < ALERT_SEVERITY
    entries.set([route[group], 0, ALWAYS_SECONDS, packStyle(false, weight, weight) + (isFaint ? FAINT : 0)], entry * ENTRY)
  })
  return {
    entries,
    sliceStart: Int32Array.of(0, order.length),
    sliceSeconds: ALWAYS_SECONDS,
    trailSeconds: ALWAYS_SECONDS,
    leftOut: new Int32Array(1),
    most: order.length,
    grouping,
    whole: {
      bytes: Float64Array.from(order, (group) => bytes[group]),
      packets: Float64Array.from(order, (group) => packets[group]),
      flows: Int32Array.from(order, (group) => flows[group]),
      by,
      labelled: Int32Array.from(widest.slice(0, LABELLED)),
    },
  }
}
