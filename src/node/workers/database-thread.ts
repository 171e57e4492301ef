// The thread behind DatabaseThreads: a question in, its answer out. It keeps the database it was asked last open.
import { readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { readBaseline } from '../../store/read-baseline.ts'
import type { SqlDatabase } from '../../types.ts'
import { DatabaseError, openReportDatabase, unreadable } from '../database/report-database.ts'
import { lend, loadSqlite } from '../database/sqlite.ts'
import { QUESTIONS } from '../serve/questions.ts'

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

type Answer = (database: SqlDatabase, values: never) => unknown

const ANSWERS: Record<string, Answer> = {
  ...(QUESTIONS as Record<string, Answer>),
  baseline: (database, name) => readBaseline(database, name),
}

/** Of one answer; the thread's heap (database-threads.ts) is the other bound. */
const ANSWER_CHARACTERS = 64 << 20
/** Read at once. */
const CHUNK_BYTES = 64 << 20

const sqlite = loadSqlite()
let open: { version: string; database: SqlDatabase } | null = null

parentPort!.on('message', async (message: ToDatabase) => {
  try {
    const answer = await answerTo(message)
    tell({ open: open?.version ?? '', answer })
  } catch (error) {
    // SQLite's WebAssembly is of no use after it ran out of memory: neither is this thread.
    if ((error as Error).name === 'RuntimeError') throw error
    const { message: line } = error instanceof DatabaseError ? error : unreadable(error)
    tell({ open: open?.version ?? '', error: line })
  }
})

async function answerTo(message: ToDatabase): Promise<unknown> {
  const { version, question, values } = message
  if (open?.version !== version) {
    open?.database.close()
    open = null
    const openDatabase = await sqlite
    open = { version, database: openReportDatabase(openDatabase, lend(contentOf(message))) }
  }
  const answer = ANSWERS[question](open.database, values as never)
  if (typeof answer === 'string' && answer.length > ANSWER_CHARACTERS)
    throw new DatabaseError('unusable', `an answer from it has ${answer.length} characters, more than anyone wants: ask for less`)
  return answer
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

function tell(message: FromDatabase): void {
  parentPort!.postMessage(message)
}
