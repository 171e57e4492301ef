// Memory limit of a report -> most conversations with their own row. Others are counted in rows for many conversations, so that a flood with
// forged senders does not exhaust the memory of the system or of V8.
import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { InvalidArgumentError } from 'commander'

/** Memory of a run without conversations, and of each conversation with its own host and its rows in the database (measured with forged SYNs). */
const COSTS = {
  analyze: { baseBytes: 300e6, flowBytes: 900 },
  live: { baseBytes: 400e6, flowBytes: 1500 },
}
/** Part of it on V8's heap: texts of addresses. */
const HEAP_BYTES = 250
/** Share of the memory of the system or control group that is used without --max-memory. */
const SHARE = 0.6
/** Most conversations without --max-memory; lower for live captures, because a larger report takes too long to update. */
const MOST = { analyze: 10_000_000, live: 200_000 }
const LEAST = 1000
const UNITS: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** @param maxMemory bytes from --max-memory; undefined: a share of the available memory */
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
  // Without a limit by a control group this is 0, or more than the system has.
  const group = process.constrainedMemory()
  return group > 0 ? Math.min(group, totalmem()) : totalmem()
}
