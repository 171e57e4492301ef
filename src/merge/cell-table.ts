// Rows of a table by column, as plain data: a tenth of the memory of an array for each row, and shared by threads without a copy.
import { doubled, FIRST_ROWS } from '../column.ts'
import type { ColumnMemory, ColumnType, Numbers } from './column-memory.ts'

export type Cell = string | number | null

/** Numbers; or of texts their numbers in a list. */
export interface CellColumn {
  /** In as few bytes as they take. */
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

export function* rowsOf(table: CellTable): Generator<Cell[]> {
  for (let row = 0; row < table.count; row++) yield rowOf(table, row)
}

/** A table of which only some columns are still needed gives the memory of the others back. */
export function keepColumns(table: CellTable, kept: readonly number[]): void {
  table.columns = table.columns.map((column, i) => (kept.includes(i) ? column : NOTHING))
}

const NOTHING: CellColumn = { values: new Int8Array(0), texts: null, isNullable: false }

/** Memory of columns that were read, for the next ones: V8 would collect it late, and many reports are read one after the other. */
const spare: Int32Array<ArrayBuffer>[] = []

/** Gives it back, when all tables are read. */
export function releaseSpare(): void {
  spare.length = 0
}

/** One column while its table is read. */
export class CellColumnBuilder {
  private ints: Int32Array<ArrayBuffer>
  /** In place of ints from the first value on that is none of 32 bits. */
  private reals: Float64Array<ArrayBuffer> | null = null
  private count = 0
  private readonly isNullable: boolean

  constructor(isNullable: boolean) {
    this.isNullable = isNullable
    this.ints = spare.pop() ?? new Int32Array(FIRST_ROWS)
  }

  /** @param value -1 for null */
  add(value: number): void {
    if (this.reals === null && (value | 0) !== value) this.widen()
    if (this.reals !== null) {
      if (this.count === this.reals.length) this.reals = doubled(this.reals)
      this.reals[this.count++] = value
    } else {
      if (this.count === this.ints.length) this.ints = doubled(this.ints)
      this.ints[this.count++] = value
    }
  }

  /** Must not be used afterwards. */
  finish(texts: string[] | null, memory: ColumnMemory): CellColumn {
    spare.push(this.ints)
    const read = (this.reals ?? this.ints).subarray(0, this.count)
    const values: Numbers = memory.take<Numbers>(this.reals === null ? typeOf(read) : Float64Array, this.count)
    values.set(read)
    return { values, texts, isNullable: this.isNullable }
  }

  private widen(): void {
    this.reals = new Float64Array(this.ints.length)
    this.reals.set(this.ints.subarray(0, this.count))
  }
}

/** In as few bytes as the values take. */
function typeOf(values: ArrayLike<number>): ColumnType<Numbers> {
  let [least, most] = [0, 0]
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (value < least) least = value
    if (value > most) most = value
  }
  if (least >= -0x80 && most < 0x80) return Int8Array
  return least >= -0x8000 && most < 0x8000 ? Int16Array : Int32Array
}
