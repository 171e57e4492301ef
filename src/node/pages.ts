// The pages of the two tables that come of numbers alone: many of them in a thread of their own, while the analysis looks up places and looks for findings.
import { Worker } from 'node:worker_threads'
import { makeTrafficPages, type TrafficNumbers, type TrafficPages } from '../store/traffic-pages.ts'

/** Rows of activity; fewer are done sooner than a thread starts. */
const MANY_ROWS = 100_000

/** @param numbers handed over, not copied: of no use to the caller any more */
export async function makePages(numbers: TrafficNumbers): Promise<TrafficPages> {
  const { activity, packets } = numbers
  if (activity.count < MANY_ROWS) return makeTrafficPages(numbers)
  const worker = new Worker(new URL('./pages-thread.js', import.meta.url))
  const arrays = [activity.ints, packets.flow, packets.timeUs, packets.bytes, packets.direction, packets.tcpFlags]
  worker.postMessage(
    numbers,
    arrays.map((array) => array.buffer as ArrayBuffer),
  )
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', resolve)
      worker.on('error', reject)
    })
  } finally {
    await worker.terminate()
  }
}
