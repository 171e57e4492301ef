// The query of `rtnvis slice` to an untrusted database. Runs in a thread (workers/database-thread.ts).
import { UsageError } from '../../errors.ts'
import { type Choice, type Selection, select } from '../../slice/select.ts'
import type { SqlDatabase } from '../../types.ts'
import { type CaptureClaim, readClaims } from '../../verify/capture.ts'
import { type Claims, readInputs } from '../../verify/inputs.ts'

/** Errors from a thread lose their class, so a wrong option is returned as a result. */
export type SliceAnswer = { usage: string } | { selection: Selection; claims: Claims | null; captures: CaptureClaim[] }

export function readSlice(database: SqlDatabase, choice: Choice): SliceAnswer {
  try {
    return { selection: select(database, choice), claims: readInputs(database), captures: readClaims(database) }
  } catch (error) {
    if (error instanceof UsageError) return { usage: error.message }
    throw error
  }
}
