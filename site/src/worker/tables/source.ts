// A table in the worker: its rows under a filter, and each column's values. Rows are numbers; text is made only for visible rows.
import type { Cell } from '../../model/table-columns.ts'
import type { Totals } from '../../protocol/answers.ts'
import type { OpenReport } from '../data/report-state.ts'

/** A table under one filter and span. */
export interface Listed {
  /** Row numbers in the order of the database. */
  rows: Int32Array<ArrayBuffer>
  columns: Record<string, ColumnSource>
  /** Identifies a row to the page: flows.id, an address, or a name. */
  key(row: number): string | number
  /** Sums of the rows, shown below the table's name. */
  totals: Totals
}

export interface ColumnSource {
  value(row: number): Cell
  /** Sort value of each row; NaN and -1 for none, sorted last. Computed when the table is sorted by this column. */
  rank(): ArrayLike<number>
}

export type TableSource = (report: OpenReport, mask: Uint8Array) => Listed

export function numbers(values: ArrayLike<number>, hasNone = false): ColumnSource {
  return { value: (row) => (hasNone && values[row] < 0 ? null : values[row]), rank: () => values }
}

export function computed(count: number, value: (row: number) => number): ColumnSource {
  return { value, rank: () => Float64Array.from({ length: count }, (_, row) => value(row)) }
}

/** A column of texts that repeat: `code` has each row's index in `texts`, -1 for none. */
export function coded(texts: readonly string[], code: ArrayLike<number>): ColumnSource {
  return {
    value: (row) => texts[code[row]] ?? null,
    rank() {
      const order = rankTexts(texts)
      return Int32Array.from({ length: code.length }, (_, row) => order[code[row]] ?? -1)
    },
  }
}

/** Rank of each text in sorted order; "" has none. */
export function rankTexts(texts: readonly string[]): Int32Array {
  const sorted = texts.map((_, index) => index).sort((a, b) => (texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : a - b))
  const ranks = new Int32Array(texts.length)
  sorted.forEach((index, rank) => {
    ranks[index] = texts[index] === '' ? -1 : rank
  })
  return ranks
}

/** Sorts rows by a column's rank. Rows without a value are last in both directions, equal ones keep the database's order. */
export function sortRows(rows: Int32Array<ArrayBuffer>, rank: ArrayLike<number>, isDescending: boolean): Int32Array<ArrayBuffer> {
  const sign = isDescending ? -1 : 1
  const isNone = (value: number) => !(value >= 0)
  return rows.slice().sort((a, b) => {
    const x = rank[a]
    const y = rank[b]
    if (x === y) return a - b
    if (isNone(x) || isNone(y)) return isNone(x) ? (isNone(y) ? a - b : 1) : -1
    return sign * (x - y)
  })
}

/** Row numbers with a 1 in the mask. */
export function rowsOf(mask: Uint8Array): Int32Array<ArrayBuffer> {
  let count = 0
  for (let row = 0; row < mask.length; row++) count += mask[row]
  const rows = new Int32Array(count)
  let at = 0
  for (let row = 0; row < mask.length; row++) if (mask[row]) rows[at++] = row
  return rows
}

/** Number of alerts of each flow and of each host; computed once for each report. */
export function alertCounts({ rows }: OpenReport): { byFlow: Int32Array; byHost: Int32Array } {
  let counts = COUNTS.get(rows)
  if (counts) return counts
  counts = { byFlow: new Int32Array(rows.flows.count), byHost: new Int32Array(rows.hosts.count) }
  for (const { flows, sourceHost, targetHost } of rows.alerts) {
    for (const flow of flows) counts.byFlow[flow]++
    if (sourceHost >= 0) counts.byHost[sourceHost]++
    if (targetHost >= 0 && targetHost !== sourceHost) counts.byHost[targetHost]++
  }
  COUNTS.set(rows, counts)
  return counts
}

const COUNTS = new WeakMap<object, { byFlow: Int32Array; byHost: Int32Array }>()
