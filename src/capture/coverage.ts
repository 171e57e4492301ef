// Every packet of a capture is counted in a flow, or skipped with a reason. Hot path: add() and skip().
import { describeSkip, reasonOfLinkProtocol } from '../decode/skip-reasons.ts'
import { REPEATED } from '../decode/status.ts'
import { formatCount } from '../number-format.ts'
import type { CaptureSource, NotRead, SourceEnd } from '../types.ts'
import type { LogLink } from './flow-records/log-links.ts'
import type { FlowRecord } from './flow-records/record.ts'
import { NO_DROPS } from './format.ts'
import { type CaptureReader, END_OF_FILE } from './index.ts'
import type { CapturedPacket } from './packet.ts'
import { REPEAT_US, REPEAT_WINDOW } from './repeats.ts'
import { LONG_US, TimeJumps } from './time-jumps.ts'

/** A row of captures, and its rows of skipped. store/schema.ts describes the fields. */
export interface CaptureSummary {
  file: string
  sha256: string | null
  format: string
  linkTypes: number[]
  packets: number
  bytes: number
  capturedBytes: number
  ipPackets: number
  firstUs: number | null
  lastUs: number | null
  endedBy: string
  warnings: string[]
  /** Number of packets that the file reports as not captured; null if it has no such number. */
  dropped?: number | null
  /** Most packets first. */
  skipped: { reason: string; packets: number }[]
}

/** Smallest share of repeated packets for a warning: some packets are really sent twice, such as a burst of resets. */
const REPEATED_SHARE = 0.01
const LEAST_REPEATED = 4

/** The format of a file of which nothing was read. */
export const NOT_READ = 'not read'

export function notReadSummary(file: string, { why, sha256 }: NotRead): CaptureSummary {
  const nothing = { linkTypes: [], packets: 0, bytes: 0, capturedBytes: 0, ipPackets: 0, firstUs: null, lastUs: null }
  return { file, sha256, format: NOT_READ, ...nothing, endedBy: why, warnings: [], skipped: [] }
}

export class Coverage {
  /** Index of the capture in the report. */
  readonly capture: number
  private packets = 0
  private bytes = 0
  private capturedBytes = 0
  private firstUs = Number.POSITIVE_INFINITY
  private lastUs = Number.NEGATIVE_INFINITY
  private readonly jumps = new TimeJumps()
  private cutPackets = 0
  private overlong = 0
  private repeated = 0
  private seenElsewhere = 0
  private linkType = -1
  private readonly linkTypes = new Set<number>()
  private readonly skips = new Map<number, number>()
  /** Packets by reason that a log has counted. */
  private readonly loggedSkips = new Map<string, number>()

  constructor(capture = 0) {
    this.capture = capture
  }

  /** Packets so far. */
  get count(): number {
    return this.packets
  }

  /** @param bytes the frame's length on the wire */
  add(packet: CapturedPacket, bytes: number): void {
    const { timeUs, originalBytes } = packet
    const captured = packet.end - packet.start
    this.packets++
    this.bytes += bytes
    this.capturedBytes += captured
    if (timeUs < this.firstUs) this.firstUs = timeUs
    if (timeUs > this.lastUs) this.lastUs = timeUs
    const { previousUs } = this.jumps
    if (timeUs < previousUs || timeUs >= previousUs + LONG_US) this.jumps.add(timeUs, this.packets, packet.offset)
    this.jumps.previousUs = timeUs
    if (captured < originalBytes) this.cutPackets++
    else if (captured > originalBytes) this.overlong++
    if (packet.linkType !== this.linkType) {
      this.linkType = packet.linkType
      this.linkTypes.add(packet.linkType)
    }
  }

  /** Counts packets of which only the number is known: a slice passes over them. */
  passOver(packets: number): void {
    this.packets += packets
  }

  /** Counts the packets of a flow record; none of their bytes were captured. @param isCounted false: another observer has counted them */
  addRecord(flow: FlowRecord, isCounted: boolean): void {
    if (!isCounted) {
      this.seenElsewhere++
      return
    }
    this.packets += flow.sourcePackets + flow.targetPackets
    this.bytes += flow.sourceBytes + flow.targetBytes
    if (flow.startUs < this.firstUs) this.firstUs = flow.startUs
    if (flow.endUs > this.lastUs) this.lastUs = flow.endUs
  }

