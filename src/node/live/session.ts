// One running capture: starts the threads, gives up root, counts what is lost, and answers whoever looks on (LiveFeed).
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { CaptureError, UsageError } from '../../errors.ts'
import type { CaptureThreadData, FromCapture, ToCapture } from './capture-thread.ts'
import { type CaptureTool, explainFailure, lastWords, mayOtherSucceed } from './capture-tool.ts'
import { createChunks } from './chunk-pool.ts'
import { ClockWatch } from './clock-watch.ts'
import { dropLines, dropsOf } from './drops.ts'
import { formatDuration } from './duration.ts'
import type { LiveBatch, LiveFeed, LiveSnapshot, LiveStatus } from './feed.ts'
import { type InterfaceCounters, readCounters } from './interface-counters.ts'
import { hasInterface } from './interfaces.ts'
import type { FromPipeline, PipelineData, ToPipeline } from './pipeline-thread.ts'
import { become } from './privileges.ts'
import type { RawOptions } from './raw-name.ts'
import type { SessionOptions } from './session-options.ts'
import type { ToolCounters } from './tool-counters.ts'

const LOOK_MS = 1000
const MAX_WARNINGS = 100
/** A tool that does not end when it is told to is ended. */
const PATIENCE_MS = 10_000

const NOTHING = { packets: 0, bytes: 0, flows: 0, hosts: 0, packetsPerSecond: 0, bytesPerSecond: 0, firstUs: null, lastUs: null }

export class LiveSession implements LiveFeed {
  /** The capture ended in a way that nobody asked for. */
  hasFailed = false
  /** Of the program's surroundings, not of the capture: an old geolocation database. */
  readonly notices: string[] = []
  private readonly options: SessionOptions
  private readonly state: LiveStatus
  private readonly chunks = createChunks()
  private readonly clocks = new ClockWatch()
  private readonly listeners = new Set<(batch: LiveBatch) => void>()
  private readonly endListeners: (() => void)[] = []
  private readonly requests = new Map<
    number,
    { resolve: (snapshot: LiveSnapshot & { packets: number }) => void; reject: (error: Error) => void }
  >()
  private requestNumber = 0
  private readonly timers: NodeJS.Timeout[] = []
  private capture: Worker | null = null
  private pipeline: Worker | null = null
  private tool: CaptureTool | null = null
  private toolPid = 0
  private toolCounters: ToolCounters | null = null
  private firstCounters: InterfaceCounters | null = null
  private stopReason = ''
  /** What the pipeline said when it was done; null before. */
  private problem: string | null = null
  private pending: Promise<LiveSnapshot> | null = null
  private latest: { snapshot: LiveSnapshot; atMs: number } | null = null

  constructor(options: SessionOptions) {
    this.options = options
    const { reportName, request } = options
    this.state = {
      ...{ state: 'starting', reportName, interfaceName: request.interfaceName, filter: request.filter, via: '' },
      ...{ startedMs: Date.now(), endsMs: null, endedBy: '', totals: NOTHING, top: [], warnings: [], savedMs: null },
      drops: { kernel: 0, queue: 0, isEstimate: false },
    }
    process.once('exit', () => this.killTool())
  }

  /**
   * Opens the device, becomes the user it was asked to, and begins.
   * @throws CaptureError, UsageError: one line for the user; nothing was made on disk
   */
  async start(): Promise<void> {
    const { request, raw, durationMs } = this.options
    const port = await this.openDevice()
    if (request.user !== null) become(request.user)
    await this.startPipeline(port)
    await this.startKeeping(raw)
    this.state.state = 'capturing'
    this.state.startedMs = Date.now()
    this.timers.push(setInterval(() => this.look(), LOOK_MS))
    if (durationMs === null) return
    this.state.endsMs = this.state.startedMs + durationMs
    this.timers.push(setTimeout(() => this.stop(`after ${formatDuration(durationMs)}`), durationMs))
  }

  /** Ends the capture in order: what the kernel still holds is waited for. @param reason in words, for the report */
  stop(reason: string): void {
    if (this.stopReason !== '' || this.state.state === 'ended') return
    this.stopReason = reason
    this.tellCapture({ kind: 'stop' })
    this.timers.push(setTimeout(() => this.killTool(), PATIENCE_MS))
  }

