// Rows -> CSV (RFC 4180), safe to open in a spreadsheet.

export type Cell = string | number | null

/** First characters that make a spreadsheet compute a cell instead of showing it. */
const FORMULA = /^[=+\-@\t\r]/

/** A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers are left as they are. */
export function formatCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const safe = FORMULA.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Header (if there is one) and rows, each line ended by CRLF. */
export function formatCsv(header: string[] | null, rows: Cell[][]): string {
  return [...(header ? [header] : []), ...rows].map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')
}
