// One mutant through the whole pipeline, and what must be true afterwards.
import { analyze } from '../../src/analyze.ts'
import { CaptureError } from '../../src/errors.ts'
import { compressionOf } from '../../src/node/decompress.ts'
import { loadSqlite } from '../../src/node/sqlite.ts'
import { summarize } from '../../src/report/index.ts'
import { formatReport } from '../../src/report/text.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { allAgree, formatCheck } from '../../src/verify/check.ts'
import { checkDatabase } from '../../src/verify/database.ts'
import { sourceOf } from '../support/analysis.ts'
import { Recorder } from './recorder.ts'
import { expectSound } from './soundness.ts'

const OPTIONS = {
  reportName: 'fuzz',
  programVersion: '0.0.0',
  origin: { name: 'Nairobi, Kenya', latitudeDeg: -1.286389, longitudeDeg: 36.817223, source: 'default' as const },
  maxPackets: 100_000,
}
/** Every so many mutants also go through SQLite and the report, or are read a second time in chunks of another size. */
const SQLITE_EVERY = 40
const CHUNKED_EVERY = 8
const CHUNK_BYTES = [1, 7, 61, 4096]
/** Read byte by byte, a long capture takes its time by right. */
const MAX_CHUNKED_BYTES = 100_000
/** How far damaged compressed data goes depends on the pieces it comes in. */
const isChunkable = (bytes: Uint8Array): boolean => bytes.length <= MAX_CHUNKED_BYTES && compressionOf(bytes) === ''

const sqlite = loadSqlite()

/**
 * @param index decides which of the more expensive checks are made
 * @returns false where the capture was refused in one clear line
 * @throws for everything that must not happen
 */
export async function tryMutant(bytes: Uint8Array, index: number): Promise<boolean> {
  const recorder = new Recorder()
  const refusal = await analyzeInto(bytes, () => recorder)
  if (refusal === null) expectSound(recorder)
  if (index % CHUNKED_EVERY === 3 && isChunkable(bytes)) await expectSameInChunks(bytes, index, recorder, refusal)
  if (index % SQLITE_EVERY === 5 && refusal === null) await expectSameInSqlite(bytes)
  return refusal === null
}

/** @returns the message of a CaptureError, null when there was none */
async function analyzeInto(bytes: Uint8Array, open: () => SqlDatabase, chunkBytes?: number): Promise<string | null> {
  try {
    await analyze([sourceOf(bytes, chunkBytes)], { geoip: Promise.resolve(null), openDatabase: Promise.resolve(open) }, OPTIONS)
    return null
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    if (!/^[\x20-\x7e]{1,500}$/.test(error.message)) throw new Error(`a refusal that is no clear line: ${JSON.stringify(error.message)}`)
    return error.message
  }
}

async function expectSameInChunks(bytes: Uint8Array, index: number, whole: Recorder, wholeRefusal: string | null): Promise<void> {
  const chunkBytes = CHUNK_BYTES[Math.floor(index / CHUNKED_EVERY) % CHUNK_BYTES.length]!
  const recorder = new Recorder()
  const refusal = await analyzeInto(bytes, () => recorder, chunkBytes)
  if (refusal !== wholeRefusal) throw new Error(`chunks of ${chunkBytes} bytes: "${refusal}" instead of "${wholeRefusal}"`)
  for (const [name, { columns, values }] of whole.tables) {
    const others = recorder.tables.get(name)?.values ?? []
    const at = values.findIndex((value, i) => value !== others[i])
    const differing = at < 0 && others.length > values.length ? values.length : at
    if (differing >= 0) {
      const column = `${name}.${columns[differing % columns.length]}`
      throw new Error(`chunks of ${chunkBytes} bytes change ${column}: ${others[differing]} instead of ${values[differing]}`)
    }
  }
}

async function expectSameInSqlite(bytes: Uint8Array): Promise<void> {
  const database = (await sqlite)()
  try {
    await analyzeInto(bytes, () => database)
    const checks = checkDatabase(database)
    if (!allAgree(checks)) {
      const lines = checks.filter(({ outcome }) => outcome !== 'agrees').map(formatCheck)
      throw new Error(`verification: ${lines.join(' | ')}`)
    }
    formatReport(summarize(database))
  } finally {
    database.close()
  }
}
