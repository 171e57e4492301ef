// Reports, then their merged order -> the pages of their large tables, made in a thread while the rules run in this one; they wait in a file.
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { CaptureError } from '../../errors.ts'
import type { MergedTimelines, OrderData } from '../../merge/index.ts'
import type { FlowData } from '../../store/flow-pages.ts'
import type { PartOfTable } from '../../store/traffic-pages.ts'
import { limitOf } from '../database/query-report.ts'
import { closeLeafFile, openLeafFile, readLeaves } from '../output/leaf-file.ts'
import { DatabaseThreads } from '../workers/database-threads.ts'
import type { TimelineAnswer, TimelinePages, TimelineQuestion } from '../workers/timeline-thread.ts'
import { reasonOf } from './input.ts'
import { checkVersions, HEAP_MB, type OpenReport } from './report-rows.ts'

/** The thread has no database of its own. */
const NO_DATABASE = { version: 'none', content: new Uint8Array(0) }

export class Timelines {
  private readonly reports: readonly OpenReport[]
  private readonly names: string
  private readonly leafFile: number
  private readonly threads: DatabaseThreads
  private readonly port: MessagePort
  private readonly answer: Promise<TimelineAnswer>

  /** @param reports those that are taken @param folder for the file, which nobody sees @throws the system's error */
  constructor(reports: readonly OpenReport[], folder: string, interrupt: AbortSignal) {
    this.reports = reports
    this.names = reports.map(({ name }) => name).join(', ')
    this.leafFile = openLeafFile(join(folder, 'timeline'))
    const files = reports.map(({ file }) => file)
    const bytes = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
    this.threads = new DatabaseThreads({ threads: 1, limitMs: limitOf(bytes), heapMb: HEAP_MB, script: 'timeline-thread' })
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    const question: TimelineQuestion = { files, names: this.names, data: port2, leafFile: this.leafFile }
    this.answer = this.threads.query(NO_DATABASE, 'timeline', question, interrupt, [port2])
    this.answer.catch(() => {}) // reported by merged()
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
  async merged(): Promise<MergedTimelines & { conversations: Promise<PartOfTable[]> }> {
    const conversations = this.conversations()
    const failed = conversations.then(() => new Promise<never>(() => {}))
    const [answer] = (await Promise.race([once(this.port, 'message'), failed])) as [TimelinePages]
    await checkVersions(this.reports)
    const { timeline, packets, activity, retransmissions } = answer
    return {
      timeline: {
        ...timeline,
        activity: (sink) => readLeaves(this.leafFile, activity, sink),
        retransmissions: (sink) => readLeaves(this.leafFile, retransmissions, sink),
      },
      packets,
      conversations,
    }
  }

  private async conversations(): Promise<PartOfTable[]> {
    const answer = await this.answer.catch((error) => ({ problem: `${this.names}: ${reasonOf(error)}` }))
    if ('problem' in answer) throw new CaptureError(answer.problem)
    const { flows, tcp } = answer
    return [
      { table: 'flows', rows: (sink) => readLeaves(this.leafFile, flows, sink) },
      { table: 'tcp', rows: (sink) => readLeaves(this.leafFile, tcp, sink) },
    ]
  }

  async close(): Promise<void> {
    this.port.close()
    await this.threads.close()
    closeLeafFile(this.leafFile)
  }
}
