// Reports, then their merged order -> the pages of their large tables, made in a thread while the rules run in this one; they wait in files.
import { on } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { CaptureError } from '../../errors.ts'
import type { MergedTimelines, OrderData } from '../../merge/index.ts'
import { ticksOf } from '../../merge/timeline-order.ts'
import type { LeafSink } from '../../sqlite/btree-leaves.ts'
import type { FlowData } from '../../store/flow-pages.ts'
import type { PartOfTable } from '../../store/traffic-pages.ts'
import { limitOf } from '../database/query-report.ts'
import { type FiledLeaves, takeLeaves } from '../output/leaf-files.ts'
import { DatabaseThreads } from '../workers/database-threads.ts'
import type { TimelineAnswer, TimelinePages, TimelineQuestion } from '../workers/timeline-thread.ts'
import { reasonOf } from './input.ts'
import { checkVersions, HEAP_MB, type OpenReport } from './report-rows.ts'

/** The thread has no database of its own. */
const NO_DATABASE = { version: 'none', content: new Uint8Array(0) }

export class Timelines {
  private readonly reports: readonly OpenReport[]
  private readonly names: string
  private readonly threads: DatabaseThreads
  private readonly port: MessagePort
  private readonly messages: AsyncIterableIterator<[TimelinePages | FiledLeaves]>
  private readonly answer: Promise<TimelineAnswer>

  /** @param reports those that are taken @param widthUs as of TimelineSource @param folder for the files, which are gone when the database is whole */
  constructor(reports: readonly OpenReport[], widthUs: number, folder: string, interrupt: AbortSignal) {
    this.reports = reports
    this.names = reports.map(({ name }) => name).join(', ')
    const sources = reports.map((report) => ({ file: report.file, ticks: ticksOf(report), flows: report.rows.flows.count }))
    const bytes = sources.reduce((sum, { file }) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
    this.threads = new DatabaseThreads({ threads: 1, limitMs: limitOf(bytes), heapMb: HEAP_MB, script: 'timeline-thread' })
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    this.messages = on(port1, 'message', { close: ['close'] }) as AsyncIterableIterator<[TimelinePages | FiledLeaves]>
    const question: TimelineQuestion = { sources, widthUs, names: this.names, data: port2, leafFiles: join(folder, 'pages') }
    this.answer = this.threads.query(NO_DATABASE, 'timeline', question, interrupt, [port2])
    this.answer.then(
      () => this.threads.close(), // its memory is there for the pages of the database
      () => port1.close(), // reported by ended(): a thread that was not asked has not closed its port
    )
  }

  /** Must be called before addFlows(). */
  addOrder(data: OrderData): void {
    this.port.postMessage(data)
  }

  /** Must be called before merged(). */
  addFlows(data: FlowData): void {
    this.port.postMessage(data)
  }

  /** @returns what is valid until close() @throws CaptureError: one line for the user */
  async merged(): Promise<Required<MergedTimelines>> {
    const { value, done } = await this.messages.next()
    if (done) await this.ended()
    await checkVersions(this.reports)
    const { timeline, packets, tcp, activity, retransmissions } = value[0] as TimelinePages
    return {
      timeline: { ...timeline, activity: rowsOf(activity), retransmissions: rowsOf(retransmissions) },
      packets,
      conversations: this.conversations(tcp),
    }
  }

  /** @throws CaptureError */
  private async *conversations(tcp: FiledLeaves[]): AsyncGenerator<PartOfTable> {
    for await (const [leaves] of this.messages) yield { table: 'flows', rows: rowsOf([leaves as FiledLeaves]) }
    await this.ended()
    yield { table: 'tcp', rows: rowsOf(tcp) }
  }

  /** @throws CaptureError */
  private async ended(): Promise<void> {
    const answer = await this.answer.catch((error) => ({ problem: `${this.names}: ${reasonOf(error)}` }))
    if (answer !== null) throw new CaptureError(answer.problem)
  }

  async close(): Promise<void> {
    this.port.close()
    await this.threads.close()
  }
}

function rowsOf(files: FiledLeaves[]): (sink: LeafSink) => void {
  return (sink) => {
    for (const leaves of files) takeLeaves(leaves, sink)
  }
}
