// Queries to databases -> results, in separate threads: a query may take long or never end, and blocks nothing else.

import { once } from 'node:events'
import { type MessagePort, Worker } from 'node:worker_threads'
import { DatabaseError } from '../../store/report-database.ts'
import { scriptFile } from '../paths.ts'
import type { FromDatabase, ToDatabase } from './question-thread.ts'

/** A database for a thread. A thread keeps its last database open, identified by version. */
export type DatabaseSource = {
  /** Differs for different content. */
  version: string
} & ({ fd: number; bytes: number } | { content: Uint8Array })

interface Job {
  source: DatabaseSource
  question: string
  values: unknown
  signal: AbortSignal | undefined
  ports: readonly MessagePort[]
  resolve(answer: unknown): void
  reject(error: unknown): void
  /** Called when it begins to run: its signal may outlive it, and must not keep it. */
  begin(): void
}

interface Thread {
  worker: Worker
  /** Version of its open database. */
  open: string
  job: Job | null
}

export interface ThreadsOptions {
  threads?: number
  /** Time limit of one query, including opening the database. */
  limitMs?: number
  /** Limit of the JavaScript heap of a thread. SQLite's memory and the file are not counted. */
  heapMb?: number
  /** The thread's script, by the name of its entry in src/build.mjs. */
  script?: string
  start?: (script: string, heapMb: number) => Worker
}

/** Queries that may wait; further ones are rejected. */
const QUEUE = 100
const LIMIT_MS = 30_000
/** 1,000 rows of the API are a few megabytes. */
const HEAP_MB = 512
/** V8's default would keep 48 MB a thread; what a thread reads is in typed arrays. */
const YOUNG_MB = 12

export class DatabaseThreads {
  readonly #count: number
  readonly #limitMs: number
  readonly #heapMb: number
  readonly #start: () => Worker
  readonly #threads = new Set<Thread>()
  readonly #queue: Job[] = []

  constructor(options: ThreadsOptions = {}) {
    const { threads = 2, limitMs = LIMIT_MS, heapMb = HEAP_MB, script = 'database-thread', start = startThread } = options
    this.#count = threads
    this.#limitMs = limitMs
    this.#heapMb = heapMb
    this.#start = () => start(script, heapMb)
  }

  /**
   * After it settles, no thread uses the source any more.
   * @param question name of a query that the thread has
   * @param signal aborted if the answer is no longer needed
   * @param ports in `values`, which the thread gets
   * @throws DatabaseError
   */
  query<Answer>(
    source: DatabaseSource,
    question: string,
    values: unknown,
    signal?: AbortSignal,
    ports: readonly MessagePort[] = [],
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (signal?.aborted) return reject(gone())
      if (this.#queue.length >= QUEUE) return reject(new DatabaseError('busy', 'too many queries are waiting: try again later'))
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(job), 1)
        reject(gone())
      }
      const begin = () => signal?.removeEventListener('abort', leave)
      const job: Job = { source, question, values, signal, ports, resolve: resolve as (answer: unknown) => void, reject, begin }
      signal?.addEventListener('abort', leave, { once: true })
      this.#queue.push(job)
      this.#next()
    })
  }

  async close(): Promise<void> {
    for (const job of this.#queue.splice(0)) {
      job.begin()
      job.reject(gone())
    }
    const threads = [...this.#threads]
    this.#threads.clear()
    await Promise.all(threads.map((thread) => thread.worker.terminate()))
  }

  #next(): void {
    const job = this.#queue[0]
    const thread = job && this.#idleThread(job.source.version)
    if (!thread) return
    this.#queue.shift()
    job.begin()
    void this.#run(thread, job)
  }

  /** A thread that has the database open, else any idle one, else a new one. */
  #idleThread(version: string): Thread | undefined {
    const idle = [...this.#threads].filter(({ job }) => job === null)
    const found = idle.find(({ open }) => open === version) ?? idle[0]
    if (found || this.#threads.size >= this.#count) return found
    const thread: Thread = { worker: this.#start(), open: '', job: null }
    thread.worker.unref()
    // For a failure between two queries; during one, #run() handles it, too.
    thread.worker.on('error', () => this.#threads.delete(thread))
    this.#threads.add(thread)
    return thread
  }

  async #run(thread: Thread, job: Job): Promise<void> {
    const { worker } = thread
    thread.job = job
    worker.ref()
    try {
      const answer = await this.#exchange(worker, messageOf(job, thread.open), job)
      thread.open = answer.open
      if ('error' in answer) job.reject(new DatabaseError('unusable', answer.error))
      else job.resolve(answer.answer)
    } catch (error) {
      // It is still busy, or broken: only after its end is the file certainly closed.
      this.#threads.delete(thread)
      await worker.terminate()
      job.reject(error)
    } finally {
      thread.job = null
      // A thread that close() ends must keep the process running until it has ended.
      if (this.#threads.has(thread)) worker.unref()
      this.#next()
    }
  }

  async #exchange(worker: Worker, message: ToDatabase, { signal, ports }: Job): Promise<FromDatabase> {
    const ended = new AbortController()
    const whileRunning = { signal: ended.signal }
    try {
      return await new Promise<FromDatabase>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new DatabaseError('slow', `no answer within ${this.#limitMs / 1000} seconds, so the query was stopped: request less`))
        }, this.#limitMs)
        ended.signal.addEventListener('abort', () => clearTimeout(timer))
        signal?.addEventListener('abort', () => reject(gone()), whileRunning)
        once(worker, 'message', whileRunning).then(
          ([answer]) => resolve(answer as FromDatabase),
          (error) => reject(failure(error, this.#heapMb)),
        )
        once(worker, 'exit', whileRunning).then(
          () => reject(gone()),
          () => {},
        )
        worker.postMessage(message, ports)
      })
    } finally {
      ended.abort()
    }
  }
}

function messageOf({ source, question, values }: Job, open: string): ToDatabase {
  const { version } = source
  if (version === open) return { version, question, values }
  return 'fd' in source
    ? { version, question, values, fd: source.fd, bytes: source.bytes }
    : { version, question, values, content: source.content }
}

function failure(error: NodeJS.ErrnoException, heapMb: number): DatabaseError {
  const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return new DatabaseError(
    'unusable',
    isMemory ? `an answer from it takes more than ${heapMb} MiB of memory` : `SQLite gave up: ${error.message}`,
  )
}

function gone(): DatabaseError {
  return new DatabaseError('gone', 'the answer is no longer needed')
}

function startThread(script: string, heapMb: number): Worker {
  return new Worker(scriptFile(script), { resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB } })
}
