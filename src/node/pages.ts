// The pages of the two tables that come of numbers alone: many of them in a thread of their own, while the analysis looks up places and looks for findings.
import { Worker } from 'node:worker_threads'
import type { PageMaker } from '../analyze.ts'
import { makeTrafficPages, type TrafficNumbers, type TrafficPages } from '../store/traffic-pages.ts'

/** Rows of activity; fewer are done sooner than a thread starts. */
const MANY_ROWS = 100_000

export class ThreadPages implements PageMaker {
  /** Started while packets are still read, so that the pages need not wait for it. */
  private thread: PagesThread | null = null

  follow(rows: number): void {
    if (rows >= MANY_ROWS) this.thread ??= new PagesThread()
  }

  async make(numbers: TrafficNumbers): Promise<TrafficPages> {
    const { count } = numbers.activity
    this.follow(count)
    // Rows may have become few again, in wider ticks.
    return this.thread === null || count < MANY_ROWS ? makeTrafficPages(numbers) : this.thread.make(numbers)
  }

  async close(): Promise<void> {
    await this.thread?.close()
  }
}

class PagesThread {
  private readonly worker = new Worker(new URL('./pages-thread.js', import.meta.url))
  private readonly pages: Promise<TrafficPages>

  constructor() {
    this.pages = new Promise((resolve, reject) => {
      this.worker.on('error', reject)
      this.worker.on('message', (pages: TrafficPages) => {
        resolve(pages)
        void this.close() // its memory is no longer needed
      })
    })
    this.pages.catch(() => {}) // told where it is awaited
  }

  make(numbers: TrafficNumbers): Promise<TrafficPages> {
    const { activity, packets } = numbers
    const arrays = [activity.ints, packets.flow, packets.timeUs, packets.bytes, packets.direction, packets.tcpFlags]
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
