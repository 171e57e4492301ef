// A capture that is almost only a pause -> the span with its packets. If the capturing clock was set from 1970 to the present while
// packets were captured, a capture of minutes looks half a century long. Pure.
import type { ActivityColumns } from './flow-columns.ts'
import type { TimeSpan } from './selection.ts'

/** A pause longer than this share of the capture separates the main span from the rest. */
const GAP_SHARE = 0.9

/** With fewer ticks, no pause is looked for. */
const LEAST_TICKS = 20

/** Start and end of flows, microseconds since the epoch, as in FlowDetails. */
interface FlowTimes {
  firstUs: Float64Array
  lastUs: Float64Array
}

/** The side of the pause that has more bytes, in microseconds since the first packet; null when no pause is long enough. */
export function mainSpan(
  { tickStart, bytes }: ActivityColumns,
  { firstUs, durationUs, tickUs }: { firstUs: number; durationUs: number; tickUs: number },
  flows: FlowTimes,
): TimeSpan | null {
  const ticks = tickStart.length - 1
  if (ticks < LEAST_TICKS || tickStart[ticks] === 0) return null
  let gap = { from: 0, to: 0 }
  for (let tick = 0, from = 0; tick <= ticks; tick++) {
    if (tick < ticks && tickStart[tick] === tickStart[tick + 1]) continue
    if (tick - from > gap.to - gap.from) gap = { from, to: tick }
    from = tick + 1
  }
  if (gap.to - gap.from < GAP_SHARE * ticks) return null
  let before = 0
  let after = 0
  for (let row = 0; row < tickStart[gap.from]; row++) before += bytes[row]
  for (let row = tickStart[gap.to]; row < tickStart[ticks]; row++) after += bytes[row]
  const isBefore = before > after
  const side = isBefore ? { fromUs: 0, toUs: gap.from * tickUs } : { fromUs: gap.to * tickUs, toUs: durationUs }
  // A tick may be weeks long; the times of the flows on this side give the exact ends.
  let fromUs = side.toUs
  let toUs = side.fromUs
  for (let flow = 0; flow < flows.firstUs.length; flow++) {
    const first = flows.firstUs[flow] - firstUs
    const last = flows.lastUs[flow] - firstUs
    if (first >= side.fromUs && first <= side.toUs) fromUs = Math.min(fromUs, first)
    if (last >= side.fromUs && last <= side.toUs) toUs = Math.max(toUs, last)
  }
  return fromUs < toUs ? { fromUs, toUs } : null
}
