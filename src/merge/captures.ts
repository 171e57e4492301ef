// Reports -> those that add captures, and all captures in one order.
import type { CaptureSummary } from '../capture/coverage.ts'
import { compare } from '../compare.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { ReportRows } from './report-rows.ts'

/** Rows of a report, and its name in messages. */
export interface NamedReport {
  name: string
  rows: ReportRows
}

export interface MergedCaptures {
  /** No two of them have a capture in common. */
  reports: NamedReport[]
  captures: CaptureSummary[]
  /** By report, then by row of its captures: index into captures. */
  indexes: Int32Array[]
}

type Row = ReportRows['captures'][number]

/** What makes two captures the same: the digest of the file; where it was not read to its end, its name, counts and times. */
function keyOf({ sha256, file, packets, bytes, firstUs, lastUs }: Row): string {
  return sha256 ?? JSON.stringify([file, packets, bytes, firstUs, lastUs])
}

/** @throws DatabaseError for two reports that share some of their captures */
export function mergeCaptures(given: readonly NamedReport[]): MergedCaptures {
  const keyed = given.map((report) => ({ report, keys: new Set(report.rows.captures.map(keyOf)) }))
  // The one with most captures first: what it has, a smaller one need not add. Of two analyses of the same captures, one is chosen by its text.
  const textOf = ({ rows }: NamedReport) => JSON.stringify(Object.entries(rows.values))
  keyed.sort((a, b) => b.keys.size - a.keys.size || compare(textOf(a.report), textOf(b.report)))
  const taken = new Map<string, string>()
  /** Of a capture that was analysed under several names, the least as text. */
  const files = new Map<string, string>()
  for (const { file, key } of given.flatMap(({ rows }) => rows.captures.map((row) => ({ file: row.file, key: keyOf(row) })))) {
    const known = files.get(key)
    if (known === undefined || compare(file, known) < 0) files.set(key, file)
  }
  const reports: NamedReport[] = []
  for (const { report, keys } of keyed) {
    const known = [...keys].filter((key) => taken.has(key))
    if (keys.size > 0 && known.length === keys.size) continue
    if (known.length > 0) {
      const file = report.rows.captures.find((capture) => keyOf(capture) === known[0])!.file
      throw new DatabaseError(
        'unusable',
        `it shares some of its captures (${file}) with ${taken.get(known[0])}, so that packets would count twice: merge reports of different captures`,
      )
    }
    for (const key of keys) taken.set(key, report.name)
    reports.push(report)
  }
  const rows = reports.flatMap(({ rows }, report) => rows.captures.map((capture, row) => ({ capture, report, row, key: keyOf(capture) })))
  rows.sort(
    (a, b) => (a.capture.firstUs ?? Number.POSITIVE_INFINITY) - (b.capture.firstUs ?? Number.POSITIVE_INFINITY) || (a.key < b.key ? -1 : 1),
  )
  const indexes = reports.map(({ rows }) => new Int32Array(rows.captures.length))
  for (const [index, { report, row }] of rows.entries()) indexes[report][row] = index
  const captures = rows.map(({ capture: { linkTypes, ...capture }, key }): CaptureSummary => {
    return { ...capture, file: files.get(key)!, linkTypes: linkTypes === '' ? [] : linkTypes.split(',').map(Number) }
  })
  return { reports, captures, indexes }
}
