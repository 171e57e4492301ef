// The stream of packets -> conversations: batches of changes for listeners, and databases on request.
import { createHash } from 'node:crypto'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { Analysis } from '../../analysis.ts'
import { Coverage } from '../../capture/coverage.ts'
import { CaptureReader } from '../../capture/index.ts'
import { bytesOnWire } from '../../capture/wire.ts'
import type { LiveBatch, LiveDrops, LiveTop, LiveTotals } from '../../contract/live-feed.ts'
import type { Geoip } from '../../geo/databases.ts'
import { HostLocator } from '../../geo/index.ts'
import { DEFAULT_ORIGIN } from '../../geo/origin.ts'
import { Changes } from '../../live/changes.ts'
import { MemoryPages } from '../../sqlite/btree-writer.ts'
import { makeTrafficPages } from '../../store/traffic-pages.ts'
import type { CaptureSource } from '../../types.ts'
import { loadSqlite, preferQuickStart } from '../database/sqlite.ts'
import { collectGarbage } from '../force-gc.ts'
import { openGeoip } from '../geoip/geoip.ts'
import { type OpenDetection, openDetection } from '../input/detection.ts'
import { type ChunkMessage, ChunkPool, type SharedChunks } from './chunk-pool.ts'
import type { ProcessingOptions } from './session-options.ts'
import { topServers } from './top-servers.ts'

export interface PipelineData extends ProcessingOptions {
  chunks: SharedChunks
  /** Value of captures.file. */
  interfaceName: string
}

/** Data for the database that only the main thread has. */
export interface CaptureState {
  endedBy: string
  warnings: string[]
  drops: LiveDrops
}

/** Start of the stream of packets. */
interface Begin {
  kind: 'begin'
  /** Receives filled chunks; null marks the end. */
  port: MessagePort
  /** Value of captures.format. */
  format: string
}

export type ToPipeline = Begin | { kind: 'drops'; drops: LiveDrops } | { kind: 'snapshot'; request: number; state: CaptureState }

export type FromPipeline =
  /** The user's files are open: root may be given up. */
  | { kind: 'opened' }
  | { kind: 'ready'; warnings: string[] }
  | { kind: 'failed'; message: string }
  | { kind: 'totals'; totals: LiveTotals; top: LiveTop[] }
  | { kind: 'batch'; batch: LiveBatch }
  | { kind: 'snapshot'; request: number; database: Uint8Array; sequence: number; packets: number }
  | { kind: 'ended'; problem: string; totals: LiveTotals; top: LiveTop[] }

const BATCH_MS = 200
const TOTALS_MS = 1000

const data = workerData as PipelineData

class Pipeline {
  private readonly analysis = new Analysis(data.maxPackets, data.maxFlows, false, data.inputs.chosen, () => createHash('sha256'))
  private readonly coverage = new Coverage()
  private readonly locator: HostLocator
  private readonly changes: Changes
  private readonly geoip: Geoip | null
  private readonly openDatabase: Awaited<ReturnType<typeof loadSqlite>>
  private readonly detectionFiles: OpenDetection
  private readonly format: string
  private reader: CaptureReader | null = null
  private sequence = 0
  private packets = 0
  private bytes = 0
  private firstUs = Number.POSITIVE_INFINITY
  private lastUs = Number.NEGATIVE_INFINITY
  private rates = { packetsPerSecond: 0, bytesPerSecond: 0 }
  private before = { packets: 0, bytes: 0, atMs: performance.now() }
  private drops: LiveDrops = { kernel: 0, queue: 0, isEstimate: false }

  constructor(geoip: Geoip | null, openDatabase: Awaited<ReturnType<typeof loadSqlite>>, detectionFiles: OpenDetection, format: string) {
    this.geoip = geoip
    this.detectionFiles = detectionFiles
    this.format = format
    this.openDatabase = openDatabase
    this.locator = new HostLocator(geoip?.lookup ?? null)
    this.changes = new Changes(this.analysis, this.locator, data.origin === 'auto' ? DEFAULT_ORIGIN : data.origin)
    parentPort!.on('message', (message: ToPipeline) => this.apply(message))
    setInterval(() => this.reportTotals(), TOTALS_MS)
    if (data.isWatched) setInterval(() => this.changes.areThere && this.reportBatch(), BATCH_MS)
  }

  async run(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let problem = ''
    try {
      const reader = await CaptureReader.open(chunks, data.interfaceName, true)
      this.reader = reader
      do this.drain(reader)
      while (await reader.fill())
      problem = reader.endedBy === 'end of file' ? '' : reader.endedBy
    } catch (error) {
      problem = (error as Error).message
    }
    this.analysis.finish()
    if (data.isWatched) while (this.changes.areThere) this.reportBatch()
    report({ kind: 'ended', problem, totals: this.totals(), top: topServers(this.analysis, this.locator) })
  }

  /** Hot path. */
  private drain(reader: CaptureReader): void {
    const { analysis, coverage, changes } = this
    const { packet } = reader
    while (reader.next()) {
      const flow = analysis.add(packet, coverage)
      const bytes = bytesOnWire(packet.originalBytes, packet.linkType)
      this.packets++
      this.bytes += bytes
      if (packet.timeUs < this.firstUs) this.firstUs = packet.timeUs
      if (packet.timeUs > this.lastUs) this.lastUs = packet.timeUs
      if (data.isWatched && flow >= 0) changes.note(flow, packet.timeUs, bytes)
    }
  }

