// The pages of the tables of numbers, and the digests of Community IDs: if they are many, made in their own thread while the analysis locates hosts and runs rules.

import type { PageMaker } from '../../analyze.ts'
import type { IdColumns } from '../../flows/id-digests.ts'
import { MANY_ROWS, makeTrafficPages, type TrafficNumbers, type TrafficPages } from '../../store/traffic-pages.ts'
import { scriptFile } from '../paths.ts'
import { AnsweringThread } from '../workers/answering-thread.ts'

export class ThreadPages implements PageMaker {
  /** Started while packets are read, so that the pages do not wait for the thread. */
  private thread: AnsweringThread<TrafficPages> | null = null
  private isMaking = false

  follow(rows: number): void {
    if (rows >= MANY_ROWS) this.thread ??= new AnsweringThread(scriptFile('pages-thread'))
  }

  make(numbers: TrafficNumbers): Promise<TrafficPages> {
    const { activity, packets } = numbers
    this.follow(activity.count)
    // The number of rows may have become smaller, because ticks became longer.
    if (this.thread === null || activity.count < MANY_ROWS) return Promise.resolve(makeTrafficPages(numbers))
    this.isMaking = true
    this.thread.send(numbers, [activity.ints, packets.flow, packets.timeUs, packets.bytes, packets.direction, packets.tcpFlags])
    return this.thread.answer
  }

  addIds(idsOf: () => IdColumns): void {
    if (!this.isMaking) return
    const ids = idsOf()
    const { addresses, ...columns } = ids
    this.thread!.send(ids, [addresses.bytes, addresses.families, ...Object.values(columns)])
  }

  async close(): Promise<void> {
    await this.thread?.close()
  }
}
