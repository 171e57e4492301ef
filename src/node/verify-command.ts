// `rtnvis verify`: a report folder -> its database checked against itself, and its captures recounted by other code.
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CaptureError } from '../errors.ts'
import { READING } from '../store/check-schema.ts'
import type { SqlDatabase } from '../types.ts'
import {
  type CaptureClaim,
  compareDigest,
  compareRecount,
  compareRoom,
  isPartial,
  readClaims,
  whyReadOtherwise,
} from '../verify/capture.ts'
import { allAgree, type Check, conclusion, differs, formatCheck, notChecked } from '../verify/check.ts'
import { checkDatabase } from '../verify/database.ts'
import { DATABASE, messageOf } from '../verify/query.ts'
import { reasonOf } from './input.ts'
import { type ReadFacts, readFacts, recountFile } from './recount-file.ts'
import { DATABASE_FILE, readDatabaseFile } from './report-database.ts'
import { restoreReports } from './restore-report.ts'
import { loadSqlite } from './sqlite.ts'
import { print, printJson } from './terminal.ts'

export interface VerifyOptions {
  /** Where the original captures are; looked for by name when left out. */
  capture?: string[]
  json: boolean
  /** Print only what differs. */
  quiet: boolean
}

/** A capture file that was read, and where. */
interface Found {
  path: string
  facts: ReadFacts
}

/** SQLite file format 1.3.1. */
const SQLITE_HEADER = 'SQLite format 3\0'

/**
 * Prints one line a check on stdout.
 * @returns true if all that could be checked agrees
 * @throws CaptureError: there is no database to check, or a file given by --capture cannot be read
 */
export async function runVerify(folder: string, options: VerifyOptions): Promise<boolean> {
  await restoreReports(folder)
  const path = (await isFolder(folder)) ? join(folder, DATABASE_FILE) : folder
  const bytes = await readDatabaseFile(path)
  const given: Found[] = []
  for (const file of options.capture ?? []) given.push({ path: file, facts: await readFacts(file) })
  const { checks, claims } = await checkBytes(bytes)
  const isReadable = claims.length > 0
  for (const claim of claims) {
    const found = take(claim, given, claims.length) ?? (await search(claim, dirname(resolve(path))))
    checks.push(...(await checkCapture(claim, found)))
  }
  for (const { path } of given) {
    const name = basename(path)
    checks.push(
      isReadable
        ? differs(name, 'capture', 'no capture of this report has its SHA-256 or its name')
        : notChecked(name, 'SHA-256, packets, bytes and times', 'the database names no capture that it could be held against'),
    )
  }
  await tell(folder, checks, options)
  return allAgree(checks)
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  }
}

async function checkBytes(bytes: Uint8Array): Promise<{ checks: Check[]; claims: CaptureClaim[] }> {
  if (Buffer.from(bytes.subarray(0, 16)).toString('latin1') !== SQLITE_HEADER)
    return { checks: [differs(DATABASE, 'made by rtnvis', 'the file is no SQLite database')], claims: [] }
  let database: SqlDatabase | null = null
  try {
    database = (await loadSqlite())(bytes)
    database.run(READING)
    const checks = checkDatabase(database)
    // Where checks were given up, the rows of captures are not worth reading either.
    const isReadable = checks.some(({ subject }) => subject === 'totals in meta')
    return { checks, claims: isReadable ? readClaims(database) : [] }
  } catch (error) {
    return { checks: [differs(DATABASE, 'made by rtnvis', `SQLite cannot read it: ${messageOf(error)}`)], claims: [] }
  } finally {
    database?.close()
  }
}

/** Of the files given, the one with the capture's digest, else with its name, else the only one for the only capture. */
function take(claim: CaptureClaim, given: Found[], captures: number): Found | null {
  let index = given.findIndex(({ facts }) => facts.sha256 === claim.sha256)
  if (index < 0) index = given.findIndex(({ path }) => basename(path) === claim.file)
  if (index < 0 && captures === 1 && given.length === 1) index = 0
  return index < 0 ? null : given.splice(index, 1)[0]!
}

/** The file of that name in the current folder, the report's folder or the one above it; one with the right digest is preferred. */
async function search(claim: CaptureClaim, folder: string): Promise<Found | null> {
  if (basename(claim.file) !== claim.file || /^\.{0,2}$|[\\\0]/.test(claim.file)) return null
  let best: Found | null = null
  for (const place of new Set([process.cwd(), folder, dirname(folder)])) {
    const path = join(place, claim.file)
    const isThere = await stat(path).then(
      (status) => status.isFile(),
      () => false,
    )
    if (!isThere) continue
    const facts = await readFacts(path)
    if (facts.sha256 === claim.sha256) return { path, facts }
    best ??= { path, facts }
  }
  return best
}

async function checkCapture(claim: CaptureClaim, found: Found | null): Promise<Check[]> {
  if (found === null) {
    const where = "not found here, in the report's folder or in the one above it: give it with --capture FILE"
    return [notChecked(claim.file, 'SHA-256, packets, bytes and times', where)]
  }
  const { path, facts } = found
  const checks = [compareDigest(claim, facts)]
  const why = facts.notRecounted || whyReadOtherwise(claim)
  if (why !== '') {
    checks.push(notChecked(claim.file, 'packets, bytes and times', why), compareRoom(claim, facts))
    return checks
  }
  const limit = isPartial(claim) ? claim.packets : Number.POSITIVE_INFINITY
  try {
    checks.push(...compareRecount(claim, await recountFile(path, facts, limit), facts))
  } catch (error) {
    checks.push(notChecked(claim.file, 'packets, bytes and times', `the recount failed: ${reasonOf(error)}`))
  }
  return checks
}

function tell(folder: string, checks: Check[], { json, quiet }: VerifyOptions): Promise<void> {
  if (json) return printJson({ report: folder, agrees: allAgree(checks), checks })
  const shown = quiet ? checks.filter(({ outcome }) => outcome === 'differs') : checks
  const lines = shown.map(formatCheck)
  if (!quiet) lines.push(conclusion(checks))
  return print(lines.map((line) => `${line}\n`).join(''))
}
