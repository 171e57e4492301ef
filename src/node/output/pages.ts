// The pages of the two tables that come of numbers alone: many of them in a thread of their own, while the analysis looks up places and looks for findings.

import type { PageMaker } from '../../analyze.ts'
import { makeTrafficPages, type TrafficNumbers, type TrafficPages } from '../../store/traffic-pages.ts'
import { scriptFile } from '../paths.ts'
import { AnsweringThread } from '../workers/answering-thread.ts'

/** Rows of activity; fewer are done sooner than a thread starts. */
const MANY_ROWS = 100_000

export class ThreadPages implements PageMaker {
  /** Started while packets are still read, so that the pages need not wait for it. */
  private thread: AnsweringThread<TrafficPages> | null = null

  follow(rows: number): void {
    if (rows >= MANY_ROWS) this.thread ??= new AnsweringThread(scriptFile('pages-thread'))
  }

  make(numbers: TrafficNumbers): Promise<TrafficPages> {
    const { activity, packets } = numbers
    this.follow(activity.count)
    // Rows may have become few again, in wider ticks.
    if (this.thread === null || activity.count < MANY_ROWS) return Promise.resolve(makeTrafficPages(numbers))
    this.thread.tell(numbers, [activity.ints, packets.flow, packets.timeUs, packets.bytes, packets.direction, packets.tcpFlags])
    return this.thread.answer
  }

  async close(): Promise<void> {
    await this.thread?.close()
  }
}
