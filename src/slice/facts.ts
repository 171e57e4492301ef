// A report's database and a choice of conversations -> everything that a slice needs of the report. The database is untrusted.
import { UsageError } from '../errors.ts'
import type { SqlDatabase } from '../types.ts'
import { type CaptureClaim, readClaims } from '../verify/capture.ts'
import { type Claims, readInputs } from '../verify/inputs.ts'
import { type Choice, type Selection, select } from './select.ts'

export interface ReportCaptures {
  /** Null: the database does not contain the options it was made with. */
  claims: Claims | null
  captures: CaptureClaim[]
}

export interface SliceFacts extends ReportCaptures {
  selection: Selection
}

/** Errors lose their class between threads, so a wrong option is returned as a result. */
export type SliceAnswer = { usage: string } | SliceFacts

export function readCaptures(database: SqlDatabase): ReportCaptures {
  return { claims: readInputs(database), captures: readClaims(database) }
}

export function readSlice(database: SqlDatabase, choice: Choice): SliceAnswer {
  try {
    return { selection: select(database, choice), ...readCaptures(database) }
  } catch (error) {
    if (error instanceof UsageError) return { usage: error.message }
    throw error
  }
}
