// A database that somebody sent and one question to it -> the answer, from a thread of its own and within a time limit.
import { DatabaseThreads } from '../workers/database-threads.ts'
import { checkSize, openRegular } from './report-database.ts'

/** 3 million conversations take some ten seconds; a file whose pages point in circles would take for ever. */
const LIMIT_MS = 120_000

/**
 * @param question one that workers/database-thread.ts knows
 * @throws DatabaseError; the system's error
 */
export async function askReport<Answer>(file: string, question: string, values: unknown): Promise<Answer> {
  const handle = await openRegular(file)
  const threads = new DatabaseThreads({ threads: 1, limitMs: LIMIT_MS })
  try {
    const { size } = await handle.stat()
    checkSize(size)
    return await threads.ask<Answer>({ version: file, fd: handle.fd, bytes: size }, question, values)
  } finally {
    await threads.close()
    await handle.close()
  }
}
