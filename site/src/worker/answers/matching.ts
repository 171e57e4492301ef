// The flows that pass a filter -> their sums, their hosts and arcs, and their bars on the timeline.
import { buildBins, ticksOf } from '../../model/timeline.ts'
import type { Matching, Scope } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'
import { add, eachFlow } from './counting.ts'

export function* describeMatching(
  { rows, report, routeOfFlow, matches }: OpenReport,
  { filterText, span }: Scope,
): Generator<void, Matching> {
  const mask = matches.mask(filterText)
  const { flows, activity, hosts } = rows
  const total = { bytes: 0, packets: 0, flows: 0 }
  const routes = new Uint8Array(report.routes.count)
  const seen = new Uint8Array(hosts.count)
  let passing = 0
  for (let flow = 0; flow < flows.count; flow++) {
    if (!mask[flow]) continue
    passing++
    if (routeOfFlow[flow] >= 0) routes[routeOfFlow[flow]] = 1
  }
  yield* eachFlow(rows, ticksOf(span, report.timeline), mask, (flow, bytes, packets) => {
    add(total, bytes, packets)
    seen[flows.clientHost[flow]] = 1
    seen[flows.serverHost[flow]] = 1
  })
  const isAll = passing === flows.count
  const { binBytes } = isAll ? report.timeline : buildBins(flows, activity, report.applications.length, report.timeline.ticks, mask)
  return { filterText, total, hosts: seen.reduce((sum, is) => sum + is, 0), routes: isAll ? null : routes, binBytes }
}
