// `rtnvis verify`: a report folder -> checks of its database alone, a recount of its captures by independent code, and a repeated analysis.

import { basename, dirname, join, resolve } from 'node:path'
import { NOT_READ } from '../../capture/coverage.ts'
import { LAKE_FORMAT } from '../../capture/flow-records/lake.ts'
import { UsageError } from '../../errors.ts'
import { formatCount } from '../../report/figures.ts'
import type { Report } from '../../report/index.ts'
import { DatabaseError } from '../../store/report-database.ts'
import type { SqlDatabase } from '../../types.ts'
import { type CaptureClaim, compareDigest, compareRecount, compareRoom, isPartial, whyReadOtherwise } from '../../verify/capture.ts'
import { agrees, allAgree, type Check, conclusion, differs, formatCheck, notChecked } from '../../verify/check.ts'
import { HEADER_BYTES } from '../../verify/header.ts'
import { type Claims, isLiveCapture } from '../../verify/inputs.ts'
import { DATABASE, messageOf } from '../../verify/query.ts'
import { checkSameBytes, type Exempt, isWhole } from '../../verify/rows.ts'
import { unseenChecks } from '../../verify/unseen.ts'
import { DATABASE_FILE, readDatabaseFile } from '../database/report-database.ts'
import { loadSqlite } from '../database/sqlite.ts'
import { reasonOf } from '../input/input.ts'
import { isFolder } from '../input/named-files.ts'
import { checkFiles } from '../output/report-files.ts'
import { restoreReports } from '../output/restore-report.ts'
import { SITE } from '../paths.ts'
import { checkSums } from '../verify/checksums.ts'
import type { Contents, Examined } from '../verify/database-questions.ts'
import { type Found, findCaptures, type Search } from '../verify/find-captures.ts'
import { QueriedDatabases } from '../verify/queried-databases.ts'
import { readFacts, recountFile } from '../verify/recount-file.ts'
import { reproduce } from '../verify/reproduce.ts'
import { checkSignature } from '../verify/signature.ts'
import type { ThreadsOptions } from '../workers/database-threads.ts'
import type { Run, VerifyFlags } from './options.ts'
import { print, printJson } from './terminal.ts'

export type VerifyOptions = VerifyFlags & Pick<Run, 'programVersion'>

type OpenDatabase = (bytes?: Uint8Array) => SqlDatabase

/** The report to verify. */
interface Given {
  /** Null when only a database was named. */
  folder: string | null
  path: string
  bytes: Uint8Array
  databases: QueriedDatabases
  /** Opens databases of the repeated analysis. */
  openDatabase: OpenDatabase
  siteDir: string
}

/** SQLite file format 1.3.1. */
const SQLITE_HEADER = 'SQLite format 3\0'
const REPORT = 'report'
const AGAIN = 'made again from its captures'
const SIGNED = 'signature'
const OF_LAKE =
  'its rows are those of a lake or database, which is not read: rtnvis report --from it with the same options makes the same bytes'

/**
 * Prints one line for each check on stdout.
 * @param path of a report's folder, or of a traffic.sqlite
 * @param siteDir folder of the built page
 * @param threads replaced by tests
 * @returns true if no check differs
 * @throws CaptureError: there is no database to check, or a file given by an option cannot be read; UsageError
 */
export async function runVerify(path: string, options: VerifyOptions, siteDir = SITE, threads: ThreadsOptions = {}): Promise<boolean> {
  await restoreReports(path)
  const folder = (await isFolder(path)) ? path : null
  const file = folder === null ? path : join(folder, DATABASE_FILE)
  const bytes = await readDatabaseFile(file)
  const databases = new QueriedDatabases(bytes.length, threads)
  try {
    return await verify({ folder, path: file, bytes, databases, openDatabase: await loadSqlite(), siteDir }, path, options)
  } finally {
    await databases.close()
  }
}

