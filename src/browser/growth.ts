// An analysis that goes on -> what changed since the page asked last, for its growing picture. A page asks again once it has drawn, so a slow
// page gets fewer and larger changes, and the analysis never waits for it.
import type { Analysis } from '../analysis.ts'
import { analyze, type OnPacket } from '../analyze.ts'
import type { CapturedPacket } from '../capture/packet.ts'
import { bytesOnWire } from '../capture/wire.ts'
import type { LiveChange } from '../contract/live-message.ts'
import { HostLocator } from '../geo/index.ts'
import { DEFAULT_ORIGIN } from '../geo/origin.ts'
import { Changes } from '../live/changes.ts'
import type { Origin, Progress, SqlDatabase } from '../types.ts'
import type { Grown } from './messages.ts'

/** Conversations of one change: some 30 ms of work here, and 100 ms in the page's worker. */
const FLOWS = 2000
/** Rows of `tcp` of one change. */
const TCP_ROWS = 300
/** Conversations that the growing picture has; totals count all. The page holds these rows beside the analysis. */
const SHOWN_FLOWS = 20_000
/** With less left to read, opening the growing picture would take longer than the rest of the work. */
const WORTH_OPENING_MS = 1500
/** With less left to read, a change would be drawn shortly before the whole. */
const WORTH_DRAWING_MS = 700

const NO_DROPS = { kernel: 0, queue: 0, isEstimate: false }

export class Growth {
  private readonly startedMs = performance.now()
  private readonly name: string
  private readonly origin: Origin | 'auto'
  private base: ArrayBuffer | null
  private analysis: Analysis | null = null
  private changes: Changes | null = null
  private locator = new HostLocator(null)
  private isReady = false
  private sequence = 0
  private packets = 0
  private bytes = 0
  private firstUs = Number.POSITIVE_INFINITY
  private lastUs = Number.NEGATIVE_INFINITY

  /** @param base emptyReport() */
  constructor(name: string, origin: Origin | 'auto', base: Uint8Array) {
    this.name = name
    this.origin = origin
    this.base = base.slice().buffer as ArrayBuffer
  }

  /** For AnalysisHost.follow. */
  readonly follow = (analysis: Analysis): OnPacket => {
    this.analysis = analysis
    const changes = new Changes(analysis, this.locator, this.origin === 'auto' ? DEFAULT_ORIGIN : this.origin, SHOWN_FLOWS)
    this.changes = changes
    return (flow: number, packet: CapturedPacket) => {
      const bytes = bytesOnWire(packet.originalBytes, packet.linkType)
      this.packets++
      this.bytes += bytes
      if (packet.timeUs < this.firstUs) this.firstUs = packet.timeUs
      if (packet.timeUs > this.lastUs) this.lastUs = packet.timeUs
      if (flow >= 0) changes.note(flow, packet.timeUs, bytes)
    }
  }

  /** Places are known from here on, maybe before the first packet is read. @param locator null: there is no location database */
  locateWith(locator: HostLocator | null): void {
    if (locator !== null) this.locator = locator
    if (this.changes !== null) this.changes.locator = this.locator
    this.isReady = true
  }

  /** Null: nothing to show yet, or the picture would come hardly sooner than the whole. */
  next(progress: Progress): Grown | null {
    const { analysis, changes } = this
    if (!this.isReady || analysis === null || changes === null || !changes.areThere) return null
    if (!this.isWorthwhile(progress)) return null
    if (this.origin === 'auto') changes.origin = changes.locator.locate(analysis.hosts(), 'auto').origin
    const { flows, retransmissions, tcp, hosts } = changes.take(FLOWS, TCP_ROWS)
    const { packets, bytes, firstUs, lastUs } = this
    const ipPackets = packets - analysis.packetsOutside
    const counts = { packets, ipPackets, bytes, flows: analysis.flows.table.count, hosts: analysis.flows.hosts.count }
    const change: LiveChange = {
      type: 'change',
      after: this.sequence,
      sequence: ++this.sequence,
      flows,
      retransmissions,
      tcp,
      hosts,
      totals: { ...counts, packetsPerSecond: 0, bytesPerSecond: 0, firstUs, lastUs },
      drops: NO_DROPS,
      nowUs: lastUs,
    }
    const { name, base } = this
    this.base = null
    return { type: 'grown', name, change, base, leftOut: Math.max(0, counts.flows - SHOWN_FLOWS) }
  }

  private isWorthwhile({ bytes, totalBytes }: Progress): boolean {
    if (bytes === 0 || totalBytes === null) return false
    const elapsedMs = performance.now() - this.startedMs
    return (elapsedMs / bytes) * (totalBytes - bytes) > (this.sequence === 0 ? WORTH_OPENING_MS : WORTH_DRAWING_MS)
  }
}

/** A report without packets, on which the first change is applied. */
export function emptyReport(reportName: string, origin: Origin | 'auto', openDatabase: Promise<() => SqlDatabase>): Promise<Uint8Array> {
  return analyze([], { geoip: Promise.resolve(null), openDatabase }, { reportName, programVersion: '', origin, maxPackets: 0 })
}
