// An untrusted database and a query -> its result, from a separate thread with a time limit.
import { DatabaseThreads } from '../workers/database-threads.ts'
import { checkSize, openRegular } from './report-database.ts'

/** 3 million conversations take about ten seconds; a file whose b-tree pages form a loop would never end. */
const LIMIT_MS = 120_000

/**
 * @param question name of a query in workers/database-thread.ts
 * @throws DatabaseError; the system's error
 */
export async function queryReport<Answer>(file: string, question: string, values: unknown): Promise<Answer> {
  const handle = await openRegular(file)
  const threads = new DatabaseThreads({ threads: 1, limitMs: LIMIT_MS })
  try {
    const { size } = await handle.stat()
    checkSize(size)
    return await threads.query<Answer>({ version: file, fd: handle.fd, bytes: size }, question, values)
  } finally {
    await threads.close()
    await handle.close()
  }
}
