// The flows that pass the filter -> equal slices of the capture, each with its arcs between countries: small maps side by side.
import { groupRoutes, representatives } from '../../model/route-groups.ts'
import { rowsOfTick } from '../../model/timeline.ts'
import type { Share, TimeMap } from '../../protocol/answers.ts'
import type { Questions } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'

/** Rows of activity visited between two checks for other messages. */
const SLICE = 200_000

/** Slices are whole ticks of the capture, or of its main part where nearly all of it is one pause. */
export function* buildTimeMaps(open: OpenReport, { filterText, slices }: Questions['timeMaps']['question']): Generator<void, TimeMap[]> {
  const { report, routeOfFlow, matches } = open
  const { activity, flows } = open.rows
  const { tickUs, ticks, durationUs, main } = report.timeline
  const mask = matches.mask(filterText)
  const { groupOf, count } = groupRoutes(report, 'countries')
  const routeOf = representatives(groupOf, count, report.routes.bytes)
  const first = main ? Math.floor(main.fromUs / tickUs) : 0
  const end = main && main.toUs < durationUs ? Math.ceil(main.toUs / tickUs) : ticks
  // The last tick may hold the last packet alone: it is no slice.
  const last = Math.max(first + 1, Math.min(end, Math.ceil(durationUs / tickUs)))
  const most = Math.min(slices, last - first)
  const seen = new Int32Array(flows.count).fill(-1)
  const maps: TimeMap[] = []
  let visited = 0
  const startOf = (slice: number) => (slice < most ? first + Math.floor((slice * (last - first)) / most) : end)
  for (let slice = 0; slice < most; slice++) {
    const from = startOf(slice)
    const to = startOf(slice + 1)
    const total = noShare()
    const off = noShare()
    const groups = new Map<number, Share>()
    const rows = rowsOfTick(activity, from, to)
    for (let row = rows.from; row < rows.to; row++) {
      if (++visited % SLICE === 0) yield
      const flow = activity.flow[row]
      if (!mask[flow]) continue
      const isNew = seen[flow] !== slice
      seen[flow] = slice
      add(total, activity.bytes[row], activity.packets[row], isNew)
      const route = routeOfFlow[flow]
      if (route < 0) {
        add(off, activity.bytes[row], activity.packets[row], isNew)
        continue
      }
      let share = groups.get(groupOf[route])
      if (!share) {
        share = noShare()
        groups.set(groupOf[route], share)
      }
      add(share, activity.bytes[row], activity.packets[row], isNew)
    }
    const arcs = [...groups].map(([group, share]) => ({ route: routeOf[group], ...share }))
    arcs.sort((a, b) => b.bytes - a.bytes || a.route - b.route)
    maps.push({ fromUs: from * tickUs, toUs: to === ticks ? durationUs : to * tickUs, total, off, arcs })
  }
  return maps
}

function noShare(): Share {
  return { bytes: 0, packets: 0, flows: 0 }
}

function add(share: Share, bytes: number, packets: number, isNew: boolean): void {
  share.bytes += bytes
  share.packets += packets
  if (isNew) share.flows++
}
