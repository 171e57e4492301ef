// An untrusted database and a query -> its result, from a separate thread with a time limit.
import { setFlagsFromString } from 'node:v8'
import { DatabaseThreads } from '../workers/database-threads.ts'
import { checkSize, openRegular } from './report-database.ts'

/** 3 million conversations take about ten seconds; a file whose b-tree pages form a loop would never end. */
const LIMIT_MS = 120_000
const LIMIT_MS_PER_MB = 2_000

/** For queries that read all of a report. */
export interface WholeReport {
  /** The thread's script, by the name of its entry in src/build.mjs. */
  script: string
  heapMb: number
  interrupt: AbortSignal
}

/**
 * @param question name of a query of the thread, by default workers/database-thread.ts
 * @throws DatabaseError; the system's error
 */
export async function queryReport<Answer>(file: string, question: string, values: unknown, whole?: WholeReport): Promise<Answer> {
  const handle = await openRegular(file)
  try {
    const { size } = await handle.stat()
    checkSize(size)
    const source = { version: file, fd: handle.fd, bytes: size }
    if (whole === undefined) return await queryOnce({ limitMs: LIMIT_MS }, (threads) => threads.query<Answer>(source, question, values))
    const { script, heapMb, interrupt } = whole
    const limitMs = LIMIT_MS + (size / 1e6) * LIMIT_MS_PER_MB
    // Node 20 aborts now and then when a thread ends while V8 still compiles its code on another (NodePlatform::ForIsolate).
    // Such a query is hot until its last row, so that here it would be 1 run in 25.
    setFlagsFromString('--no-concurrent-recompilation')
    try {
      return await queryOnce({ limitMs, heapMb, script }, (threads) => threads.query<Answer>(source, question, values, interrupt))
    } finally {
      setFlagsFromString('--concurrent-recompilation')
    }
  } finally {
    await handle.close()
  }
}

async function queryOnce<Answer>(
  options: { limitMs: number; heapMb?: number; script?: string },
  query: (threads: DatabaseThreads) => Promise<Answer>,
): Promise<Answer> {
  const threads = new DatabaseThreads({ threads: 1, ...options })
  try {
    return await query(threads)
  } finally {
    await threads.close()
  }
}
