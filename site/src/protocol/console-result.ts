// What the SQL console's worker is asked and what it answers, and how much of a result is shown.

export interface ConsoleTable {
  name: string
  /** Null: a view, whose rows nobody counts before they are asked for. */
  rows: number | null
  columns: { name: string; type: string; about: string }[]
}

export type ConsoleCell = number | string | null

export interface ConsoleResult {
  /** The first of `columnCount` columns. */
  columns: string[]
  columnCount: number
  rows: ConsoleCell[][]
  /** More rows than are shown. */
  isCut: boolean
  /** Texts that were longer than BOUNDS.cell. */
  cutTexts: number
  milliseconds: number
  /** How many statements were run. */
  statements: number
}

export type ToConsole =
  /** Opens a copy of the database of this worker's own. */
  { type: 'console'; bytes: Uint8Array } | { type: 'run'; sql: string } | { type: 'run-csv'; sql: string }

export type FromConsole =
  | { type: 'schema'; tables: ConsoleTable[] }
  | { type: 'result'; result: ConsoleResult }
  /** `rows`: how many the file has. */
  | { type: 'csv'; csv: Blob; rows: number; isCut: boolean }
  | { type: 'sql-error'; message: string }

/** What a page can show without standing still: columns, rows, cells in all, characters of a text. */
export const BOUNDS = { columns: 100, rows: 1000, cells: 20_000, cell: 200 }
