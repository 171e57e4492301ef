// A list that hostile traffic cannot grow without end.

export class Bounded<T> {
  readonly rows: T[] = []
  leftOut = 0
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  /** @returns the row, or null when the list is full */
  add(row: T): T | null {
    if (this.rows.length >= this.limit) {
      this.leftOut++
      return null
    }
    this.rows.push(row)
    return row
  }
}

/** The same, with one row a key. */
export class BoundedByKey<Key, Row> extends Bounded<Row> {
  private readonly byKey = new Map<Key, Row>()

  get(key: Key): Row | undefined {
    return this.byKey.get(key)
  }

  /** The row of a key, made if there is none. @returns null when it is new and the list is full */
  rowOf(key: Key, make: () => Row): Row | null {
    const known = this.byKey.get(key)
    if (known !== undefined) return known
    const row = this.add(make())
    if (row !== null) this.byKey.set(key, row)
    return row
  }
}

type Rows<Parts> = { [Name in keyof Parts]: Parts[Name] extends { rows: infer List } ? List : never }

/** The lists of several observers, by name. */
export function rowsOf<Parts extends Record<string, { rows: unknown[] }>>(parts: Parts): Rows<Parts> {
  return Object.fromEntries(Object.entries(parts).map(([name, { rows }]) => [name, rows])) as Rows<Parts>
}
