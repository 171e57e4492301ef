// One running capture: opens the device, gives up root, counts drops, and provides a LiveFeed.
import type { LiveBatch, LiveFeed, LiveSnapshot, LiveStatus } from '../../contract/live-feed.ts'
import { formatPlural } from '../../report/figures.ts'
import { lastWords, type ToolEnd } from './capture-tool.ts'
import { CaptureWatch, watchedCapture } from './capture-watch.ts'
import { createChunks } from './chunk-pool.ts'
import { ClockWatch } from './clock-watch.ts'
import { Device } from './device.ts'
import { dropLines, dropsOf } from './drops.ts'
import { formatDuration } from './duration.ts'
import { become } from './privileges.ts'
import { type CountedSnapshot, Processing } from './processing.ts'
import type { SessionOptions } from './session-options.ts'
import type { ToolCounters } from './tool-counters.ts'

const LOOK_MS = 1000
const MAX_WARNINGS = 100

const NOTHING = {
  packets: 0,
  ipPackets: 0,
  bytes: 0,
  flows: 0,
  hosts: 0,
  packetsPerSecond: 0,
  bytesPerSecond: 0,
  firstUs: null,
  lastUs: null,
}

export class LiveSession implements LiveFeed {
  /** The capture ended without being stopped. */
  hasFailed = false
  /** Warnings that do not concern the capture: an old geolocation database. */
  readonly notices: string[] = []
  private readonly options: SessionOptions
  private readonly state: LiveStatus
  private readonly clocks = new ClockWatch()
  private readonly listeners = new Set<(batch: LiveBatch) => void>()
  private readonly endListeners: (() => void)[] = []
  private readonly timers: NodeJS.Timeout[] = []
  private readonly chunks = createChunks()
  private readonly device: Device
  private readonly watch: CaptureWatch
  private readonly processing: Processing
  private toolCounters: ToolCounters | null = null
  private stopReason = ''
  /** Problem reported by the pipeline at its end; null before. */
  private problem: string | null = null
  private pending: Promise<LiveSnapshot> | null = null
  private latest: { snapshot: LiveSnapshot; atMs: number } | null = null

  constructor(options: SessionOptions) {
    this.options = options
    const { reportName, request, tools } = options
    this.state = {
      ...{ state: 'starting', reportName, interfaceName: request.interfaceName, filter: request.filter, via: '' },
      ...{ startedMs: Date.now(), endsMs: null, endedBy: '', totals: NOTHING, top: [], warnings: [], savedMs: null },
      drops: { kernel: 0, queue: 0, isEstimate: false },
    }
    this.device = new Device(request, tools, this.chunks, {
      counters: (counters) => {
        this.toolCounters = counters
        this.countDrops()
      },
      problem: (text, isFatal) => (isFatal ? this.stop(text) : this.warn(text)),
      ended: (end) => {
        this.countDrops()
        this.state.endedBy ||= this.reasonOf(end)
        this.endOnceBothDid()
      },
      lost: (reason) => {
        if (this.state.endedBy !== '') return
        this.hasFailed = true
        this.state.endedBy = reason
        this.endOnceBothDid()
      },
    })
    const { interfaceName } = request
    this.watch = new CaptureWatch(
      watchedCapture(() => this.device.toolPid, interfaceName),
      () => this.device.via,
      interfaceName,
    )
    this.processing = new Processing({
      totals: (totals, top) => Object.assign(this.state, { totals, top }),
      batch: (batch) => {
        this.state.totals = batch.totals
        for (const listener of this.listeners) listener(batch)
      },
      ended: (problem) => {
        this.problem = problem
        this.endOnceBothDid()
      },
      // The report on disk is the last one.
      lost: (reason) => {
        this.hasFailed = true
        this.stop(reason)
        this.end('')
      },
    })
  }

  /**
   * Opens the user's files, then the device, changes the user, and starts.
   * @throws CaptureError, UsageError: one line for the user; nothing was written to disk
   */
  async start(): Promise<void> {
    const { reportName, programVersion, origin, geoip, maxPackets, inputs, maxFlows, detection, isWatched, request, raw, durationMs } =
      this.options
    const { chunks, device, processing } = this
    const { interfaceName } = request
    await processing.open({
      ...{ chunks, reportName, programVersion, origin, geoip, maxPackets, inputs, maxFlows, detection, isWatched, interfaceName },
    })
    const port = await device.open()
    this.state.via = device.via
    if (request.user !== null) become(request.user)
    const filter = request.filter === '' ? '' : `, filter ${request.filter}`
    this.notices.push(...(await processing.begin(port, `live capture by ${device.via}${filter}`)))
    await device.keep(raw)
    this.state.state = 'capturing'
    this.state.startedMs = Date.now()
    this.timers.push(setInterval(() => this.look(), LOOK_MS))
    if (durationMs === null) return
    this.state.endsMs = this.state.startedMs + durationMs
    this.timers.push(setTimeout(() => this.stop(`after ${formatDuration(durationMs)}`), durationMs))
  }

  /** Ends the capture in order: packets in the kernel's buffer are still read. @param reason in words, for the report */
  stop(reason: string): void {
    if (this.stopReason !== '' || this.state.state === 'ended') return
    this.stopReason = reason
    this.device.stop()
  }

  /** Adds a problem that does not end the capture; each text once. */
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
    await Promise.all([this.device.close(), this.processing.close()])
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
    // Simultaneous requests share one snapshot.
    if (maxAgeMs === 0 || this.pending === null) {
      this.pending = this.request().finally(() => {
        this.pending = null
      })
    }
    const snapshot = await this.pending
    this.latest = { snapshot, atMs: Date.now() }
    return snapshot
  }

  /** A database of the present state, owned by the caller, and its number of packets. */
  request(): Promise<CountedSnapshot> {
    const { warnings, drops, endedBy } = this.state
    return this.processing.request({ endedBy: endedBy || 'still capturing', warnings: [...warnings, ...dropLines(drops)], drops })
  }

  /** The device reports the end of the capture, the pipeline the end of processing, in any order. */
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

  private reasonOf(end: ToolEnd): string {
    const { maxPackets, interfaceName } = this.options.request
    if (this.stopReason !== '') return this.stopReason
    if (maxPackets !== null && (this.toolCounters?.captured ?? 0) >= maxPackets) return `after ${formatPlural(maxPackets, 'packet')}`
    if (this.state.via === 'tcp' && end.code === 0) return 'the server ended the stream'
    this.hasFailed = true
    return this.device.isGone ? `the interface ${interfaceName} is gone` : lastWords(this.state.via, end)
  }

  private look(): void {
    for (const text of [...this.clocks.look(), ...this.watch.look()]) this.warn(text)
    this.countDrops()
    if (!this.device.isGone || this.stopReason !== '') return
    this.hasFailed = true
    this.stop(`the interface ${this.options.request.interfaceName} is gone`)
  }

  private countDrops(): void {
    this.state.drops = dropsOf(this.options.request, this.toolCounters, this.device.firstCounters, this.state.totals.packets)
    this.processing.sendDrops(this.state.drops)
  }
}
