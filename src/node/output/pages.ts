// The pages of the large tables: if they are many, made in their own thread while the analysis locates hosts and runs rules.

import { on } from 'node:events'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ConcludedFlows } from '../../analysis.ts'
import type { PageMaker } from '../../analyze.ts'
import { MANY_ROWS, makeTrafficPages, type PartOfTable, type TrafficNumbers, type TrafficPages } from '../../store/traffic-pages.ts'
import { scriptFile } from '../paths.ts'
import { AnsweringThread } from '../workers/answering-thread.ts'
import type { FiledPart, ThreadFlows } from '../workers/pages-thread.ts'
import { takeLeaves } from './leaf-files.ts'

export class ThreadPages implements PageMaker {
  /** The system's error, if the pages of conversations could not be written. */
  failure: unknown = null
  private readonly folder: string
  /** Started while packets are read, so that the pages do not wait for the thread. */
  private thread: AnsweringThread<TrafficPages, null> | null = null
  private isMaking = false
  /** Where the thread says which pages of conversations are in files, and what it said: in memory, they would be added to what the rules need. */
  private port: MessagePort | null = null
  private parts: AsyncIterable<[FiledPart]> | null = null

  /** @param folder for these files, which are gone when the database is whole */
  constructor(folder: string) {
    this.folder = folder
  }

  follow(rows: number): void {
    if (rows >= MANY_ROWS) this.thread ??= new AnsweringThread(scriptFile('pages-thread'), undefined, 2)
  }

  async make(numbers: TrafficNumbers): Promise<TrafficPages> {
    const { activity, packets } = numbers
    this.follow(activity.count)
    // The number of rows may have become smaller, because ticks became longer.
    if (this.thread === null || activity.count < MANY_ROWS) return makeTrafficPages(numbers)
    this.isMaking = true
    this.thread.send(numbers, [activity.ints, packets.flow, packets.timeUs, packets.bytes, packets.direction, packets.tcpFlags])
    const pages = await this.thread.answer.catch((error) => this.fail(error))
    return { ...pages, conversations: this.conversations() }
  }

  addFlows(dataOf: () => ConcludedFlows): void {
    if (!this.isMaking) return
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    // From now on: that a thread failed and its port was closed would be lost without a listener.
    this.parts = on(port1, 'message', { close: ['close'] }) as AsyncIterable<[FiledPart]>
    const data: ThreadFlows = { ...dataOf(), leafFiles: join(this.folder, 'flows'), parts: port2 }
    this.thread!.send(data, [data.addresses.bytes, data.addresses.families, port2])
  }

  /** @throws if the thread fails */
  private async *conversations(): AsyncGenerator<PartOfTable> {
    for await (const [{ table, leaves }] of this.parts!) yield { table, rows: (sink) => takeLeaves(leaves, sink) }
    await this.thread!.second.catch((error) => this.fail(error))
  }

  /** May be called again. */
  async close(): Promise<void> {
    await this.thread?.close()
    this.port?.close()
  }

  private fail(error: unknown): never {
    this.failure = error
    throw error
  }
}