async function verify(given: Given, path: string, options: VerifyOptions): Promise<boolean> {
  const { folder, path: file } = given
  const files: Found[] = []
  for (const capture of options.capture ?? []) files.push({ path: capture, facts: await readFacts(capture) })
  const { checks, contents } = await examine(given, options.programVersion)
  const near = dirname(resolve(file))
  const isLive = contents?.claims != null && isLiveCapture(contents.claims, contents.captures)
  const search = await findCaptures(isLive && files.length !== 1 ? [] : (contents?.captures ?? []), files, near)
  for (const [i, found] of search.found.entries()) checks.push(...(await checkCapture(contents!.captures[i], found, search.namesakes[i])))
  if (!isLive || files.length === 1) checks.push(...checkUnmatched(search.unmatched, contents !== null))
  const captures = new Set(files.concat(search.found.filter((found) => found !== null)).map(({ path }) => resolve(path)))
  const signature = folder === null ? [] : await checkSigned(folder, captures, options.checkSignature)
  if (options.checkSignature !== undefined && folder === null)
    throw new UsageError(`--check-signature: ${path} is a file: the signature is of a report's folder`)
  checks.push(...signature)
  const isSigned = signature.some(({ subject, outcome }) => subject === SIGNED && outcome === 'agrees') && allAgree(signature)
  if (contents !== null) checks.push(...(await checkAgain(given, contents, isLive ? files : search, captures, options, isSigned)))
  await printChecks(path, checks, options)
  return allAgree(checks)
}

async function examine({ bytes, databases }: Given, programVersion: string): Promise<Examined> {
  const problem = (detail: string): Examined => ({ checks: [differs(DATABASE, 'made by rtnvis', detail)], contents: null })
  if (Buffer.from(bytes.subarray(0, 16)).toString('latin1') !== SQLITE_HEADER) return problem('the file is not a SQLite database')
  try {
    return await databases.query<Examined>('examine', bytes, { programVersion, header: Uint8Array.from(bytes.subarray(0, HEADER_BYTES)) })
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return problem(error.message)
  }
}

