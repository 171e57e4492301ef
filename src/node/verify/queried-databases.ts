// An untrusted database and a new one -> answers to verify's questions within a time limit.

import { DatabaseError } from '../../store/report-database.ts'
import { DatabaseThreads, type ThreadsOptions } from '../workers/database-threads.ts'
import type { VERIFY_QUESTIONS } from './database-questions.ts'

/** Time limit of an answer: many times what a report of this size takes (0.25 s per megabyte), so that only endless computations are stopped. */
const LIMIT_MS = 120_000
const LIMIT_MS_PER_MB = 2_000
/** Enough for names and places of ten million hosts. */
const HEAP_MB = 8192

export class QueriedDatabases {
  private readonly threads: DatabaseThreads
  private readonly versions = new Map<Uint8Array, string>()

  /** @param bytes size of the larger database */
  constructor(bytes: number, options: ThreadsOptions) {
    const limitMs = LIMIT_MS + (bytes / 1e6) * LIMIT_MS_PER_MB
    this.threads = new DatabaseThreads({ threads: 1, limitMs, heapMb: HEAP_MB, script: 'verify-thread', ...options })
  }

  /** @throws DatabaseError that says what is wrong with the database */
  async query<Answer>(question: keyof typeof VERIFY_QUESTIONS, content: Uint8Array, values: unknown): Promise<Answer> {
    const version = this.versions.get(content) ?? String(this.versions.size + 1)
    this.versions.set(content, version)
    try {
      return await this.threads.query<Answer>({ version, content }, question, values)
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.problem !== 'slow') throw error
      throw new DatabaseError(
        'slow',
        'SQLite took many times as long as for any report of this size, so it was given up: its pages may lead in circles',
      )
    }
  }

  close(): Promise<void> {
    return this.threads.close()
  }
}
