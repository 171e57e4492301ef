// One mutant through the whole pipeline, and what must be true afterwards.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Analysis } from '../../src/analysis.ts'
import { type AnalysisOptions, analyze } from '../../src/analyze.ts'
import { CaptureInput } from '../../src/capture/input.ts'
import { merge } from '../../src/capture/merge.ts'
import { CaptureError } from '../../src/errors.ts'
import { HostLocator } from '../../src/geo/index.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { openAll } from '../../src/node/input/inputs.ts'
import { summarize } from '../../src/report/index.ts'
import { formatReport } from '../../src/report/text.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import type { CaptureSource, SqlDatabase } from '../../src/types.ts'
import { allAgree, formatCheck } from '../../src/verify/check.ts'
import { checkDatabase } from '../../src/verify/database.ts'
import { sourceOf } from '../support/analysis.ts'
import { expectSound } from './soundness.ts'
import { Tables } from './tables.ts'

const OPTIONS = {
  reportName: 'fuzz',
  programVersion: '0.0.0',
  origin: { name: 'Nairobi, Kenya', latitudeDeg: -1.286389, longitudeDeg: 36.817223, source: 'default' as const },
  maxPackets: 100_000,
} satisfies AnalysisOptions
/** Every so many mutants are also verified and reported on as a user would, read again in chunks of another size, merged with themselves, or read with others. */
const VERIFIED_EVERY = 20
const CHUNKED_EVERY = 4
const MERGED_EVERY = 10
const SEVERAL_EVERY = 10
const CHUNK_BYTES = [1, 7, 61, 4096]
/** Read byte by byte, a long capture takes its time by right. */
const MAX_CHUNKED_BYTES = 100_000

const SEVERAL = `SELECT (SELECT sum(packets) FROM captures), (SELECT sum(bytes) FROM captures), (SELECT sum(ip_packets) FROM captures),
  (SELECT min(first_us) FROM captures), (SELECT max(last_us) FROM captures), (SELECT count(*) FROM flows), (SELECT count(*) FROM hosts),
  (SELECT sum(client_packets * 3 + server_packets) FROM flows)`

const sqlite = loadSqlite()

export interface Trial {
  /** False where the capture was refused in one clear line. */
  isCapture: boolean
  /** What the analysis alone took. */
  tookMs: number
}

/**
 * @param index decides which of the more expensive checks are made
 * @param other another capture, as it is stored
 * @throws for everything that must not happen
 */
export async function tryMutant(bytes: Uint8Array, index: number, other: Uint8Array): Promise<Trial> {
  const startedMs = performance.now()
  const result = await analyzed(bytes)
  const tookMs = performance.now() - startedMs
  if (index % CHUNKED_EVERY === 3 && bytes.length <= MAX_CHUNKED_BYTES) await expectSameInChunks(bytes, index, result)
  if (typeof result === 'string') return { isCapture: false, tookMs }
  const database = (await sqlite)(result)
  try {
    const [integrity] = rowsOf(database, 'PRAGMA integrity_check(1)')[0]
    if (integrity !== 'ok') throw new Error(`integrity: ${integrity}`)
    expectSound(Tables.read(database))
    if (index % VERIFIED_EVERY === 5) expectUsable(database)
    if (index % MERGED_EVERY === 7) await expectTwice(bytes, database)
    if (index % SEVERAL_EVERY === 9) await expectSeveral(bytes, other, index)
  } finally {
    database.close()
  }
  return { isCapture: true, tookMs }
}

/** The same without a database: some ten times as quick. */
export async function tryReading(bytes: Uint8Array): Promise<Trial> {
  const startedMs = performance.now()
  const tookMs = (): number => performance.now() - startedMs
  const input = new CaptureInput(sourceOf(bytes))
  const analysis = new Analysis(OPTIONS.maxPackets)
  try {
    await merge(
      [input],
      () => analysis.add(input.reader!.packet, input.coverage),
      () => true,
    )
  } catch (error) {
    expectClear(error)
    return { isCapture: false, tookMs: tookMs() }
  }
  analysis.finish()
  const located = new HostLocator(null).locate(analysis.hosts(), OPTIONS.origin)
  const { detection } = analysis.conclude(located, analysis.flows.firstClients())
  const { packets, ipPackets, skipped } = input.summary!
  const sum = skipped.reduce((total, kind) => total + kind.packets, ipPackets)
  if (sum !== packets) throw new Error(`${packets} packets were read, ${sum} are in conversations or skipped`)
  if (detection.alerts.some(({ finding }) => !(finding.firstUs <= finding.lastUs))) throw new Error('a finding that ends before it begins')
  return { isCapture: true, tookMs: tookMs() }
}

/** @throws what is no refusal, or one that is no clear line */
function expectClear(error: unknown): string {
  if (!(error instanceof CaptureError)) throw error
  if (!/^[\x20-\x7e]{1,500}$/.test(error.message)) throw new Error(`a refusal that is no clear line: ${JSON.stringify(error.message)}`)
  return error.message
}