  private apply(message: ToPipeline): void {
    if (message.kind === 'drops') this.drops = message.drops
    else if (message.kind === 'snapshot') this.answer(message.request, message.state)
  }

  private answer(request: number, state: CaptureState): void {
    const { analysis, locator } = this
    const isFirstClient = analysis.flows.firstClients()
    const located = locator.locate(analysis.hosts(isFirstClient), data.origin)
    this.changes.origin = located.origin
    const pages = makeTrafficPages(analysis.numbers(analysis.flows.timeline.snapshot(), isFirstClient))
    const conclusions = analysis.conclude(located, isFirstClient, this.detectionFiles.detection)
    const database = new MemoryPages()
    analysis.write(this.openDatabase(), database, pages, conclusions, {
      reportName: data.reportName,
      programVersion: data.programVersion,
      inputs: { ...data.inputs, ...this.detectionFiles.inputs },
      captures: [this.capture(state)],
      located,
      geoSource: this.geoip?.source ?? null,
      drops: state.drops,
    })
    // A copy of the exact size, so that it can be transferred.
    const bytes = database.bytes.slice()
    const answer: FromPipeline = { kind: 'snapshot', request, database: bytes, sequence: this.sequence, packets: this.packets }
    parentPort!.postMessage(answer, [bytes.buffer as ArrayBuffer])
    setImmediate(collectGarbage)
  }

  /** The row of captures. Fragments that wait for their first fragment are in no conversation yet. */
  private capture({ endedBy, warnings }: CaptureState): ReturnType<Coverage['summary']> {
    const source = { file: data.interfaceName, compression: '' } as CaptureSource
    const reader = this.reader ?? ({ format: '', endedBy: '', warnings: [] as string[] } as CaptureReader)
    const summary = this.coverage.summary(source, reader, { sha256: null, problem: '' }, false)
    const waiting = this.analysis.flows.heldFragments
    const skipped = waiting === 0 ? [] : [{ reason: 'fragment whose first one has not come yet', packets: waiting }]
    return {
      ...summary,
      format: this.format,
      endedBy,
      warnings: [...summary.warnings, ...warnings],
      ipPackets: summary.ipPackets - waiting,
      skipped: [...summary.skipped, ...skipped],
    }
  }

  private totals(): LiveTotals {
    const { flows } = this.analysis
    const { packets, bytes, rates } = this
    const hasPackets = packets > 0
    return {
      packets,
      ipPackets: packets - this.analysis.packetsOutside,
      bytes,
      flows: flows.table.count,
      hosts: flows.hosts.count,
      ...rates,
      firstUs: hasPackets ? this.firstUs : null,
      lastUs: hasPackets ? this.lastUs : null,
    }
  }

  private reportTotals(): void {
    const now = performance.now()
    const seconds = Math.max(0.001, (now - this.before.atMs) / 1000)
    this.rates = {
      packetsPerSecond: (this.packets - this.before.packets) / seconds,
      bytesPerSecond: (this.bytes - this.before.bytes) / seconds,
    }
    this.before = { packets: this.packets, bytes: this.bytes, atMs: now }
    report({ kind: 'totals', totals: this.totals(), top: topServers(this.analysis, this.locator) })
    if (data.isWatched) this.reportBatch()
  }

  private reportBatch(): void {
    this.sequence++
    const batch = { sequence: this.sequence, ...this.changes.take(), totals: this.totals(), drops: this.drops }
    report({ kind: 'batch', batch })
  }
}

/** The queue's chunks in order; each is released when the next is requested. */
async function* chunksFrom(port: MessagePort, pool: ChunkPool): AsyncGenerator<Uint8Array> {
  const arrived: (ChunkMessage | null)[] = []
  let resume: () => void = () => {}
  port.on('message', (message: ChunkMessage | null) => {
    arrived.push(message)
    resume()
  })
  // If the capturing thread fails, its port closes without an end message.
  port.on('close', () => {
    arrived.push(null)
    resume()
  })
  for (;;) {
    if (arrived.length === 0) {
      await new Promise<void>((resolve) => {
        resume = resolve
      })
    }
    const message = arrived.shift()!
    if (message === null) break
    yield pool.view(message)
    pool.release(message.chunk)
  }
  port.close()
}

function report(message: FromPipeline): void {
  parentPort!.postMessage(message)
}

const begun = new Promise<Begin>((resolve) => {
  parentPort!.on('message', (message: ToPipeline) => message.kind === 'begin' && resolve(message))
})

preferQuickStart()
try {
  const sqlite = loadSqlite()
  const open = () => openGeoip({ path: data.geoip, env: process.env, now: Date.now() })
  // Files named by the user may be readable by root only. A bundled database may have to be unpacked into the cache of the later user.
  const named = data.geoip || process.env.RTNVIS_GEOIP ? await open() : null
  const detectionFiles = await openDetection(data.detection)
  const openDatabase = await sqlite
  report({ kind: 'opened' })
  const { port, format } = await begun
  const geoip = named ?? (await open())
  const pipeline = new Pipeline(geoip, openDatabase, detectionFiles, format)
  report({ kind: 'ready', warnings: [...(geoip?.warnings ?? []), ...detectionFiles.warnings] })
  await pipeline.run(chunksFrom(port, new ChunkPool(data.chunks)))
} catch (error) {
  report({ kind: 'failed', message: (error as Error).message })
}
