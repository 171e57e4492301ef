// Messages to and from the worker of the SQL console, and the limits of a result.

export interface ConsoleTable {
  name: string
  /** Null for a view: counting its rows could take without limit. */
  rows: number | null
  columns: { name: string; type: string; about: string }[]
}

export type ConsoleCell = number | string | null

export interface ConsoleResult {
  /** At most BOUNDS.columns of the `columnCount` columns. */
  columns: string[]
  columnCount: number
  rows: ConsoleCell[][]
  /** True when there are more rows than shown. */
  isCut: boolean
  /** Number of texts longer than BOUNDS.cell. */
  cutTexts: number
  milliseconds: number
  /** Number of statements that were run. */
  statements: number
}

export type ToConsole =
  /** Opens a copy of the database for this worker alone. */
  { type: 'console'; bytes: Uint8Array } | { type: 'run'; sql: string } | { type: 'run-csv'; sql: string }

export type FromConsole =
  | { type: 'schema'; tables: ConsoleTable[] }
  | { type: 'result'; result: ConsoleResult }
  /** `rows`: number of rows in the file. */
  | { type: 'csv'; csv: Blob; rows: number; isCut: boolean }
  | { type: 'sql-error'; message: string }

/** Limits that keep the page responsive: columns, rows, cells in all, characters in a text. */
export const BOUNDS = { columns: 100, rows: 1000, cells: 20_000, cell: 200 }
