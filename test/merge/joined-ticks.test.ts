import { expect, test } from 'vitest'
import { type CellTable, rowsOf } from '../../src/merge/cell-table.ts'
import { ColumnMemory } from '../../src/merge/column-memory.ts'
import { joinTicks, type Ticks } from '../../src/merge/joined-ticks.ts'

/** Rows of tick, conversation, packets, bytes. */
function tableOf(rows: number[][]): CellTable {
  const columns = [0, 1, 2, 3].map((column) => ({ values: Float64Array.from(rows, (row) => row[column]), texts: null, isNullable: false }))
  return { count: rows.length, columns }
}

const join = (rows: number[][], ticks: Ticks, widthUs: number, flows = 9) =>
  Array.from(rowsOf(joinTicks(tableOf(rows), ticks, widthUs, flows, new ColumnMemory(), new ColumnMemory())))

test('ticks that lie within one of the merged report become one, by conversation', () => {
  // Ticks of 10 us from 1,005 us on; merged ones of 100 us. Tick 9 lies in two of them: 1,095 to 1,105 us.
  const rows = [
    [0, 2, 1, 60],
    [3, 1, 2, 120],
    [3, 2, 4, 240],
    [8, 1, 8, 480],
    [9, 1, 16, 960],
    [10, 3, 1, 70],
    [18, 2, 2, 140],
    [20, 2, 4, 280],
  ]
  expect(join(rows, { firstUs: 1005, tickUs: 10 }, 100)).toEqual([
    [0, 1, 10, 600],
    [0, 2, 5, 300],
    [9, 1, 16, 960],
    [10, 2, 2, 140],
    [10, 3, 1, 70],
    [20, 2, 4, 280],
  ])
})

test('ticks as wide as the merged ones, and widths that no report has, leave the rows as they are', () => {
  const rows = [
    [0, 1, 1, 60],
    [1, 1, 2, 120],
    [1, 2, 4, 240],
  ]
  for (const ticks of [
    { firstUs: 1000, tickUs: 100 },
    { firstUs: 1050, tickUs: 100 },
  ])
    expect(join(rows, ticks, 100)).toEqual(rows)
  for (const [tickUs, widthUs] of [
    [10, 0],
    [Number.NaN, 100],
    [-10, 100],
    [Number.POSITIVE_INFINITY, 100],
  ])
    expect(join(rows, { firstUs: 1000, tickUs }, widthUs)).toEqual(rows)
  expect(join(rows, { firstUs: Number.NaN, tickUs: 10 }, 100)).toEqual(rows)
})

test('a table that names a conversation that its report does not have is refused', () => {
  for (const id of [0, 4, Number.MAX_SAFE_INTEGER]) {
    const rows = [
      [0, 1, 1, 60],
      [1, id, 2, 120],
    ]
    expect(() => join(rows, { firstUs: 1000, tickUs: 10 }, 100, 3)).toThrow(`a row names conversation ${id}, which it does not have`)
  }
})
