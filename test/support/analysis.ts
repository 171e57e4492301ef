// Runs the whole pipeline on bytes in memory, in chunks of any size, without geolocation.
import { type AnalysisOptions, analyze, type PageMaker } from '../../src/analyze.ts'
import { compressionOf } from '../../src/compression/decompress.ts'
import { type Geolocator, HostLocator, lookUp } from '../../src/geo/index.ts'
import { decompress } from '../../src/node/compression/decompress.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import type { CaptureSource, Lookup, SqlDatabase, SqlValue } from '../../src/types.ts'

export const OPTIONS: AnalysisOptions = {
  reportName: 'test',
  programVersion: '0.0.0',
  origin: { name: 'Nairobi, Kenya', latitudeDeg: -1.286389, longitudeDeg: 36.817223, source: 'default' },
  maxPackets: 100_000,
}

/** The bytes in pieces; a piece is spoilt once the next one is asked for, as a reused buffer would be. */
export async function* chunked(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(chunkBytes, bytes.length))
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const piece = bytes.subarray(at, at + chunkBytes)
    buffer.set(piece)
    yield buffer.subarray(0, piece.length)
    buffer.fill(0xee)
  }
}

/** A file as the command line would open it, but from memory. */
export function sourceOf(bytes: Uint8Array, chunkBytes = Math.max(1, bytes.length), file = 'input'): CaptureSource {
  const compression = compressionOf(bytes)
  let problem = ''
  const raw = chunked(bytes, chunkBytes)
  const report = (text: string): void => {
    problem = text
  }
  return {
    file,
    totalBytes: bytes.length,
    compression,
    chunks: compression === '' ? raw : decompress(compression, raw, report),
    bytesRead: () => bytes.length,
    finish: async () => ({ sha256: null, problem }),
    close: async () => {},
  }
}

/** `lookup` places public hosts; without it none has a place. `pageMaker` as of AnalysisHost. */
export async function analyzeBytes(
  bytes: Uint8Array,
  chunkBytes?: number,
  options: Partial<AnalysisOptions> = {},
  lookup: Lookup | null = null,
  pageMaker?: PageMaker,
): Promise<SqlDatabase> {
  const sqlite = loadSqlite()
  const file = await analyze(
    [sourceOf(bytes, chunkBytes)],
    { geoip: Promise.resolve(lookup && geolocatorOf(lookup)), openDatabase: sqlite, ...(pageMaker && { pageMaker }) },
    { ...OPTIONS, ...options },
  )
  return (await sqlite)(file)
}

/** A geolocator that has no database file. */
function geolocatorOf(lookup: Lookup): Geolocator {
  const source = { database: 'made for a test', buildDate: null, attribution: '', asnDatabase: null, asnBuildDate: null }
  return {
    source,
    follow: () => {},
    lookUpSome: () => false,
    lookUp: (hosts) => lookUp(hosts, new HostLocator(lookup)),
  }
}

/** Rows of a query whose columns are named in `columns`, in order. */
export function rows<Column extends string>(database: SqlDatabase, columns: Column[], rest: string): Record<Column, SqlValue>[] {
  const statement = database.prepare(`SELECT ${columns.join(', ')} ${rest}`)
  const found: Record<Column, SqlValue>[] = []
  while (statement.step()) {
    const values = statement.get()
    found.push(Object.fromEntries(columns.map((column, index) => [column, values[index]!])) as Record<Column, SqlValue>)
  }
  statement.free()
  return found
}

/** The same as one line a row; null is "". */
export function linesOf(database: SqlDatabase, columns: string[], rest: string): string[] {
  return rows(database, columns, rest).map((row) => columns.map((column) => row[column]).join(' '))
}

/** Of the first capture. */
export function warningsOf(database: SqlDatabase): string {
  return String(rows(database, ['warnings'], 'FROM captures')[0].warnings)
}

/** The one number a query answers; 0 for null. */
export function numberOf(database: SqlDatabase, sql: string): number {
  const statement = database.prepare(sql)
  statement.step()
  const value = Number(statement.get()[0] ?? 0)
  statement.free()
  return value
}
