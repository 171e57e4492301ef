// The thread of ThreadFeed: reads one file after another into a ring buffer in shared memory and hashes it, if that is wanted, while it is in the core's cache.
import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { FILLED, type FileEnd, type FileRing, type FileTask, IS_WAITING, RESUME, TAKEN } from '../input/file-feed.ts'

const { slots, slotBytes, control, lengths } = workerData as FileRing

/** Reads to the end of the file, ahead of the analysis by at most the ring's size. */
function readAll({ fd, isHashed }: FileTask): FileEnd {
  const hash = isHashed ? createHash('sha256') : null
  let position = 0
  for (let filled = 0; ; filled++) {
    if (filled - Atomics.load(control, TAKEN) >= slots.length) sleepUntilTaken(filled - slots.length / 2)
    const index = filled % slots.length
    const slot = slots[index]
    let bytes: number
    try {
      bytes = readSync(fd, slot, 0, slotBytes, position)
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      return { sha256: null, error: { code, message } }
    }
    if (bytes === 0) return { sha256: hash?.digest('hex') ?? null, error: null }
    position += bytes
    lengths[index] = bytes
    Atomics.store(control, FILLED, filled + 1)
    if (Atomics.load(control, IS_WAITING) === 1) Atomics.notify(control, FILLED)
    hash?.update(slot.subarray(0, bytes))
  }
}

/** Waits until half of the ring is free, so that one wake-up serves many slots. */
function sleepUntilTaken(wanted: number): void {
  Atomics.store(control, RESUME, wanted)
  for (let taken = Atomics.load(control, TAKEN); taken < wanted; taken = Atomics.load(control, TAKEN)) {
    Atomics.wait(control, TAKEN, taken)
  }
}

parentPort!.on('message', (task: FileTask) => parentPort!.postMessage(readAll(task)))
