// Merged captures and conversations -> what the timelines of their reports are merged by: plain data, its columns shared with the thread that does it.
import type { MergedCaptures } from './captures.ts'
import { ColumnMemory } from './column-memory.ts'
import type { FlowOrder } from './flow-order.ts'
import type { PieceColumns } from './pieces.ts'
import { FLOW } from './report-rows.ts'

export interface TimelineOrder {
  /** By report: where its first tick begins, and how long each is. */
  ticks: { firstUs: number | null; tickUs: number }[]
  /** By report, then by row of its captures: index into all captures. */
  captures: Int32Array[]
  /** Times of the first and the last packet, us; without any, the first is the later one. */
  span: [number, number]
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
  const span: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const add = (us: number | null): void => {
    if (us === null) return
    if (us < span[0]) span[0] = us
    if (us > span[1]) span[1] = us
  }
  for (const { firstUs, lastUs } of captures) {
    add(firstUs)
    add(lastUs)
  }
  for (const [report, { rows }] of reports.entries()) {
    const [first, last] = [FLOW.first_us, FLOW.last_us].map((column) => rows.flows.columns[column].values)
    const start = pieces.starts[report]
    firstUs.set(first, start)
    for (let row = 0; row < last.length; row++) {
      const flow = pieces.conversation[start + row]
      if (last[row] > lastUs[flow]) lastUs[flow] = last[row]
      add(first[row])
      add(last[row])
    }
  }
  const ticks = reports.map(({ rows }) => ({ firstUs: rows.meta.firstUs, tickUs: rows.meta.tickUs }))
  return { ticks, captures: indexes, span, pieces, firstUs, lastUs }
}