async function checkCapture(claim: CaptureClaim, found: Found | null, namesake: string): Promise<Check[]> {
  if (found === null && claim.format === LAKE_FORMAT) return [notChecked(claim.file, 'SHA-256, packets, bytes and times', OF_LAKE)]
  if (found === null) {
    const other = namesake === '' ? '' : ` (${namesake} is another file of that name)`
    const where = `not found in this folder, the report's or its parent${other}: give it with --capture FILE`
    return [notChecked(claim.file, 'SHA-256, packets, bytes and times', where)]
  }
  const { path, facts } = found
  const checks = [compareDigest(claim, facts)]
  if (basename(path) !== claim.file) checks.push(notChecked(claim.file, 'name', `the file has the name ${basename(path)} here`))
  if (claim.format === NOT_READ) {
    checks.push(notChecked(claim.file, 'packets, bytes and times', `none of it was read: ${claim.endedBy}`))
    return checks
  }
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

function checkUnmatched(unmatched: Found[], isReadable: boolean): Check[] {
  return unmatched.map(({ path }) =>
    isReadable
      ? differs(basename(path), 'capture', 'no capture of this report has its SHA-256 or its name')
      : notChecked(basename(path), 'SHA-256, packets, bytes and times', 'the database names no capture to compare it with'),
  )
}

async function checkSigned(folder: string, captures: ReadonlySet<string>, key: string | undefined): Promise<Check[]> {
  const sums = await checkSums(resolve(folder), captures)
  if (key !== undefined) return [...(sums === null ? [] : [sums]), await checkSignature(folder, key)]
  if (sums === null) return []
  return [sums, notChecked(REPORT, SIGNED, 'the signer is unknown: give the public key with --check-signature KEY.pub')]
}

/** Repeats the analysis, and compares the database and the files of the folder. */
async function checkAgain(
  given: Given,
  { captures, version, claims, locations }: Contents,
  files: Search | Found[],
  paths: ReadonlySet<string>,
  options: VerifyOptions,
  isSigned: boolean,
): Promise<Check[]> {
  const none = (why: string): Check[] => [
    notChecked(REPORT, AGAIN, why),
    ...(isSigned ? [agrees(REPORT, 'all files', 'they are as they were signed')] : unseenChecks(why)),
  ]
  const isOwn = version === options.programVersion
  const other = `rtnvis ${version} made the report and this is ${options.programVersion}, whose results may differ`
  if (claims === null && !isOwn) return none(`${other}; the options of that version are unknown: verify the report with that version`)
  if (claims === null)
    return [
      differs(DATABASE, 'options in meta', 'they differ from those of every report of this version'),
      ...none('the options of the analysis are unknown'),
    ]
  const withFiles = async (database: Uint8Array, checks: Check[]): Promise<Check[]> => {
    if (given.folder === null) return checks
    if (!isOwn) return [...checks, notChecked('folder', 'files of the folder', `${other}: verify it with that version`)]
    return [...checks, ...(await filesAgain(given, database, claims, paths))]
  }
  const why = whyNotAgain(claims, captures, files)
  if (why !== '') return withFiles(given.bytes, none(why))
  const capturePaths = Array.isArray(files) ? files.map(({ path }) => path) : files.found.map((found) => found!.path)
  try {
    const folder = dirname(resolve(given.path))
    const claimed = { claims, captures, locations, programVersion: options.programVersion }
    const made = await reproduce(claimed, capturePaths, folder, options, given.openDatabase)
    const isAlike = isWhole(made.exempt) && Buffer.from(made.database).equals(given.bytes)
    const compared = isAlike
      ? [agrees(REPORT, AGAIN, `the database is the same to the byte (${formatCount(given.bytes.length)})`)]
      : await compareDatabases(given, made.database, made.exempt)
    const shown = isOwn ? compared : byOtherVersion(compared, other)
    return withFiles(isWhole(made.exempt) ? made.database : given.bytes, [...made.checks, ...shown])
  } catch (error) {
    if (error instanceof UsageError && options.geoip !== undefined) throw error
    return withFiles(given.bytes, [differs(REPORT, AGAIN, `it cannot be: ${messageOf(error)}`)])
  }
}

/** For a report of another version, whose differences may come from the version. If only its version row differs, the reports agree. */
function byOtherVersion(compared: Check[], other: string): Check[] {
  const rows = compared.filter(({ subject, outcome }) => outcome === 'differs' && subject !== 'table meta made again')
  if (rows.length === 1 && rows[0].subject === 'meta row "program_version", value')
    return [agrees(REPORT, AGAIN, `all rows but the version: ${other}, but not for these captures`)]
  return compared.map((check) =>
    check.outcome === 'differs' ? notChecked(check.about, check.subject, `${check.detail}; ${other}: verify it with that version`) : check,
  )
}

/** Why the analysis cannot be repeated; "" if all captures are available and unchanged. */
function whyNotAgain(claims: Claims, captures: CaptureClaim[], files: Search | Found[]): string {
  if (claims.inputs.isMerged) return 'it was made of reports by rtnvis merge: verify those, and merge them again'
  if (isLiveCapture(claims, captures)) {
    const isGiven = Array.isArray(files) && files.length > 0
    return isGiven ? '' : 'the packets of a live capture are only kept by rtnvis live -w: give its raw files with --capture, in order'
  }
  const found = Array.isArray(files) ? [] : files.found
  if (captures.some(({ format }, i) => format === LAKE_FORMAT && !found[i])) return 'its rows are those of a lake'
  const missing = captures.filter((_, i) => !found[i]).map(({ file }) => file)
  if (missing.length > 0) return `${missing.join(', ')} was not found`
  const changed = captures.filter(({ sha256 }, i) => sha256 !== null && found[i]!.facts.sha256 !== sha256).map(({ file }) => file)
  return changed.length > 0 ? `${changed.join(', ')} is not the file that was analysed` : ''
}

async function compareDatabases({ bytes, databases }: Given, made: Uint8Array, exempt: Exempt): Promise<Check[]> {
  const checks = await databases.query<Check[]>('compare', bytes, { made, exempt })
  return allAgree(checks) && isWhole(exempt) ? [...checks, checkSameBytes(made, bytes)] : checks
}

async function filesAgain({ folder, databases, siteDir }: Given, database: Uint8Array, { inputs }: Claims, captures: ReadonlySet<string>) {
  try {
    const readReport = () => databases.query<Report>('report', database, null)
    return await checkFiles(resolve(folder!), database, inputs.pages, captures, siteDir, readReport)
  } catch (error) {
    return [notChecked('folder', 'files of the folder', `they cannot be reproduced: ${messageOf(error)}`)]
  }
}

function printChecks(folder: string, checks: Check[], { json, quiet }: VerifyOptions): Promise<void> {
  if (json) return printJson({ report: folder, agrees: allAgree(checks), checks })
  const shown = quiet ? checks.filter(({ outcome }) => outcome === 'differs') : checks
  const lines = shown.map(formatCheck)
  if (!quiet) lines.push(conclusion(checks))
  return print(lines.map((line) => `${line}\n`).join(''))
}
