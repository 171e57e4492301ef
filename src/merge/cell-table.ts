// Rows of a table by column, as plain data: a tenth of the memory of an array for each row, and moved from thread to thread without a copy.
import { doubled, FIRST_ROWS } from '../column.ts'

export type Cell = string | number | null

/** In as few bytes as its values take. */
type Numbers = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Int8Array<ArrayBuffer>

/** Numbers; or of texts their numbers in a list. */
export interface CellColumn {
  values: Numbers
  texts: string[] | null
  /** -1 is null: such a column has no negative numbers. */
  isNullable: boolean
}

export interface CellTable {
  count: number
  columns: CellColumn[]
}

export function cellOf({ columns }: CellTable, row: number, column: number): Cell {
  const { values, texts, isNullable } = columns[column]
  const value = values[row]
  if (isNullable && value < 0) return null
  return texts === null ? value : texts[value]
}

export function rowOf(table: CellTable, row: number): Cell[] {
  return table.columns.map((_, column) => cellOf(table, row, column))
}

/** A table of which only some columns are still needed gives the memory of the others back. */
export function keepColumns(table: CellTable, kept: readonly number[]): void {
  table.columns = table.columns.map((column, i) => (kept.includes(i) ? column : NOTHING))
}

const NOTHING: CellColumn = { values: new Int8Array(0), texts: null, isNullable: false }

/** All memory of tables, for a message that moves it. */
export function buffersOf(tables: readonly CellTable[]): ArrayBuffer[] {
  return tables.flatMap(({ columns }) => columns.map(({ values }) => values.buffer))
}

/** Memory of columns that were read, for the next ones: V8 would collect it late, and many reports are read one after the other. */
const spare: Float64Array<ArrayBuffer>[] = []

/** One column while its table is read. */
export class CellColumnBuilder {
  private values: Float64Array<ArrayBuffer>
  private count = 0
  private readonly isNullable: boolean

  /** @param rows how many are expected */
  constructor(isNullable: boolean, rows: number) {
    this.isNullable = isNullable
    const known = spare.pop()
    this.values = known !== undefined && known.length >= rows ? known : new Float64Array(Math.max(FIRST_ROWS, rows))
  }

  /** @param value -1 for null */
  add(value: number): void {
    if (this.count === this.values.length) this.values = doubled(this.values)
    this.values[this.count++] = value
  }

  /** Must not be used afterwards. */
  finish(texts: string[] | null): CellColumn {
    spare.push(this.values)
    return { values: compact(this.values.subarray(0, this.count)), texts, isNullable: this.isNullable }
  }
}

function compact(values: Float64Array): Numbers {
  let [least, most] = [0, 0]
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    // Halves and what is not a number have no smaller form.
    if (Math.floor(value) !== value) return values.slice()
    if (value < least) least = value
    if (value > most) most = value
  }
  for (const Small of [Int8Array, Int16Array, Int32Array]) {
    const limit = 2 ** (8 * Small.BYTES_PER_ELEMENT - 1)
    if (least >= -limit && most < limit) return new Small(values)
  }
  return values.slice()
}
