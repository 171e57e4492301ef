// One row of an untrusted table -> its cells, each read as what it must be.
import { DatabaseError } from '../store/report-database.ts'
import type { SqlValue } from '../types.ts'

export class Cells {
  private readonly table: string
  private readonly values: SqlValue[]

  constructor(table: string, values: SqlValue[]) {
    this.table = table
    this.values = values
  }

  isNull(at: number): boolean {
    return this.values[at] === null
  }

  count(at: number): number {
    return this.integer(at, 0, Number.MAX_SAFE_INTEGER)
  }

  port(at: number): number {
    return this.integer(at, 0, 65_535)
  }

  /** Microseconds since the epoch, within what a date can be. */
  time(at: number): number {
    return this.integer(at, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  }

  /** Checks that all but the first are times. */
  times(): void {
    for (let at = 1; at < this.values.length; at++) this.time(at)
  }

  degrees(at: number, most: number): number {
    const value = this.values[at]
    if (typeof value === 'number' && Math.abs(value) <= most) return value
    throw this.wrong('its coordinates are impossible')
  }

  text(at: number): string {
    return this.textOrNull(at) ?? ''
  }

  textOrNull(at: number): string | null {
    const value = this.values[at]
    if (value === null) return null
    if (typeof value !== 'string') throw this.wrong('a text is something else')
    return value
  }

  wrong(what: string): DatabaseError {
    const id = typeof this.values[0] === 'number' ? ` ${this.values[0]}` : ''
    return new DatabaseError('unusable', `row${id} of ${this.table}: ${what}; the file was changed: rtnvis verify says where`)
  }

  private integer(at: number, from: number, to: number): number {
    const value = this.values[at]
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value
    throw this.wrong('a number is impossible')
  }
}
