// Typed columns with room to spare: what comes is appended without copying what is there.

type Numbers = Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array

export class GrowingColumn<Column extends Numbers> {
  /** What is filled. */
  filled: Column
  #room: Column

  constructor(filled: Column) {
    this.filled = filled
    this.#room = filled
  }

  /** Makes the column so long; what is new is 0. Returns it. */
  reach(length: number): Column {
    if (length === this.filled.length) return this.filled
    if (length > this.#room.length) {
      const wider = new (this.#room.constructor as new (length: number) => Column)(Math.max(64, length * 2))
      wider.set(this.filled)
      this.#room = wider
    }
    this.filled = this.#room.subarray(0, length) as Column
    return this.filled
  }
}

/** Makes every column of a record grow; `filled` has them as they are. */
export class GrowingColumns<Columns extends Record<string, Numbers>> {
  readonly #columns: [name: string, column: GrowingColumn<Numbers>][]
  filled: Columns

  constructor(columns: Columns) {
    this.filled = columns
    this.#columns = Object.entries(columns).map(([name, column]) => [name, new GrowingColumn(column)])
  }

  reach(length: number): Columns {
    this.filled = Object.fromEntries(this.#columns.map(([name, column]) => [name, column.reach(length)])) as Columns
    return this.filled
  }
}