  /** Something that went wrong and does not end the capture; once each. */
  warn(text: string): void {
    const { warnings } = this.state
    if (!warnings.includes(text) && warnings.length < MAX_WARNINGS) warnings.push(text)
  }

  saved(atMs: number): void {
    this.state.savedMs = atMs
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer)
    this.killTool()
    await Promise.all([this.capture?.terminate(), this.pipeline?.terminate()])
  }

  subscribe(listener: (batch: LiveBatch) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  onEnd(listener: () => void): void {
    if (this.state.state === 'ended') listener()
    else this.endListeners.push(listener)
  }

  status(): LiveStatus {
    return { ...this.state, warnings: [...this.state.warnings] }
  }

  async snapshot(maxAgeMs = 0): Promise<LiveSnapshot> {
    if (this.latest !== null && Date.now() - this.latest.atMs <= maxAgeMs) return this.latest.snapshot
    // A crowd that asks at once gets the one that is being made.
    if (maxAgeMs === 0 || this.pending === null) {
      this.pending = this.request().finally(() => {
        this.pending = null
      })
    }
    const snapshot = await this.pending
    this.latest = { snapshot, atMs: Date.now() }
    return snapshot
  }

  /** A database for the caller alone, as it is now, and how many packets are in it. */
  request(): Promise<LiveSnapshot & { packets: number }> {
    const { warnings, drops, endedBy } = this.state
    const request = ++this.requestNumber
    return new Promise((resolve, reject) => {
      if (this.pipeline === null) throw new CaptureError('there is no database any more: processing broke off')
      this.requests.set(request, { resolve, reject })
      const state = { endedBy: endedBy || 'still capturing', warnings: [...warnings, ...dropLines(drops)], drops }
      this.tellPipeline({ kind: 'snapshot', request, state })
    })
  }

  /** Tries the tools in turn. @returns where the stream comes out */
  private async openDevice(): Promise<MessagePort> {
    const { request, tools } = this.options
    let failure: Error | null = null
    for (const tool of tools) {
      this.firstCounters = readCounters(request.interfaceName)
      const { port1, port2 } = new MessageChannel()
      const said = await this.openWith(tool, port1)
      if (said === null) {
        this.tool = tool
        this.state.via = tool.via
        return port2
      }
      port2.close()
      failure ??= explainFailure(tool, request, said)
      if (!mayOtherSucceed(said)) break
    }
    throw failure ?? new CaptureError('nothing here can record packets')
  }

  /** @returns null once the stream has begun, else what the tool said */
  private openWith(tool: CaptureTool, port: MessagePort): Promise<string | null> {
    const workerData: CaptureThreadData = { tool, chunks: this.chunks, port }
    const worker = new Worker(new URL('./live-capture-thread.js', import.meta.url), { workerData, transferList: [port] })
    return new Promise((resolve, reject) => {
      worker.on('error', (error) => {
        reject(error)
        if (this.capture === worker && this.state.endedBy === '') this.loseCapture(`capturing broke off: ${error.message}`)
      })
      worker.on('message', (message: FromCapture) => {
        if (message.kind === 'started') this.toolPid = message.pid
        if (message.kind === 'opened') {
          this.capture = worker
          resolve(null)
        }
        // Its thread is gone before anything else goes on: a process must not end while one does.
        if (message.kind === 'ended' && !message.wasOpened) worker.terminate().then(() => resolve(message.said || 'it ended at once'))
        this.hearCapture(message)
      })
    })
  }

  private startPipeline(port: MessagePort): Promise<void> {
    const { reportName, programVersion, origin, geoip, maxPackets, detection, isWatched, request } = this.options
    const filter = request.filter === '' ? '' : `, filter ${request.filter}`
    const format = `live capture by ${this.tool!.via}${filter}`
    const workerData: PipelineData = {
      ...{ chunks: this.chunks, port, reportName, programVersion, origin, geoip, maxPackets, detection, isWatched, format },
      interfaceName: request.interfaceName,
    }
    const worker = new Worker(new URL('./live-pipeline-thread.js', import.meta.url), { workerData, transferList: [port] })
    this.pipeline = worker
    return new Promise((resolve, reject) => {
      worker.on('error', (error) => {
        reject(error)
        this.breakOff(`processing broke off: ${error.message}`)
      })
      worker.on('message', (message: FromPipeline) => {
        if (message.kind === 'ready') {
          this.notices.push(...message.warnings)
          resolve()
        } else if (message.kind === 'failed') reject(new UsageError(message.message))
        else this.hearPipeline(message)
      })
    })
  }

  private startKeeping(raw: RawOptions | null): Promise<void> {
    const kept = new Promise<void>((resolve, reject) => {
      this.capture!.on('message', (message: FromCapture) => {
        if (message.kind === 'keeping') resolve()
        if (message.kind === 'problem' && message.isFatal) reject(new CaptureError(message.text))
      })
    })
    this.tellCapture({ kind: 'keep', raw })
    return kept
  }

  private hearCapture(message: FromCapture): void {
    if (message.kind === 'counters') {
      this.toolCounters = message.counters
      this.countDrops()
    } else if (message.kind === 'problem') {
      if (message.isFatal) this.stop(message.text)
      else this.warn(message.text)
    } else if (message.kind === 'ended') {
      this.toolPid = 0
      if (!message.wasOpened) return
      if (message.counters !== null) this.toolCounters = message.counters
      this.countDrops()
      this.state.endedBy = this.reasonOf(message)
      this.endOnceBothDid()
    }
  }

  private hearPipeline(message: FromPipeline): void {
    switch (message.kind) {
      case 'totals':
      case 'ended':
        this.state.totals = message.totals
        this.state.top = message.top
        if (message.kind === 'ended') {
          this.problem = message.problem
          this.endOnceBothDid()
        }
        break
      case 'batch':
        this.state.totals = message.batch.totals
        for (const listener of this.listeners) listener(message.batch)
        break
      case 'snapshot': {
        const { request, database, sequence, packets } = message
        this.requests.get(request)?.resolve({ database, sequence, packets })
        this.requests.delete(request)
      }
    }
  }

  /** The capture knows why it ended, the pipeline when all is processed; either may be first. */
  private endOnceBothDid(): void {
    if (this.problem !== null && this.state.endedBy !== '') this.end(this.problem)
  }

  /** All packets are processed. */
  private end(problem: string): void {
    if (problem !== '') this.warn(`the stream of packets was damaged: ${problem}`)
    this.state.endedBy ||= this.stopReason || 'the end of the stream'
    this.state.state = 'ended'
    for (const timer of this.timers) clearInterval(timer)
    for (const listener of this.endListeners) listener()
  }

  /** The capturing thread is gone: what the pipeline has got is what there will be. */
  private loseCapture(reason: string): void {
    this.hasFailed = true
    this.killTool()
    this.toolPid = 0
    this.state.endedBy = reason
    this.endOnceBothDid()
  }

  /** The pipeline is gone: what is on disk is what there will be. */
  private breakOff(reason: string): void {
    this.hasFailed = true
    this.pipeline = null
    for (const { reject } of this.requests.values()) reject(new Error(reason))
    this.requests.clear()
    this.stop(reason)
    this.end('')
  }

  private reasonOf({ code, said }: { code: number | null; said: string }): string {
    const { request } = this.options
    if (this.stopReason !== '') return this.stopReason
    if (request.maxPackets !== null && (this.toolCounters?.captured ?? 0) >= request.maxPackets)
      return `after ${request.maxPackets} packets`
    this.hasFailed = true
    return this.isGone() ? `the interface ${request.interfaceName} is gone` : lastWords(this.state.via, code, said)
  }

  private isGone(): boolean {
    const { interfaceName } = this.options.request
    return isNamed(interfaceName) && !hasInterface(interfaceName)
  }

  private look(): void {
    for (const text of this.clocks.look()) this.warn(text)
    this.countDrops()
    if (!this.isGone() || this.stopReason !== '') return
    this.hasFailed = true
    this.stop(`the interface ${this.options.request.interfaceName} is gone`)
  }

  private countDrops(): void {
    this.state.drops = dropsOf(this.options.request, this.toolCounters, this.firstCounters, this.state.totals.packets)
    this.tellPipeline({ kind: 'drops', drops: this.state.drops })
  }

  private tellCapture(message: ToCapture): void {
    this.capture?.postMessage(message)
  }

  private tellPipeline(message: ToPipeline): void {
    this.pipeline?.postMessage(message)
  }

  private killTool(): void {
    if (this.toolPid === 0) return
    try {
      process.kill(this.toolPid, 'SIGKILL')
    } catch {} // gone
  }
}

/** "any" stands for all interfaces. */
function isNamed(interfaceName: string): boolean {
  return interfaceName !== 'any'
}
