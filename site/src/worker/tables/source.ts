// A table in the worker: which rows it has under a filter, and each column's values. Rows are numbers; texts are made only for rows that are seen.
import type { Cell } from '../../model/table-columns.ts'
import type { Totals } from '../../protocol/answers.ts'
import type { OpenReport } from '../data/report-state.ts'

/** A table under one filter and span. */
export interface Listed {
  /** Row numbers in the order of the database. */
  rows: Int32Array<ArrayBuffer>
  columns: Record<string, ColumnSource>
  /** Names a row to the page: flows.id, an address, a name. */
  key(row: number): string | number
  /** One line under the table's name: what the rows add up to. */
  totals: Totals
}

export interface ColumnSource {
  value(row: number): Cell
  /** Order of the values, indexed by row; NaN and -1 for none, which come last. Made when it is sorted by. */
  rank(): ArrayLike<number>
}

export type TableSource = (report: OpenReport, mask: Uint8Array) => Listed

export function numbers(values: ArrayLike<number>, hasNone = false): ColumnSource {
  return { value: (row) => (hasNone && values[row] < 0 ? null : values[row]), rank: () => values }
}

export function computed(count: number, value: (row: number) => number): ColumnSource {
  return { value, rank: () => Float64Array.from({ length: count }, (_, row) => value(row)) }
}

/** Texts that repeat: `code` gives each row's index in `texts`, -1 for none. */
export function coded(texts: readonly string[], code: ArrayLike<number>): ColumnSource {
  return {
    value: (row) => texts[code[row]] ?? null,
    rank() {
      const order = rankTexts(texts)
      return Int32Array.from({ length: code.length }, (_, row) => order[code[row]] ?? -1)
    },
  }
}

/** Place of each text in their sorted order; "" has none. */
export function rankTexts(texts: readonly string[]): Int32Array {
  const sorted = texts.map((_, index) => index).sort((a, b) => (texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : a - b))
  const ranks = new Int32Array(texts.length)
  sorted.forEach((index, rank) => {
    ranks[index] = texts[index] === '' ? -1 : rank
  })
  return ranks
}

/** Rows by a column's rank; rows without a value come last either way, equal ones stay in the database's order. */
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

/** How many alerts each flow, and each host, is in; made once a report. */
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
