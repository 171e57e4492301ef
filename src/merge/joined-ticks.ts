// Rows of a timeline by tick and conversation -> as few as the merged one can have: a report's ticks that one of the merged ticks has room for become one.
// Rows are joined as reports are read: those of many short captures are several times as many as those of all of them together.
import { CellColumnBuilder, type CellTable } from './cell-table.ts'
import type { ColumnMemory } from './column-memory.ts'
import { missing } from './pieces.ts'

/** Where the first tick begins, and how long each is, us. */
export interface Ticks {
  firstUs: number | null
  tickUs: number
}

/** Beginning of a tick, us. */
export function startOf({ firstUs, tickUs }: Ticks, tick: number): number {
  return (firstUs ?? 0) + tick * tickUs
}

/**
 * @param table tick, conversation, then counts that are added up; by tick
 * @param widthUs of merged ticks, which begin at its whole multiples, or that of finer ones
 * @param flows conversations of the report, whose ids count from 1
 * @param memory of the columns that are returned
 * @param scratch of what is needed until then
 * @returns rows by tick and conversation; the tick of joined ones is the first that the merged tick has room for
 * @throws DatabaseError for an id that no row has
 */
export function joinTicks(
  table: CellTable,
  ticks: Ticks,
  widthUs: number,
  flows: number,
  memory: ColumnMemory,
  scratch: ColumnMemory,
): CellTable {
  const [tickOf, ids, ...counts] = table.columns.map(({ values }) => values)
  for (let row = 0; row < table.count; row++) if (!(ids[row] >= 1 && ids[row] <= flows)) throw missing('conversation', ids[row])
  const builders = table.columns.map(() => new CellColumnBuilder(false))
  /** By conversation, of the last group of ticks that it was seen in. */
  const sums = counts.map(() => scratch.take(Float64Array, flows + 1))
  const seen = scratch.take(Int32Array, flows + 1).fill(0)
  const joined = scratch.take(Int32Array, flows)
  let group = 0
  let count = 0
  for (let row = 0; row < table.count; ) {
    const [first, last] = ticksWithin(ticks, tickOf[row], widthUs)
    group++
    let conversations = 0
    for (; row < table.count && tickOf[row] >= first && tickOf[row] <= last; row++) {
      const id = ids[row]
      if (seen[id] !== group) {
        seen[id] = group
        joined[conversations++] = id
        for (const sum of sums) sum[id] = 0
      }
      for (let i = 0; i < counts.length; i++) sums[i][id] += counts[i][row]
    }
    for (const id of joined.subarray(0, conversations).sort()) {
      builders[0].add(first)
      builders[1].add(id)
      for (let i = 0; i < sums.length; i++) builders[2 + i].add(sums[i][id])
    }
    count += conversations
  }
  return { count, columns: builders.map((builder) => builder.finish(null, memory)) }
}

/** First and last of the ticks that lie within the same merged tick as this one; itself if it lies in two. */
function ticksWithin(ticks: Ticks, tick: number, widthUs: number): [number, number] {
  const firstUs = startOf(ticks, 0)
  const from = Math.floor(startOf(ticks, tick) / widthUs) * widthUs
  const first = Math.max(0, Math.ceil((from - firstUs) / ticks.tickUs))
  const last = Math.floor((from + widthUs - firstUs) / ticks.tickUs) - 1
  // Neither of widths that no report has.
  return first <= tick && tick <= last ? [first, last] : [tick, tick]
}
