// What threads behind DatabaseThreads do: a question in, its answer out. They keep the database that was asked last open.
import { readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { DatabaseError, unreadable } from '../../store/report-database.ts'
import type { SqlDatabase } from '../../types.ts'
import { lend, loadSqlite } from '../database/sqlite.ts'

export interface ToDatabase {
  version: string
  question: string
  values: unknown
  /** Where it is read from, unless it is open already. */
  fd?: number
  bytes?: number
  content?: Uint8Array
}

/** `open`: version of the database that is open now, '' for none. */
export type FromDatabase = { open: string } & ({ answer: unknown } | { error: string })

export type OpenDatabase = (bytes?: Uint8Array) => SqlDatabase

/** Answers by question. A question may open databases beside the one that is asked. */
export type Answers = Record<string, (database: SqlDatabase, values: never, openDatabase: OpenDatabase) => unknown>

/** Read at once. */
const CHUNK_BYTES = 64 << 20

/** @param openFile bytes that somebody sent -> a database to be asked */
export function answerQuestions(openFile: (openDatabase: OpenDatabase, bytes: Uint8Array) => SqlDatabase, answers: Answers): void {
  const sqlite = loadSqlite()
  let open: { version: string; database: SqlDatabase } | null = null
  const answerTo = async (message: ToDatabase): Promise<unknown> => {
    const { version, question, values } = message
    const openDatabase = await sqlite
    if (open?.version !== version) {
      open?.database.close()
      open = null
      open = { version, database: openFile(openDatabase, lend(contentOf(message))) }
    }
    return answers[question](open.database, values as never, openDatabase)
  }
  parentPort!.on('message', async (message: ToDatabase) => {
    const tell = (answer: { answer: unknown } | { error: string }) => {
      parentPort!.postMessage({ open: open?.version ?? '', ...answer } satisfies FromDatabase)
    }
    try {
      tell({ answer: await answerTo(message) })
    } catch (error) {
      // SQLite's WebAssembly is of no use after it ran out of memory: neither is this thread.
      if ((error as Error).name === 'RuntimeError') throw error
      tell({ error: (error instanceof DatabaseError ? error : unreadable(error)).message })
    }
  })
}

function contentOf({ fd, bytes, content }: ToDatabase): Uint8Array {
  if (content) return content
  const whole = new Uint8Array(bytes!)
  for (let at = 0; at < whole.length; ) {
    const count = readSync(fd!, whole, at, Math.min(CHUNK_BYTES, whole.length - at), at)
    if (count === 0) throw new DatabaseError('unusable', `it ends at byte ${at} of ${bytes}: it was cut while it was read`)
    at += count
  }
  return whole
}
