// Merged captures and conversations -> what the timelines of their reports are merged by: plain data, its columns shared with the thread that does it.
import { MAX_TICKS, WIDTHS } from '../flows/timeline.ts'
import type { MergedCaptures, NamedReport } from './captures.ts'
import { ColumnMemory } from './column-memory.ts'
import type { FlowOrder } from './flow-order.ts'
import type { Ticks } from './joined-ticks.ts'
import type { PieceColumns } from './pieces.ts'
import { FLOW } from './report-rows.ts'

/** Times of the first and the last packet, us; without any, the first is the later one. */
type Span = [from: number, to: number]

export interface TimelineOrder {
  /** By report. */
  ticks: Ticks[]
  /** By report, then by row of its captures: index into all captures. */
  captures: Int32Array[]
  span: Span
  pieces: PieceColumns
  /** By piece: its first packet, us. */
  firstUs: Float64Array
  /** By conversation: its last packet, us. */
  lastUs: Float64Array
}

export function timelineOrder({ reports, captures, indexes }: MergedCaptures, order: FlowOrder): TimelineOrder {
  const { pieces } = order
  const memory = new ColumnMemory()
  const firstUs = memory.take(Float64Array, pieces.conversation.length)
  const lastUs = memory.take(Float64Array, order.count).fill(Number.NEGATIVE_INFINITY)
  const span = spanOf(captures)
  for (const [report, { rows }] of reports.entries()) {
    const [first, last] = [FLOW.first_us, FLOW.last_us].map((column) => rows.flows.columns[column].values)
    const start = pieces.starts[report]
    firstUs.set(first, start)
    for (let row = 0; row < last.length; row++) {
      const flow = pieces.conversation[start + row]
      if (last[row] > lastUs[flow]) lastUs[flow] = last[row]
      extend(span, first[row])
      extend(span, last[row])
    }
  }
  return { ticks: reports.map(ticksOf), captures: indexes, span, pieces, firstUs, lastUs }
}

/** Width of the ticks of a merged report, or less, which divides it: known before its conversations are; 0 where times are too far from each other. */
export function leastWidthOf({ reports, captures }: MergedCaptures): number {
  return widthOf(reports.map(ticksOf), spanOf(captures)) ?? 0
}

/** Width of merged ticks, us: each report's divides it. @returns undefined for times that are too far from each other */
export function widthOf(ticks: readonly Ticks[], span: Span): number | undefined {
  const least = ticks.reduce((most, { tickUs }) => Math.max(most, tickUs), 0)
  return WIDTHS.find((width) => width >= least && ticksIn(span, width) <= MAX_TICKS)
}

/** Number of ticks, which begin at whole multiples of their width. */
export function ticksIn([from, to]: Span, widthUs: number): number {
  return Math.floor(to / widthUs) - Math.floor(from / widthUs) + 1
}

export function ticksOf({ rows: { meta } }: NamedReport): Ticks {
  return { firstUs: meta.firstUs, tickUs: meta.tickUs }
}

function spanOf(captures: MergedCaptures['captures']): Span {
  const span: Span = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { firstUs, lastUs } of captures) {
    extend(span, firstUs)
    extend(span, lastUs)
  }
  return span
}

function extend(span: Span, us: number | null): void {
  if (us === null) return
  if (us < span[0]) span[0] = us
  if (us > span[1]) span[1] = us
}