/** @returns the database, or the message of the CaptureError */
async function analyzed(bytes: Uint8Array, chunkBytes?: number, copies = 1): Promise<Uint8Array | string> {
  try {
    const sources = Array.from({ length: copies }, () => sourceOf(bytes, chunkBytes))
    return await analyze(sources, { geoip: Promise.resolve(null), openDatabase: sqlite }, OPTIONS)
  } catch (error) {
    return expectClear(error)
  }
}

async function expectSameInChunks(bytes: Uint8Array, index: number, whole: Uint8Array | string): Promise<void> {
  const chunkBytes = CHUNK_BYTES[Math.floor(index / CHUNKED_EVERY) % CHUNK_BYTES.length]
  const pieces = await analyzed(bytes, chunkBytes)
  if (typeof whole === 'string' || typeof pieces === 'string') {
    if (pieces !== whole) throw new Error(`chunks of ${chunkBytes} bytes: ${text(pieces)} instead of ${text(whole)}`)
  } else if (Buffer.compare(whole, pieces) !== 0) throw new Error(`chunks of ${chunkBytes} bytes: ${await difference(whole, pieces)}`)
}

function text(result: Uint8Array | string): string {
  return typeof result === 'string' ? `"${result}"` : 'a database'
}

async function difference(whole: Uint8Array, pieces: Uint8Array): Promise<string> {
  const open = await sqlite
  const [first, second] = [open(whole), open(pieces)]
  const [one, other] = [Tables.read(first), Tables.read(second)]
  first.close()
  second.close()
  for (const [name, { columns, values }] of one.tables) {
    const others = other.tables.get(name)!.values
    const at = values.findIndex((value, i) => value !== others[i])
    if (at >= 0) return `${name}.${columns[at % columns.length]} is ${others[at]} instead of ${values[at]}`
    if (others.length > values.length) return `${name} has more rows`
  }
  return 'the files differ, their rows do not'
}

/** The capture merged with itself counts everything twice. */
async function expectTwice(bytes: Uint8Array, once: SqlDatabase): Promise<void> {
  const result = await analyzed(bytes, undefined, 2)
  if (typeof result === 'string') throw new Error(`merged with itself it is refused: ${result}`)
  const twice = (await sqlite)(result)
  try {
    expectSound(Tables.read(twice))
    const sums = 'SELECT sum(packets), sum(bytes), sum(ip_packets), min(first_us), max(last_us) FROM captures'
    const [one, two] = [once, twice].map((database) => rowsOf(database, sums)[0].map(Number)) as [number[], number[]]
    const wanted = [one[0] * 2, one[1] * 2, one[2] * 2, one[3], one[4]]
    if (wanted.join() !== two.join()) throw new Error(`merged with itself it counts ${two.join()} instead of ${wanted.join()}`)
  } finally {
    twice.close()
  }
}

/**
 * Several files in one command: opened late, in any order, with an empty one and one that is there twice, they count what each of them counts.
 * The same captures opened all at once must give the same rows.
 */
async function expectSeveral(bytes: Uint8Array, other: Uint8Array, index: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rtnvis-fuzz-'))
  const contents = [bytes, other, new Uint8Array(0), bytes]
  if (index % 2 === 0) contents.reverse()
  try {
    const paths = contents.map((_, i) => join(folder, `${i}.pcap`))
    for (const [i, path] of paths.entries()) await writeFile(path, contents[i])
    const late = await readAll(openAll(paths, new AbortController().signal))
    const sources = [...new Set(contents)].filter(({ length }) => length > 0).map((content) => sourceOf(content))
    const together = await readAll(Promise.resolve(sources))
    if (late === null || together === null) {
      if (late !== together) throw new Error('several files: refused only one way')
      return
    }
    if (late.join() !== together.join()) throw new Error(`several files: ${late.join()} instead of ${together.join()}`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What was counted; null: one of the files is refused. */
async function readAll(sources: Promise<CaptureSource[]>): Promise<unknown[] | null> {
  let result: Uint8Array
  try {
    result = await analyze(await sources, { geoip: Promise.resolve(null), openDatabase: sqlite }, OPTIONS)
  } catch (error) {
    if (error instanceof CaptureError) return null
    throw error
  }
  const database = (await sqlite)(result)
  try {
    expectSound(Tables.read(database))
    return rowsOf(database, SEVERAL).flat()
  } finally {
    database.close()
  }
}

/** What `rtnvis verify` and the reports make of it. */
function expectUsable(database: SqlDatabase): void {
  const checks = checkDatabase(database)
  if (!allAgree(checks)) {
    const lines = checks.filter(({ outcome }) => outcome !== 'agrees').map(formatCheck)
    throw new Error(`verification: ${lines.join(' | ')}`)
  }
  formatReport(summarize(database))
}
