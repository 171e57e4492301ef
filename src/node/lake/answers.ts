// Rows of an answer -> texts for terminals and programs: an aligned table, CSV that spreadsheets do not evaluate, JSON.
import { type Cell, formatCsv } from '../../csv.ts'
import { escapeJson, NONE, toPrintable } from '../../report/figures.ts'

/** Longest cell of a table, in characters. */
const WIDEST = 60

export type Value = Cell | boolean | Value[]

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
