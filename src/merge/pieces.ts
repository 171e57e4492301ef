// Conversations of reports, as plain data that several threads share -> the conversations of all that they became.
import { DatabaseError } from '../store/report-database.ts'
import type { Cell } from './cell-table.ts'
import type { ColumnMemory } from './column-memory.ts'

/** A piece is a conversation of a report; pieces have numbers by report and row. */
export interface PieceColumns {
  /** By report: its first piece; at the end the number of all. */
  starts: number[]
  /** By piece: its conversation. */
  conversation: Int32Array
  /** By piece: 1 if its client is the server of the joined conversation. */
  turned: Uint8Array
}

/** @param counts of the conversations of each report */
export function emptyPieces(counts: readonly number[], memory: ColumnMemory): PieceColumns {
  const starts = [0]
  for (const count of counts) starts.push(starts.at(-1)! + count)
  const pieces = starts.at(-1)!
  return { starts, conversation: memory.take(Int32Array, pieces), turned: memory.take(Uint8Array, pieces) }
}

/** @param id of a report's conversation @throws DatabaseError for an id that no row has */
export function pieceOf({ starts }: PieceColumns, report: number, id: Cell): number {
  const piece = starts[report] + (id as number) - 1
  if (!(piece >= starts[report] && piece < starts[report + 1])) throw missing('conversation', id)
  return piece
}

/** @param values by row, of rows whose ids count from 1 @throws DatabaseError for an id that no row has */
export function found<Value>(values: ArrayLike<Value>, id: Cell, what: string): Value {
  const value = values[(id as number) - 1]
  if (value === undefined) throw missing(what, id)
  return value
}

/** The error of a row that names what is not there. */
export function missing(what: string, id: Cell): DatabaseError {
  return new DatabaseError('unusable', `a row names ${what} ${id}, which it does not have: analyse its capture again`)
}
