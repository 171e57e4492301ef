// The flows that pass a filter -> their sums, their hosts and arcs, and their bars on the timeline.
import { buildBins } from '../../model/timeline.ts'
import type { Matching } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'

export function describeMatching({ rows, report, laneOfFlow, matches }: OpenReport, filterText: string): Matching {
  const mask = matches.mask(filterText)
  const { flows, activity, hosts } = rows
  const total = { bytes: 0, packets: 0, flows: 0 }
  const lanes = new Uint8Array(report.lanes.count)
  const seen = new Uint8Array(hosts.count)
  for (let flow = 0; flow < flows.count; flow++) {
    if (!mask[flow]) continue
    total.flows++
    total.bytes += flows.bytes[flow]
    total.packets += flows.packets[flow]
    seen[flows.clientHost[flow]] = 1
    seen[flows.serverHost[flow]] = 1
    if (laneOfFlow[flow] >= 0) lanes[laneOfFlow[flow]] = 1
  }
  const isAll = total.flows === flows.count
  const { binBytes } = isAll ? report.timeline : buildBins(flows, activity, report.applications.length, report.timeline.ticks, mask)
  return { filterText, total, hosts: seen.reduce((sum, is) => sum + is, 0), lanes: isAll ? null : lanes, binBytes }
}
