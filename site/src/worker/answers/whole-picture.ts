// The flows that pass the filter, within the span -> one weighted picture of the whole period: each arc has all bytes of its routes.
import { type ArcSlices, ENTRY, type Hidden } from '../../model/arc-slices.ts'
import { packLook } from '../../model/build-arc-slices.ts'
import { GROUPINGS, type Grouping, groupRoutes } from '../../model/route-groups.ts'
import { ticksOf } from '../../model/timeline.ts'
import type { Scope } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'
import { eachFlow, Sums } from './counting.ts'

/** More arcs than this are a web in which nobody sees anything: routes are then grouped, see route-groups.ts. */
const MOST_ARCS = 320

/** An entry is seen at every time. */
const ALWAYS_SECONDS = 1e30

/** The thinnest arc, as a share of the widest. */
const LEAST_WEIGHT = 0.04

export function* buildWholePicture(open: OpenReport, { filterText, span }: Scope): Generator<void, ArcSlices> {
  const { rows, report, laneOfFlow, matches } = open
  const { flows, hosts } = rows
  const { lanes, places, origin, timeline } = report
  const byLane = new Sums(lanes.count)
  const placeBytes = new Float64Array(places.length)
  const isSeen = new Uint8Array(hosts.count)
  const hidden = { unlocated: noTraffic(), local: noTraffic() }
  yield* eachFlow(rows, ticksOf(span, timeline), matches.mask(filterText), (flow, bytes, packets) => {
    const from = flows.sourcePlace[flow]
    const to = flows.targetPlace[flow]
    if (from >= 0) placeBytes[from] += bytes
    if (to >= 0 && to !== from) placeBytes[to] += bytes
    isSeen[flows.clientHost[flow]] = 1
    isSeen[flows.serverHost[flow]] = 1
    if (laneOfFlow[flow] >= 0) byLane.add(laneOfFlow[flow], bytes, packets)
    const off = from < 0 || to < 0 ? hidden.unlocated : from === origin && to === origin ? hidden.local : null
    if (!off) return
    off.bytes += bytes
    off.flows++
    off.sliceBytes[0] += bytes
  })
  const placeHosts = new Int32Array(places.length)
  for (let host = 0; host < hosts.count; host++) if (isSeen[host] && hosts.place[host] >= 0) placeHosts[hosts.place[host]]++
  yield
  let groups = collect(open, byLane, 'route')
  for (const grouping of GROUPINGS) {
    if (groups.order.length <= MOST_ARCS) break
    groups = collect(open, byLane, grouping)
    yield
  }
  return { ...layOut(groups), ...hidden, placeBytes, placeHosts }
}

function noTraffic(): Hidden {
  return { bytes: 0, flows: 0, sliceBytes: new Float64Array(1) }
}

interface Groups {
  grouping: Grouping
  /** By group. It is drawn as its route with most bytes. */
  bytes: Float64Array
  flows: Int32Array
  lane: Int32Array
  /** Groups with traffic in drawing order: findings on top of all others, wide arcs on top of narrow ones. */
  order: number[]
}

function collect({ report }: OpenReport, byLane: Sums, grouping: Grouping): Groups {
  const { groupOf, count } = groupRoutes(report, grouping)
  const bytes = new Float64Array(count)
  const flows = new Int32Array(count)
  const lane = new Int32Array(count).fill(-1)
  const most = new Float64Array(count).fill(-1)
  const order: number[] = []
  for (const its of byLane.keys()) {
    const group = groupOf[its]
    const share = byLane.share(its)
    if (lane[group] < 0) order.push(group)
    if (share.bytes > most[group]) {
      most[group] = share.bytes
      lane[group] = its
    }
    bytes[group] += share.bytes
    flows[group] += share.flows
  }
  const { severity } = report.lanes
  order.sort((a, b) => severity[lane[a]] - severity[lane[b]] || bytes[a] - bytes[b] || a - b)
  return { grouping, bytes, flows, lane, order }
}

/** Width by the square root of bytes: the area of what is drawn then grows with the bytes. */
function layOut({ grouping, bytes, flows, lane, order }: Groups) {
  const most = order.reduce((largest, group) => Math.max(largest, bytes[group]), 1)
  const entries = new Float32Array(order.length * ENTRY)
  order.forEach((group, index) => {
    const weight = Math.max(LEAST_WEIGHT, Math.sqrt(bytes[group] / most))
    entries.set([lane[group], 0, ALWAYS_SECONDS, packLook(false, weight, weight)], index * ENTRY)
  })
  return {
    entries,
    sliceStart: Int32Array.of(0, order.length),
    sliceSeconds: ALWAYS_SECONDS,
    trailSeconds: ALWAYS_SECONDS,
    leftOut: new Int32Array(1),
    most: order.length,
    whole: { grouping, bytes: Float64Array.from(order, (group) => bytes[group]), flows: Int32Array.from(order, (group) => flows[group]) },
  }
}
