// Tables under a filter: sorted row numbers are kept here, and the page requests only the rows that it shows.
import { type Cell, TABLES, type TableName } from '../../model/table-columns.ts'
import type { ListQuestion, Questions } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'
import { listFlowRows } from './flows.ts'
import { listHostRows } from './hosts.ts'
import { listNameRows, listQuestionRows } from './names.ts'
import { type Listed, sortRows, type TableSource } from './source.ts'
import { listStationRows } from './stations.ts'

const SOURCES: Record<TableName, TableSource> = {
  flows: listFlowRows,
  hosts: listHostRows,
  stations: listStationRows,
  names: listNameRows,
  questions: listQuestionRows,
}

/** Number of lists kept: one for each open table, and a few earlier ones. */
const KEPT = 6

interface Kept {
  listed: Listed
  sorted: Int32Array<ArrayBuffer>
}

const KEPT_LISTS = new WeakMap<object, Map<string, Kept>>()

/** The list for a question: made once, then found by its key. */
function keep(report: OpenReport, question: ListQuestion): Kept {
  const lists = KEPT_LISTS.get(report.rows) ?? new Map<string, Kept>()
  KEPT_LISTS.set(report.rows, lists)
  const { table, scope, sort } = question
  const unsorted = JSON.stringify([table, scope.filterText, scope.span])
  const key = JSON.stringify([unsorted, sort.column, sort.isDescending])
  let kept = lists.get(key)
  if (!kept) {
    const before = [...lists].find(([other]) => (JSON.parse(other) as string[])[0] === unsorted)?.[1]
    const listed = before?.listed ?? SOURCES[table](report, report.matches.within(scope))
    const column = listed.columns[sort.column]
    kept = { listed, sorted: column ? sortRows(listed.rows, column.rank(), sort.isDescending) : listed.rows }
  }
  lists.delete(key)
  lists.set(key, kept)
  if (lists.size > KEPT) lists.delete(lists.keys().next().value!)
  return kept
}

export function listTable(report: OpenReport, question: ListQuestion): Questions['list']['answer'] {
  return { totals: keep(report, question).listed.totals }
}

export function readPage(report: OpenReport, { list, columns, from, to }: Questions['page']['question']): Questions['page']['answer'] {
  const { listed, sorted } = keep(report, list)
  const rows = sorted.subarray(from, to)
  return { keys: Array.from(rows, listed.key), cells: readCells(listed, rows, columns) }
}

/** Index of a row in a list, or -1. */
export function findRow(report: OpenReport, { list, key }: Questions['find']['question']): number {
  const { listed, sorted } = keep(report, list)
  return sorted.findIndex((row) => listed.key(row) === key)
}

/** All rows of a list, for files; `most` rows at a time. */
export function* readInParts(report: OpenReport, list: ListQuestion, columns: readonly string[], most: number): Generator<Cell[][], void> {
  const { listed, sorted } = keep(report, list)
  for (let from = 0; from < sorted.length; from += most) yield readCells(listed, sorted.subarray(from, from + most), columns)
}

function readCells({ columns: sources }: Listed, rows: Int32Array, columns: readonly string[]): Cell[][] {
  const values = columns.map((id) => sources[id]?.value ?? (() => null))
  return Array.from(rows, (row) => values.map((value) => value(row)))
}

/** Ids of all columns of a table. */
export function columnIds(table: TableName): string[] {
  return TABLES[table].map(({ id }) => id)
}
