// Packets, bytes, new flows and retransmissions by time slice for a part of the capture, stacked by application or by direction.
import { rowsOfTick, ticksOf } from '../../model/timeline.ts'
import type { Rates } from '../../protocol/answers.ts'
import type { Questions } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'
import { readRetransmissions } from '../data/retransmission-rows.ts'

/** Rows of activity visited between two checks for other messages. */
const SLICE = 200_000

export function* readRates(open: OpenReport, question: Questions['rates']['question']): Generator<void, Rates> {
  const { rows, matches, report } = open
  const { activity, flows, details, meta, applications } = rows
  const mask = matches.mask(question.filterText)
  const firstUs = Number(meta.first_us) || 0
  const { tickUs } = report.timeline
  const ticks = activity.tickStart.length - 1
  const span = ticksOf(question.span, report.timeline) ?? { fromTick: 0, toTick: ticks }
  const fromTick = Math.min(ticks, Math.max(0, span.fromTick))
  const toTick = Math.min(ticks, Math.max(fromTick, span.toTick))
  // A tick that begins where the timeline ends has the last packets alone: they belong to the bar before, there is no room for one more.
  const end = Math.max(fromTick + 1, Math.min(toTick, Math.ceil(report.timeline.durationUs / tickUs)))
  const ticksPerBin = Math.max(1, Math.ceil((end - fromTick) / Math.max(1, question.bins)))
  const bins = toTick > fromTick ? Math.ceil((end - fromTick) / ticksPerBin) : 0
  const binOf = (tick: number) => Math.min(bins - 1, Math.floor((tick - fromTick) / ticksPerBin))
  const series = question.by === 'direction' ? 2 : applications.length
  const rates: Rates = {
    startUs: firstUs + fromTick * tickUs,
    binUs: ticksPerBin * tickUs,
    bins,
    series,
    packets: new Float64Array(bins * series),
    bytes: new Float64Array(bins * series),
    newFlows: new Float64Array(bins),
    retransmissions: new Float64Array(bins),
  }
  let pauseAt = activity.tickStart[fromTick] + SLICE
  for (let tick = fromTick; tick < toTick; tick++) {
    const at = binOf(tick) * series
    const { from, to } = rowsOfTick(activity, tick)
    for (let row = from; row < to; row++) {
      const flow = activity.flow[row]
      if (!mask[flow]) continue
      if (question.by === 'application') {
        rates.bytes[at + flows.application[flow]] += activity.bytes[row]
        rates.packets[at + flows.application[flow]] += activity.packets[row]
        continue
      }
      rates.bytes[at] += activity.clientBytes[row]
      rates.packets[at] += activity.clientPackets[row]
      rates.bytes[at + 1] += activity.bytes[row] - activity.clientBytes[row]
      rates.packets[at + 1] += activity.packets[row] - activity.clientPackets[row]
    }
    if (activity.tickStart[tick + 1] < pauseAt) continue
    pauseAt += SLICE
    yield
  }
  for (let flow = 0; flow < flows.count; flow++) {
    const tick = Math.floor((details.firstUs[flow] - firstUs) / tickUs)
    if (tick >= fromTick && tick < toTick && mask[flow]) rates.newFlows[binOf(tick)]++
  }
  const repeated = readRetransmissions(open)
  for (let row = 0; row < repeated.tick.length; row++) {
    const tick = repeated.tick[row]
    if (tick < fromTick || tick >= toTick || !mask[repeated.flow[row]]) continue
    rates.retransmissions[binOf(tick)] += repeated.segments[row]
  }
  return rates
}