  /** Counts frames without IP of a log. */
  addLink({ protocol, packets, bytes, firstUs, lastUs }: LogLink): void {
    const reason = reasonOfLinkProtocol(protocol)
    this.loggedSkips.set(reason, (this.loggedSkips.get(reason) ?? 0) + packets)
    this.packets += packets
    this.bytes += bytes
    if (firstUs < this.firstUs) this.firstUs = firstUs
    if (lastUs > this.lastUs) this.lastUs = lastUs
  }

  /** @param status the result of decodePacket() */
  skip(status: number): void {
    this.skips.set(status, (this.skips.get(status) ?? 0) + 1)
  }

  /** Counts a repeated packet. @param isLeftOut it is counted nowhere else */
  repeat(isLeftOut: boolean): void {
    if (isLeftOut) this.skip(REPEATED)
    else this.repeated++
  }

  summary(source: CaptureSource, reader: CaptureReader, end: SourceEnd, isInterrupted: boolean): CaptureSummary {
    const byReason = new Map(this.loggedSkips)
    let skippedPackets = [...byReason.values()].reduce((sum, packets) => sum + packets, 0)
    for (const [status, packets] of this.skips) {
      const reason = describeSkip(status)
      byReason.set(reason, (byReason.get(reason) ?? 0) + packets)
      skippedPackets += packets
    }
    const skipped = [...byReason].map(([reason, packets]) => ({ reason, packets }))
    skipped.sort((a, b) => b.packets - a.packets || (a.reason < b.reason ? -1 : 1))
    const { interface: byInterface, system } = reader.drops ?? NO_DROPS
    const dropped = byInterface === null && system === null ? null : (byInterface ?? 0) + (system ?? 0)
    return {
      file: source.file,
      sha256: end.sha256,
      format: reader.format + (source.compression === '' ? '' : `, ${source.compression}`),
      linkTypes: [...this.linkTypes].sort((a, b) => a - b),
      packets: this.packets,
      bytes: this.bytes,
      capturedBytes: this.capturedBytes,
      ipPackets: this.packets - skippedPackets,
      firstUs: this.packets > 0 ? this.firstUs : null,
      lastUs: this.packets > 0 ? this.lastUs : null,
      endedBy: isInterrupted
        ? 'interrupted by the user'
        : [end.problem, reader.endedBy].filter((why) => why !== '' && why !== END_OF_FILE).join('; ') || END_OF_FILE,
      warnings: [...(end.warnings ?? []), ...reader.warnings, ...this.warnings(), ...dropLines(byInterface ?? 0, system ?? 0)],
      dropped,
      skipped,
    }
  }

  private warnings(): string[] {
    const lines: string[] = []
    lines.push(...this.jumps.warnings())
    const { packets, repeated } = this
    if (repeated >= LEAST_REPEATED && repeated / packets >= REPEATED_SHARE)
      lines.push(
        `${formatCount(repeated)} of ${formatCount(packets)} packets (${((repeated / packets) * 100).toFixed(1)} %) look like one of the ${REPEAT_WINDOW} before them within ${REPEAT_US / 1000} ms: captured twice (by a mirror port, on several interfaces) or sent twice; all are counted, and analyze --deduplicate leaves out those that are the same to the byte`,
      )
    if (this.seenElsewhere > 0)
      lines.push(
        `${formatCount(this.seenElsewhere)} ${this.seenElsewhere === 1 ? 'record was' : 'records were'} left out: another router or interface in the log has counted the same direction of the same conversation`,
      )
    if (this.cutPackets > 0)
      lines.push(
        `${formatCount(this.cutPackets)} of ${formatCount(packets)} ${packets === 1 ? 'packet is' : 'packets are'} cut short by the snap length`,
      )
    if (this.overlong > 0)
      lines.push(
        this.overlong === 1
          ? '1 packet claims to be shorter on the wire than it is in the file'
          : `${formatCount(this.overlong)} packets claim to be shorter on the wire than they are in the file`,
      )
    return lines
  }
}

function dropLines(byInterface: number, system: number): string[] {
  if (byInterface + system === 0) return []
  const parts = [
    ...(byInterface > 0 ? [`${formatCount(byInterface)} dropped by the interface (isb_ifdrop)`] : []),
    ...(system > 0 ? [`${formatCount(system)} by the operating system (isb_osdrop)`] : []),
  ]
  return [`${formatCount(byInterface + system)} packets were not captured, as the file itself says: ${parts.join(', ')}`]
}
