// Message handler of the threads of DatabaseThreads: a query in, its result out. The last database stays open.
import { parentPort } from 'node:worker_threads'
import { BLOCK_BYTES } from '../../merge/column-memory.ts'
import { DatabaseError, unreadable } from '../../store/report-database.ts'
import type { SqlDatabase } from '../../types.ts'
import { borrowBytes, loadSqlite } from '../database/sqlite.ts'
import { readAt } from '../read-at.ts'

export interface ToDatabase {
  version: string
  question: string
  values: unknown
  /** File descriptor to read it from, unless it is open already. */
  fd?: number
  bytes?: number
  content?: Uint8Array
}

/** `open`: version of the open database, '' for none. */
export type FromDatabase = { open: string } & ({ answer: unknown } | { error: string })

export type OpenDatabase = (bytes?: Uint8Array) => SqlDatabase

/** Functions by name of the query. A query may open further databases, and read the bytes of its own. */
export type Answers = Record<string, (database: SqlDatabase, values: never, openDatabase: OpenDatabase, file: Uint8Array) => unknown>

/** Reads one file after the other to the same memory: V8 would collect that of the file before late, and a merge reads many. */
export class FileRoom {
  private room = new Uint8Array(0)

  /** @returns bytes that are valid until the next call @throws DatabaseError; the system's error */
  read(fd: number, bytes: number): Uint8Array {
    if (this.room.length < bytes) this.room = new Uint8Array(Math.max(bytes, BLOCK_BYTES))
    const whole = this.room.subarray(0, bytes)
    const count = readAt(fd, whole, 0)
    if (count < bytes) throw new DatabaseError('unusable', `it ends at byte ${count} of ${bytes}: it became shorter while it was read`)
    return whole
  }
}

/** @param openFile untrusted bytes -> a database that can be queried */
export function answerQuestions(openFile: (openDatabase: OpenDatabase, bytes: Uint8Array) => SqlDatabase, answers: Answers): void {
  const sqlite = loadSqlite()
  let open: { version: string; database: SqlDatabase; file: Uint8Array } | null = null
  const files = new FileRoom()
  const answerTo = async (message: ToDatabase): Promise<unknown> => {
    const { version, question, values } = message
    const openDatabase = await sqlite
    if (open?.version !== version) {
      open?.database.close()
      open = null
      const file = message.content ?? files.read(message.fd!, message.bytes!)
      open = { version, database: openFile(openDatabase, borrowBytes(file)), file }
    }
    return answers[question](open.database, values as never, openDatabase, open.file)
  }
  parentPort!.on('message', async (message: ToDatabase) => {
    const reply = (answer: { answer: unknown } | { error: string }) => {
      parentPort!.postMessage({ open: open?.version ?? '', ...answer } satisfies FromDatabase)
    }
    try {
      reply({ answer: await answerTo(message) })
    } catch (error) {
      // SQLite's WebAssembly cannot be used after it ran out of memory, so the thread must end.
      if ((error as Error).name === 'RuntimeError') throw error
      reply({ error: (error instanceof DatabaseError ? error : unreadable(error)).message })
    }
  })
}
