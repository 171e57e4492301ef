// Rows -> CSV (RFC 4180), safe to open in a spreadsheet.

export type Cell = string | number | null

/** First characters that make a spreadsheet evaluate a cell as a formula. */
const FORMULA = /^[=+\-@\t\r]/

/** Puts an apostrophe before a text that a spreadsheet would evaluate; numbers stay as they are. */
export function formatCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const safe = FORMULA.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Header (if any) and rows; each line ends with CRLF. */
export function formatCsv(header: string[] | null, rows: Cell[][]): string {
  return [...(header ? [header] : []), ...rows].map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')
}
