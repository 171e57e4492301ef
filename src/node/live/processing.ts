// The pipeline's thread, controlled by the main thread: packets in; totals, batches and databases out.

import { type MessagePort, SHARE_ENV, Worker } from 'node:worker_threads'
import type { LiveBatch, LiveDrops, LiveSnapshot, LiveTop, LiveTotals } from '../../contract/live-feed.ts'
import { CaptureError, UsageError } from '../../errors.ts'
import { scriptFile } from '../paths.ts'
import type { CaptureState, FromPipeline, PipelineData, ToPipeline } from './pipeline-thread.ts'

/** A database, and the number of packets in it. */
export type CountedSnapshot = LiveSnapshot & { packets: number }

export interface ProcessingEvents {
  totals(totals: LiveTotals, top: LiveTop[]): void
  batch(batch: LiveBatch): void
  /** All packets are processed. @param problem with the stream, '' if none */
  ended(problem: string): void
  /** The thread failed: no database can be made any more. */
  lost(reason: string): void
}

export class Processing {
  private readonly events: ProcessingEvents
  private worker: Worker | null = null
  private requestNumber = 0
  private readonly requests = new Map<number, { resolve: (snapshot: CountedSnapshot) => void; reject: (error: Error) => void }>()

  constructor(events: ProcessingEvents) {
    this.events = events
  }

  /** Starts the thread and opens the user's files with the rights of the start. @throws UsageError naming the file */
  async open(data: PipelineData): Promise<void> {
    // The environment is shared: it will contain the home folder of the later user.
    const worker = new Worker(scriptFile('live-pipeline-thread'), { workerData: data, env: SHARE_ENV })
    this.worker = worker
    worker.on('error', (error) => this.breakOff(`processing failed: ${error.message}`))
    worker.on('message', (message: FromPipeline) => this.receive(message))
    await this.expect('opened')
  }

  /** @returns warnings about location databases and similar */
  async begin(port: MessagePort, format: string): Promise<string[]> {
    const ready = this.expect('ready')
    this.worker!.postMessage({ kind: 'begin', port, format } satisfies ToPipeline, [port])
    return (await ready).warnings
  }

  sendDrops(drops: LiveDrops): void {
    this.worker?.postMessage({ kind: 'drops', drops } satisfies ToPipeline)
  }

  /** A database of the present state, owned by the caller. @param state what only the main thread knows */
  request(state: CaptureState): Promise<CountedSnapshot> {
    const request = ++this.requestNumber
    return new Promise((resolve, reject) => {
      if (this.worker === null) throw new CaptureError('there is no database any more: processing failed')
      this.requests.set(request, { resolve, reject })
      this.worker.postMessage({ kind: 'snapshot', request, state } satisfies ToPipeline)
    })
  }

  async close(): Promise<void> {
    await this.worker?.terminate()
  }

  /** Waits for a message of the start. */
  private expect<Kind extends 'opened' | 'ready'>(kind: Kind): Promise<Extract<FromPipeline, { kind: Kind }>> {
    const worker = this.worker!
    return new Promise((resolve, reject) => {
      worker.on('error', reject)
      worker.on('message', (message: FromPipeline) => {
        if (message.kind === kind) resolve(message as Extract<FromPipeline, { kind: Kind }>)
        else if (message.kind === 'failed') reject(new UsageError(message.message))
      })
    })
  }

  private receive(message: FromPipeline): void {
    switch (message.kind) {
      case 'totals':
        this.events.totals(message.totals, message.top)
        break
      case 'ended':
        this.events.totals(message.totals, message.top)
        this.events.ended(message.problem)
        break
      case 'batch':
        this.events.batch(message.batch)
        break
      case 'snapshot': {
        const { request, database, sequence, packets } = message
        this.requests.get(request)?.resolve({ database, sequence, packets })
        this.requests.delete(request)
      }
    }
  }

  private breakOff(reason: string): void {
    this.worker = null
    for (const { reject } of this.requests.values()) reject(new Error(reason))
    this.requests.clear()
    this.events.lost(reason)
  }
}
