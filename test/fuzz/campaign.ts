// Mutants one after the other, as a list of what went wrong. Runs in the worker, and in tests without one.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { makeMutant, type Subject } from './mutant.ts'
import { tryMutant, tryReading } from './trial.ts'

export interface Failure {
  name: string
  index: number
  /** First line: what; then the stack, where there is one. */
  what: string
}

export interface Campaign {
  subjects: Subject[]
  /** Other captures, whose packets are spliced in. */
  donors: Subject[]
  seed: number
  /** Mutants a capture; Infinity: until the time is up. */
  each: number
  /** Number of the first mutant of each capture. */
  from: number
  seconds: number
  /** Longest the analysis of a mutant may take. */
  budgetMs: number
  /** Of so many mutants one becomes a database; the others are only read. Default: every one. */
  databaseEvery?: number
}

export interface Outcome {
  mutants: number
  /** Mutants that were still captures. */
  accepted: number
  slowestMs: number
  /** What was still in use after collecting garbage, first (once warm) and last. */
  heapFrom: number
  heapTo: number
}

export interface Observer {
  /** Before each mutant. */
  onMutant(subject: number, index: number): void
  onFailure(failure: Failure): void
}

/** Mutants between two looks at the memory in use. */
const HEAP_EVERY = 2000
const WARM_AFTER = 500
/** On a busy machine a mutant may wait for its turn: it is slow only if it is slow again. */
const SLOW_RETRIES = 3

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** @param skip mutants done before, in this order */
export async function run(campaign: Campaign, observer: Observer, skip = 0): Promise<Outcome> {
  const outcome: Outcome = { mutants: 0, accepted: 0, slowestMs: 0, heapFrom: 0, heapTo: 0 }
  const untilMs = performance.now() + campaign.seconds * 1000
  for (const { subject, index } of order(campaign, skip)) {
    if (performance.now() > untilMs) break
    observer.onMutant(subject, index)
    await one(campaign, campaign.subjects[subject], index, observer, outcome)
    outcome.mutants++
    if (outcome.mutants === WARM_AFTER) outcome.heapFrom = heapInUse()
    else if (outcome.mutants % HEAP_EVERY === 0) outcome.heapTo = heapInUse()
  }
  outcome.heapTo = heapInUse()
  outcome.heapFrom ||= outcome.heapTo
  return outcome
}

/** With a number of mutants each: capture by capture; with a time: one of every capture, then the next. */
function* order({ subjects, each, from }: Campaign, skip: number): Generator<{ subject: number; index: number }> {
  if (Number.isFinite(each)) {
    for (let n = skip; n < subjects.length * each; n++) yield { subject: Math.floor(n / each), index: from + (n % each) }
    return
  }
  for (let n = skip; subjects.length > 0; n++) yield { subject: n % subjects.length, index: from + Math.floor(n / subjects.length) }
}

async function one(campaign: Campaign, subject: Subject, index: number, observer: Observer, outcome: Outcome): Promise<void> {
  const fail = (what: string): void => observer.onFailure({ name: subject.name, index, what })
  try {
    const { bytes } = makeMutant(subject, campaign.donors, campaign.seed, index)
    const others = campaign.donors.length > 0 ? campaign.donors : campaign.subjects
    const other = others[index % others.length].stored
    const every = campaign.databaseEvery ?? 1
    const [isWhole, turn] = [index % every === 0, Math.floor(index / every)]
    let fastestMs = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < SLOW_RETRIES && fastestMs > campaign.budgetMs; attempt++) {
      const { isCapture, tookMs } = isWhole ? await tryMutant(bytes, turn, other) : await tryReading(bytes)
      if (attempt === 0 && isCapture) outcome.accepted++
      fastestMs = Math.min(fastestMs, tookMs)
    }
    outcome.slowestMs = Math.max(outcome.slowestMs, fastestMs)
    if (fastestMs > campaign.budgetMs) fail(`slow: ${Math.round(fastestMs)} ms, ${campaign.budgetMs} are allowed`)
  } catch (error) {
    fail(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

/** Bytes of objects and of the arrays they hold. */
function heapInUse(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
