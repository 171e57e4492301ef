// Typed columns that grow by doubling: ten million list entries as objects would need too much memory.

type Column = Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

/** @returns the column itself if it has `length` elements, otherwise a copy that is at least twice as long */
export function grown<T extends Column>(column: T, length: number): T {
  if (length <= column.length) return column
  const longer = new (column.constructor as new (length: number) => T)(Math.max(length, 2 * column.length))
  longer.set(column)
  return longer
}

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/** Sorts the positions 0 .. count - 1 of `order` by their 32-bit keys; stable (radix sort, three passes). */
export function sortedByKey(order: Uint32Array, keyOf: Uint32Array, count: number): Uint32Array {
  let from = order.slice(0, count)
  let to = new Uint32Array(count)
  const counts = new Uint32Array(DIGITS + 1)
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    counts.fill(0)
    for (let i = 0; i < count; i++) counts[((keyOf[from[i]] >>> shift) & (DIGITS - 1)) + 1]++
    for (let digit = 0; digit < DIGITS; digit++) counts[digit + 1] += counts[digit]
    for (let i = 0; i < count; i++) to[counts[(keyOf[from[i]] >>> shift) & (DIGITS - 1)]++] = from[i]
    ;[from, to] = [to, from]
  }
  return from
}
