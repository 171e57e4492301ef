// Starts the worker, watches it, and starts it again behind a mutant that hangs, grows without end or ends the thread.
import type { Worker } from 'node:worker_threads'
import type { Failure, Outcome } from './campaign.ts'
import type { Job, Message } from './worker.ts'

export interface Limits {
  /** A mutant that takes longer is given up. */
  hangMs: number
  /** Resident memory of the whole process. */
  rssBytes: number
  /** The thread's own heap, without typed arrays. */
  heapMegabytes: number
}

export interface Watched extends Omit<Outcome, 'heapFrom' | 'heapTo'> {
  /** Largest growth of the memory in use over one thread's life. */
  grownBytes: number
}

/** Makes the thread for a job. */
export type Start = (job: Job, limits: Limits) => Worker

const LOOK_EVERY_MS = 50

/**
 * @param onFailure called for each failure of a mutant, and for each mutant that ended a thread
 */
export async function watch(
  job: Omit<Job, 'beat' | 'skip'>,
  limits: Limits,
  onFailure: (failure: Failure) => void,
  start: Start,
): Promise<Watched> {
  const total: Watched = { mutants: 0, accepted: 0, slowestMs: 0, grownBytes: 0 }
  const untilMs = performance.now() + job.seconds * 1000
  let skip = 0
  for (;;) {
    const seconds = Math.max(0, (untilMs - performance.now()) / 1000)
    const beat = new Int32Array(new SharedArrayBuffer(12))
    const { outcome, ended } = await life(start({ ...job, seconds, skip, beat }, limits), beat, limits, onFailure)
    const begun = Atomics.load(beat, 2)
    total.mutants += outcome?.mutants ?? begun
    if (outcome !== null) {
      total.accepted += outcome.accepted
      total.slowestMs = Math.max(total.slowestMs, outcome.slowestMs)
      total.grownBytes = Math.max(total.grownBytes, outcome.heapTo - outcome.heapFrom)
      return total
    }
    const name = job.subjects[beat[0]]?.name ?? '?'
    onFailure({ name, index: beat[1], what: ended })
    // A thread that ends before its first mutant would do so again.
    if (begun === 0 || performance.now() > untilMs) return total
    skip += begun
  }
}

/** Until the worker has finished (an outcome), or was ended (why). */
function life(
  worker: Worker,
  beat: Int32Array,
  { hangMs, rssBytes }: Limits,
  onFailure: (failure: Failure) => void,
): Promise<{ outcome: Outcome | null; ended: string }> {
  return new Promise((resolve) => {
    let outcome: Outcome | null = null
    let ended = ''
    let seen = 0
    let sinceMs = performance.now()
    const look = setInterval(() => {
      const begun = Atomics.load(beat, 2)
      if (begun !== seen || begun === 0) {
        seen = begun
        sinceMs = performance.now()
      }
      if (performance.now() - sinceMs > hangMs) ended = `hang: not done after ${hangMs} ms`
      const { rss } = process.memoryUsage()
      if (rss > rssBytes) ended = `memory: ${Math.round(rss / 1e6)} MB in use`
      if (ended !== '') void worker.terminate()
    }, LOOK_EVERY_MS)
    worker.on('message', (message: Message) => {
      if ('failure' in message) onFailure(message.failure)
      else outcome = message.outcome
    })
    worker.on('error', (error) => {
      ended ||= `the thread ended: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    })
    worker.on('exit', () => {
      clearInterval(look)
      resolve({ outcome, ended: ended || 'hang: it waits for something that never comes' })
    })
  })
}
