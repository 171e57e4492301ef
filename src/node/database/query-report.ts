// An untrusted database and a query -> its result, from a separate thread with a time limit.
import { stat } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { type DatabaseSource, DatabaseThreads, type ThreadsOptions } from '../workers/database-threads.ts'
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

/** Reports that are read at the same time; more of them save little, and each needs its memory. */
const AT_ONCE = 2

/**
 * @param question name of a query of the thread, by default workers/database-thread.ts
 * @throws DatabaseError; the system's error
 */
export async function queryReport<Answer>(file: string, question: string, values: unknown, whole?: WholeReport): Promise<Answer> {
  if (whole === undefined) return queryOnce({ limitMs: LIMIT_MS }, (threads) => ask<Answer>(threads, file, question, values))
  const [answer] = await queryReports<Answer>([file], question, whole, values)
  if ('error' in answer) throw answer.error
  return answer.value
}

/** @param bytes that a query reads @returns how long it may take, ms */
export function limitOf(bytes: number): number {
  return LIMIT_MS + (bytes / 1e6) * LIMIT_MS_PER_MB
}

/** @returns by file, in order, up to the first that has no answer */
export async function queryReports<Answer>(
  files: string[],
  question: string,
  { script, heapMb, interrupt }: WholeReport,
  values: unknown = null,
): Promise<({ value: Answer } | { error: unknown })[]> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => null))?.size ?? 0))
  const limitMs = limitOf(sizes.reduce((most, size) => Math.max(most, size), 0))
  const answers: ({ value: Answer } | { error: unknown })[] = []
  let next = 0
  const answerAll = async (threads: DatabaseThreads): Promise<void> => {
    while (next < files.length) {
      const index = next++
      try {
        answers[index] = { value: await ask<Answer>(threads, files[index], question, values, interrupt) }
      } catch (error) {
        answers[index] = { error }
        next = files.length
      }
    }
  }
  // Node 20 aborts now and then when a thread ends while V8 still compiles its code on another (NodePlatform::ForIsolate).
  // Such a query is hot until its last row, so that here it would be 1 run in 25.
  setFlagsFromString('--no-concurrent-recompilation')
  try {
    const threads = Math.min(AT_ONCE, files.length)
    await queryOnce({ limitMs, heapMb, script, threads }, async (pool) => {
      await Promise.all(Array.from({ length: threads }, () => answerAll(pool)))
    })
  } finally {
    setFlagsFromString('--concurrent-recompilation')
  }
  const failed = answers.findIndex((answer) => 'error' in answer)
  return failed < 0 ? answers : answers.slice(0, failed + 1)
}

export type Query = <Answer>(question: string, values: unknown) => Promise<Answer>

/**
 * Several queries to one report, answered in the order they are made.
 * @param script of the thread, by the name of its entry in src/build.mjs
 * @throws what `use` throws; the system's error. Queries throw DatabaseError, too
 */
export async function withReport<Result>(file: string, script: string, use: (query: Query) => Promise<Result>): Promise<Result> {
  // The file is closed when the threads have ended: a query may still run when another one has failed.
  return withSource(file, (source) =>
    queryOnce({ limitMs: LIMIT_MS, script }, (threads) => use((question, values) => threads.query(source, question, values))),
  )
}

async function ask<Answer>(
  threads: DatabaseThreads,
  file: string,
  question: string,
  values: unknown,
  interrupt?: AbortSignal,
): Promise<Answer> {
  return withSource(file, (source) => threads.query<Answer>(source, question, values, interrupt))
}

async function withSource<Result>(file: string, use: (source: DatabaseSource) => Promise<Result>): Promise<Result> {
  const handle = await openRegular(file)
  try {
    const { size } = await handle.stat()
    checkSize(size)
    return await use({ version: file, fd: handle.fd, bytes: size })
  } finally {
    await handle.close()
  }
}

async function queryOnce<Answer>(options: ThreadsOptions, query: (threads: DatabaseThreads) => Promise<Answer>): Promise<Answer> {
  const threads = new DatabaseThreads({ threads: 1, ...options })
  try {
    return await query(threads)
  } finally {
    await threads.close()
  }
}
