// Typed columns with spare capacity: new values are appended without copying the old ones each time.

type Numbers = Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array

export class GrowingColumn<Column extends Numbers> {
  /** The values, without the spare capacity. */
  filled: Column
  #room: Column

  constructor(filled: Column) {
    this.filled = filled
    this.#room = filled
  }

  /** Sets the length; new values are 0. Returns the column. */
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

/** A record of growing columns; `filled` has the current ones. */
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
