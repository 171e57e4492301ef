// Verify's questions to an untrusted database -> checks and contents. Runs in a thread (workers/verify-thread.ts).
import { type Report, summarize } from '../../report/index.ts'
import { READING } from '../../store/check-schema.ts'
import type { SqlDatabase } from '../../types.ts'
import { type CaptureClaim, readClaims } from '../../verify/capture.ts'
import type { Check } from '../../verify/check.ts'
import { checkDatabase } from '../../verify/database.ts'
import { checkHeaderBytes, expectedHeader } from '../../verify/header.ts'
import { type Claims, readInputs, readLocations, readVersion } from '../../verify/inputs.ts'
import { checkStatements } from '../../verify/objects.ts'
import { attempt } from '../../verify/query.ts'
import { compareTables, type Exempt } from '../../verify/rows.ts'

type OpenDatabase = (bytes?: Uint8Array) => SqlDatabase

/** Contents of a database that can be read. */
export interface Contents {
  captures: CaptureClaim[]
  version: string
  claims: Claims | null
  locations: ReturnType<typeof readLocations>
}

/** `contents` is null if the checks failed too early for them to be useful. */
export interface Examined {
  checks: Check[]
  contents: Contents | null
}

/** Opens the bytes without any repair or change. @throws SQLite's error */
export function openHostile(openDatabase: OpenDatabase, bytes: Uint8Array): SqlDatabase {
  const database = openDatabase(bytes)
  database.run(READING)
  return database
}

export const VERIFY_QUESTIONS = {
  /** Checks of the database alone. @param header its first bytes */
  examine(
    database: SqlDatabase,
    { programVersion, header }: { programVersion: string; header: Uint8Array },
    openDatabase: OpenDatabase,
  ): Examined {
    const checks = checkDatabase(database)
    // If checks were not completed, the contents are not reliable either.
    if (!checks.some(({ subject }) => subject === 'totals in meta')) return { checks, contents: null }
    const version = readVersion(database)
    if (version === programVersion) {
      checks.push(attempt('definitions of tables', () => checkStatements(database)))
      checks.push(checkHeaderBytes(header, expectedHeader(openDatabase())))
    }
    const locations = readLocations(database)
    return { checks, contents: { captures: readClaims(database), version, claims: readInputs(database), locations } }
  },

  /** Compares the database with the new one. */
  compare(database: SqlDatabase, { made, exempt }: { made: Uint8Array; exempt: Exempt }, openDatabase: OpenDatabase): Check[] {
    const expected = openDatabase(made)
    try {
      return compareTables(expected, database, exempt)
    } finally {
      expected.close()
    }
  },

  report: (database: SqlDatabase): Report => summarize(database),
}
