// What `rtnvis slice` asks a database that somebody sent. Runs in a thread (workers/database-thread.ts).
import { UsageError } from '../../errors.ts'
import { type Choice, type Selection, select } from '../../slice/select.ts'
import type { SqlDatabase } from '../../types.ts'
import { type CaptureClaim, readClaims } from '../../verify/capture.ts'
import { type Claims, readInputs } from '../../verify/inputs.ts'

/** Errors of a thread lose their class: what is wrong with the choice comes as an answer. */
export type SliceAnswer = { usage: string } | { selection: Selection; claims: Claims | null; captures: CaptureClaim[] }

export function readSlice(database: SqlDatabase, choice: Choice): SliceAnswer {
  try {
    return { selection: select(database, choice), claims: readInputs(database), captures: readClaims(database) }
  } catch (error) {
    if (error instanceof UsageError) return { usage: error.message }
    throw error
  }
}
