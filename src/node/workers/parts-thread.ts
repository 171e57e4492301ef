// The thread of ThreadParts: how much of a database is final in; the scripts of its slices written.
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { PART_BYTES, partScript, partsOf } from '../../publish/manifest.ts'
import { gzipOptions, scriptPath } from '../output/data-parts.ts'
import type { FinalBytes, PartsTask } from '../output/thread-parts.ts'
import { readAt } from '../read-at.ts'

const { path, ownBytes, folder } = workerData as PartsTask
const file = openSync(path, 'r')
const slice = new Uint8Array(PART_BYTES)
/** The first slice without bytes that are written last, and the next one to write. */
const first = partsOf(ownBytes)
let next = first

mkdirSync(folder, { recursive: true })

parentPort!.on('message', ({ to, isWhole }: FinalBytes) => {
  for (; (next + 1) * PART_BYTES <= to; next++) write(next, PART_BYTES)
  if (!isWhole) return
  for (const index of [...Array(Math.min(first, partsOf(to))).keys(), ...(next < partsOf(to) ? [next] : [])])
    write(index, Math.min(PART_BYTES, to - index * PART_BYTES))
  closeSync(file)
  parentPort!.postMessage(null)
})

function write(index: number, bytes: number): void {
  const content = slice.subarray(0, bytes)
  const count = readAt(file, content, index * PART_BYTES)
  if (count < bytes) throw new RangeError(`the file ends at byte ${index * PART_BYTES + count}`)
  const packed = gzipSync(content, gzipOptions(bytes))
  writeFileSync(scriptPath(folder, index), partScript(index, packed.toString('base64')), 'latin1')
}
