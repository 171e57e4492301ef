// npm run fuzz -- [FILE or FOLDER] [--seconds N] [--each N] [--seed S] [--from N]: spoilt captures through the whole analysis.
// Mutant n of a capture is the same for the same seed; what fails is written to dist/fuzz/. Exit 0: nothing failed, 1: something did.
// --database-every N: of N mutants one becomes a database, the others are read, decoded, named and searched for findings, which is some ten times as quick.
// On a busy machine --budget and --hang raise the milliseconds a mutant may take, by itself and until it counts as hanging.
// npm run fuzz -- --flood N: what N packets of each kind that is made to be expensive cost.
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Failure } from './fuzz/campaign.ts'
import { FLOODS, runFlood } from './fuzz/floods.ts'
import { makeMutant } from './fuzz/mutant.ts'
import { readSubjects } from './fuzz/subjects.ts'
import { buildThread } from './fuzz/thread.ts'
import { watch } from './fuzz/watch.ts'

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname
const FAILED = new URL('../dist/fuzz/', import.meta.url).pathname

/** More would only repeat the same failure. */
const MAX_WRITTEN = 100
const DEFAULT_SECONDS = 60
const LIMITS = { rssBytes: 1_500_000_000, heapMegabytes: 400 }
/** Memory in use may grow by this much over a run: caches fill, code is compiled. */
const MAX_GROWN_BYTES = 64 << 20

/** Of a million packets, each in a conversation of its own, this is what the tables may take. */
const MAX_FLOOD_BYTES = 600e6

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    each: { type: 'string' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    budget: { type: 'string', default: '1000' },
    'database-every': { type: 'string', default: '1' },
    hang: { type: 'string', default: '10000' },
    flood: { type: 'string' },
  },
})
if (values.flood !== undefined) await flood(integer('flood', values.flood))
const seed = integer('seed', values.seed)
const each = values.each === undefined ? Number.POSITIVE_INFINITY : integer('each', values.each)
const seconds = values.seconds !== undefined ? integer('seconds', values.seconds) : Number.isFinite(each) ? 1e6 : DEFAULT_SECONDS
const subjects = await readSubjects(positionals[0] ?? FIXTURES)
const donors = positionals[0] === undefined ? subjects : await readSubjects(FIXTURES)
if (subjects.length === 0) throw new Error(`${positionals[0]}: no captures there`)

function integer(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`)
  return Number(text)
}

async function flood(packets: number): Promise<never> {
  let isBounded = true
  for (const [name, kind] of Object.entries(FLOODS)) {
    const { microsecondsPerPacket, peakBytes } = await runFlood(kind, packets)
    isBounded &&= peakBytes < MAX_FLOOD_BYTES
    const memory = `${Math.round(peakBytes / 1e6)} MB`
    process.stdout.write(`${name.padEnd(36)} ${microsecondsPerPacket.toFixed(2).padStart(8)} µs a packet ${memory.padStart(8)}\n`)
  }
  process.exit(isBounded ? 0 : 1)
}

/** One line on the terminal; the mutant and its story in files of their own. */
const seen = new Map<string, number>()
function onFailure({ name, index, what }: Failure): void {
  const lines = what.split('\n')
  const place = lines.find((line) => /\/(src|test)\//.test(line) && !line.includes('soundness.ts'))?.trim() ?? ''
  const sort = `${lines[0].replace(/\d+/g, 'N')} ${place}`
  const times = (seen.get(sort) ?? 0) + 1
  seen.set(sort, times)
  if (times > 5) return
  process.stdout.write(`${name}, mutant ${index}: ${lines[0]} ${place}\n`)
  if (seen.size > MAX_WRITTEN) return
  const subject = subjects.find((candidate) => candidate.name === name)
  if (subject === undefined) return
  const mutant = makeMutant(subject, donors, seed, index)
  const path = `${FAILED}${name.replaceAll('/', '_')}-seed-${seed}-mutant-${index}`
  mkdirSync(FAILED, { recursive: true })
  writeFileSync(`${path}.capture`, mutant.bytes)
  writeFileSync(`${path}.txt`, `${what}\n\n${mutant.story.join('\n')}\n`)
}

const time = Number.isFinite(each) ? `${each} mutants each` : `${seconds} s`
process.stdout.write(`${subjects.length} captures, ${time}, seed ${seed}\n`)
const startedMs = performance.now()
const databaseEvery = integer('database-every', values['database-every'])
const job = {
  databaseEvery,
  subjects,
  donors,
  seed,
  each,
  from: integer('from', values.from),
  seconds,
  budgetMs: integer('budget', values.budget),
}
const total = await watch(job, { ...LIMITS, hangMs: integer('hang', values.hang) }, onFailure, await buildThread())
const took = (performance.now() - startedMs) / 1000
const rate = Math.round(total.mutants / took)
process.stdout.write(
  `${total.mutants} mutants in ${took.toFixed(1)} s (${rate}/s), ${total.accepted} of them still captures; slowest ${Math.round(total.slowestMs)} ms; ` +
    `memory in use grew by ${(total.grownBytes / 1e6).toFixed(1)} MB\n`,
)
for (const [sort, times] of seen) process.stdout.write(`${times} times: ${sort}\n`)
const hasGrown = total.grownBytes > MAX_GROWN_BYTES
if (hasGrown) process.stdout.write(`memory in use grows: more than ${MAX_GROWN_BYTES >> 20} MiB\n`)
process.exitCode = seen.size > 0 || hasGrown ? 1 : 0
