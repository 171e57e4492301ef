// Rows of which few have other names than all others -> each combination of names once, and by row which one it has.
import { sharedInts } from '../column.ts'
import { HASH_SEED, mix } from '../flows/hash.ts'

/** Names and application of one conversation. */
export interface FlowNames {
  application: string | null
  applicationSource: 'content' | 'port' | null
  /** The name that the client requested, else the last DNS name of the server's address when the flow began. */
  serverName: string | null
  serverNameSource: string | null
  ja4: string | null
}

/** Plain data: rules and writer ask several times for each conversation. */
export interface NamesByFlow {
  distinct: FlowNames[]
  /** By conversation: index into distinct. */
  indexes: Int32Array
}

/** @param columns of integers, the same in rows with the same names @param add called with the first row of each; returns its number @returns by row: that number */
export function numberRows(columns: readonly ArrayLike<number>[], rows: number, add: (row: number) => number): Int32Array {
  const numbers = sharedInts(rows)
  /** By hash: row + 1, 0 for none; open addressing. */
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, rows * 2))))
  const mask = slots.length - 1
  for (let row = 0; row < rows; row++) {
    let hash = HASH_SEED
    for (let i = 0; i < columns.length; i++) hash = mix(hash ^ columns[i][row])
    let slot = hash & mask
    while (slots[slot] !== 0 && !isSame(columns, slots[slot] - 1, row)) slot = (slot + 1) & mask
    if (slots[slot] === 0) {
      slots[slot] = row + 1
      numbers[row] = add(row)
    } else numbers[row] = numbers[slots[slot] - 1]
  }
  return numbers
}

function isSame(columns: readonly ArrayLike<number>[], a: number, b: number): boolean {
  for (let i = 0; i < columns.length; i++) if (columns[i][a] !== columns[i][b]) return false
  return true
}
