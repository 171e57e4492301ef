// Typed arrays that grow by doubling, so that rows cost their bytes and nothing else.

type Column = Int32Array | Uint32Array | Uint16Array | Uint8Array | Float64Array

/**
 * Rows that a table has room for at first. Few on purpose: growing is then known to the compiler before it optimises what runs once a packet, and
 * need not be compiled again when the tables grow later.
 */
export const FIRST_ROWS = 64

/**
 * What large tables grow by: systems give memory only where it is written, so room that is not used costs nothing, while moving and touching
 * everything anew takes longer than all that is done to it between two doublings.
 */
export const LAZY_GROWTH = 4

/** The same values in an array of twice the length. */
export function doubled<T extends Column>(column: T): T {
  const longer = new (column.constructor as new (length: number) => T)(column.length * 2)
  longer.set(column)
  return longer
}

/** Where the first of each value stands once all are sorted. @param range values are below it */
export function placesByValue(values: Int32Array, range: number): Int32Array {
  const places = new Int32Array(range + 1)
  for (let i = 0; i < values.length; i++) places[values[i] + 1]++
  for (let value = 0; value < range; value++) places[value + 1] += places[value]
  return places
}
