// A thread of ThreadParts: how much of a database is final in; the scripts of its slices written.
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { PART_BYTES, partScript, partsOf } from '../../publish/manifest.ts'
import { collectGarbage } from '../force-gc.ts'
import { gzipOptions, scriptPath } from '../output/data-parts.ts'
import type { FinalBytes, PartsTask } from '../output/thread-parts.ts'
import { readAt } from '../read-at.ts'

const { path, ownBytes, folder, taken } = workerData as PartsTask
const file = openSync(path, 'r')
const slice = new Uint8Array(PART_BYTES)
/** Reused, as the slice is: fresh memory of each script would cost a page fault every 4 KiB, and stay until the next garbage collection. */
const script = Buffer.allocUnsafeSlow(2 * PART_BYTES)
/** The first slice without bytes that are written last. */
const first = partsOf(ownBytes)

mkdirSync(folder, { recursive: true })

parentPort!.on('message', ({ to, isWhole }: FinalBytes) => {
  // The slices from the first on, then those before it.
  const count = isWhole ? partsOf(to) : Math.floor(to / PART_BYTES)
  const ready = isWhole ? count : count - first
  for (let next = take(ready); next >= 0; next = take(ready)) {
    const index = (first + next) % count
    write(index, Math.min(PART_BYTES, to - index * PART_BYTES))
  }
  if (!isWhole) return
  closeSync(file)
  parentPort!.postMessage(null)
})

/** @returns a number below `end` that no thread has taken yet; -1: there is none */
function take(end: number): number {
  for (let next = Atomics.load(taken, 0); next < end; next = Atomics.load(taken, 0))
    if (Atomics.compareExchange(taken, 0, next, next + 1) === next) return next
  return -1
}

function write(index: number, bytes: number): void {
  const content = slice.subarray(0, bytes)
  const count = readAt(file, content, index * PART_BYTES)
  if (count < bytes) throw new RangeError(`the file ends at byte ${index * PART_BYTES + count}`)
  const packed = gzipSync(content, gzipOptions(bytes))
  const length = script.write(partScript(index, packed.toString('base64')), 'latin1')
  writeFileSync(scriptPath(folder, index), script.subarray(0, length))
  collectGarbage() // what was compressed and its text: the next slice gets the same memory
}
