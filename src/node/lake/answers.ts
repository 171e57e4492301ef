// Rows of DuckDB -> texts for terminals and programs: an aligned table, CSV that spreadsheets do not evaluate, JSON.
import type { DuckDBValue } from '@duckdb/node-api'
import { type Cell, formatCsv } from '../../csv.ts'
import { isoTime } from '../../iso-time.ts'
import { escapeJson, NONE, toPrintable } from '../../report/figures.ts'

/** Longest cell of a table, in characters. */
const WIDEST = 60

export type Value = Cell | boolean | Value[]

/** Times are those of the lake: UTC. */
export function plainValue(value: DuckDBValue): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if ('items' in value) return value.items.map(plainValue)
  if ('micros' in value && 'isFinite' in value && value.isFinite) return isoTime(Number(value.micros))
  if ('toDouble' in value) return value.toDouble()
  return String(value)
}

/** Numbers at the right, as wide as the widest of these rows. */
export function formatTable(names: readonly string[], rows: readonly Value[][]): string {
  const isNumber = names.map((_, i) => rows.every((row) => row[i] === null || typeof row[i] === 'number'))
  const cells = [names, ...rows].map((row) => row.map((value) => shorten(textOf(value) ?? NONE)))
  const widths = names.map((_, i) => cells.reduce((widest, row) => Math.max(widest, row[i].length), 0))
  const lines = cells.map((row) => row.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))))
  lines.splice(
    1,
    0,
    widths.map((width) => '─'.repeat(width)),
  )
  return lines.map((line) => `${line.join('  ').trimEnd()}\n`).join('')
}

/** @param names null: no header */
export function formatRows(names: string[] | null, rows: readonly Value[][]): string {
  return formatCsv(
    names,
    rows.map((row) => row.map((value) => (typeof value === 'number' ? value : textOf(value)))),
  )
}

/** One object a line, without brackets around them. */
export function formatObjects(names: readonly string[], rows: readonly Value[][]): string {
  return rows.map((row) => escapeJson(JSON.stringify(Object.fromEntries(row.map((value, i) => [names[i], value]))))).join(',\n')
}

function textOf(value: Value): string | null {
  return value === null ? null : toPrintable(Array.isArray(value) ? JSON.stringify(value) : String(value))
}

function shorten(text: string): string {
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text
}
