// Memory that a report may take -> how many conversations get a row of their own. What is beyond is counted in rows that stand for many: a flood with forged
// senders must neither end in the kernel's out-of-memory killer nor in V8's.
import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { InvalidArgumentError } from 'commander'

/** What a run takes without conversations, and each conversation with a host of its own and its rows in the database (measured: forged SYNs). */
const COSTS = {
  analyze: { baseBytes: 300e6, flowBytes: 900 },
  live: { baseBytes: 400e6, flowBytes: 1500 },
}
/** Of that, what lies on V8's heap: texts of addresses. */
const HEAP_BYTES = 250
/** Of the machine's memory, or the control group's, unless --max-memory says how much. */
const SHARE = 0.6
/** Unless --max-memory says how much: of a live capture, because a report of more takes longer to make than it may be old. */
const MOST = { analyze: 10_000_000, live: 200_000 }
const LEAST = 1000
const UNITS: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** @param maxMemory bytes, as --max-memory says; undefined: what the machine allows */
export function flowLimit(command: keyof typeof COSTS, maxMemory: number | undefined): number {
  const { baseBytes, flowBytes } = COSTS[command]
  const bytes = maxMemory ?? SHARE * memoryBytes()
  const byHeap = getHeapStatistics().heap_size_limit / HEAP_BYTES
  const flows = Math.floor(Math.min((bytes - baseBytes) / flowBytes, byHeap))
  return Math.max(LEAST, maxMemory === undefined ? Math.min(flows, MOST[command]) : flows)
}

/** For --max-memory: 500M, 2G. */
export function parseMemory(text: string): number {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)([kmgt])(i?b)?$/i.exec(text)
  if (match === null) throw new InvalidArgumentError('It must be a size: 500M, 2G.')
  return Number(match[1]) * UNITS[match[2].toLowerCase()]
}

function memoryBytes(): number {
  // 0, or more than there is, where no control group limits the process.
  const group = process.constrainedMemory()
  return group > 0 ? Math.min(group, totalmem()) : totalmem()
}
