// Typed arrays that grow by a factor, so that rows need no more memory than their bytes.

type Column = Int32Array | Uint32Array | Uint16Array | Uint8Array | Float64Array

/**
 * Initial number of rows of a table. Small, so that tables grow before V8 optimises the per-packet code: it need not be compiled again when they
 * grow later.
 */
export const FIRST_ROWS = 64

/**
 * Growth factor of large tables. The system allocates memory only when it is written, so unused room is free, while copying a table takes longer
 * than everything done with it between two doublings.
 */
export const LAZY_GROWTH = 4

/** Memory that threads can share, where the platform has such: zeros. V8 collects it late, so tables in it should grow seldom. */
export function sharedMemory(bytes: number): ArrayBufferLike {
  return new (typeof SharedArrayBuffer === 'undefined' ? ArrayBuffer : SharedArrayBuffer)(bytes)
}

export function sharedInts(length: number): Int32Array {
  return new Int32Array(sharedMemory(length * Int32Array.BYTES_PER_ELEMENT))
}

/** The same values in an array of twice the length. */
export function doubled<T extends Column>(column: T): T {
  const longer = new (column.constructor as new (length: number) => T)(column.length * 2)
  longer.set(column)
  return longer
}

/**
 * Counting sort: the position of the first occurrence of each value in sorted order.
 * @param range all values are below `least` + `range`
 * @param of which values: from index `at` on, one in `stride`
 */
export function placesByValue(values: Int32Array, range: number, of = { at: 0, stride: 1, least: 0 }): Int32Array {
  const { at, stride, least } = of
  const places = new Int32Array(range + 1)
  for (let i = at; i < values.length; i += stride) places[values[i] - least + 1]++
  for (let value = 0; value < range; value++) places[value + 1] += places[value]
  return places
}
