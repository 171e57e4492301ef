// The pages of the two tables that come of numbers alone, made in a thread of its own while the analysis looks up places and looks for findings.
import { Worker } from 'node:worker_threads'
import type { TrafficNumbers, TrafficPages } from '../store/traffic-pages.ts'

/** Waits for its one task from the start on, so that the task does not wait for it. */
export class PagesThread {
  private readonly worker = new Worker(new URL('./pages-thread.js', import.meta.url))
  private readonly pages: Promise<TrafficPages>

  constructor() {
    this.pages = new Promise((resolve, reject) => {
      this.worker.on('message', (pages: TrafficPages) => {
        resolve(pages)
        void this.close()
      })
      this.worker.on('error', reject)
    })
    this.pages.catch(() => {}) // told where it is awaited
  }

  /** @param numbers handed over, not copied: of no use here any more */
  makePages(numbers: TrafficNumbers): Promise<TrafficPages> {
    const { activity, packets } = numbers
    const arrays = [activity.rows, packets.flow, packets.timeUs, packets.bytes, packets.direction, packets.tcpFlags]
    this.worker.postMessage(
      numbers,
      arrays.map((array) => array.buffer as ArrayBuffer),
    )
    return this.pages
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }
}
