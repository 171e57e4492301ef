// Units of a flow log (lines, JSON objects) -> flow records, one by one, behind the interface of the capture formats. Holds one unit.
import type { ChunkWindow } from '../chunks.ts'
import { ENDED, type FormatReader, GOT_PACKET, NO_DROPS, type PacketRecord, Warnings } from '../format.ts'
import type { CapturedPacket } from '../packet.ts'
import type { LogLink, LogLinks } from './log-links.ts'
import type { LogNames } from './log-names.ts'
import { FlowRecord, formatOfRecords } from './record.ts'
import { JsonObjects, Lines, PackedLines, type Units } from './units.ts'

const STEP_BYTES = 1 << 16

const UNITS = { lines: Lines, packed: PackedLines, objects: JsonObjects }

/** One format of flow logs. */
export interface FlowFormat {
  /** For the report, e.g. "Zeek conn.log (TSV)". */
  readonly name: string
  readonly units: keyof typeof UNITS
  /** What its bytes are, and then warnings about what is different from packets. */
  readonly remarks: readonly string[]
  /** Names read so far; complete after the last record. */
  readonly names?: LogNames
  /** Frames without IP; complete after the last record. */
  readonly links?: LogLinks
  /** Where the conversations are, for a log that has only names. */
  readonly conversationsIn?: string
  /**
   * Reads a line without its line feed, or an object.
   * @returns '' if `record` is filled, null if it holds no record, else why it is left out, in the words of a warning
   */
  read(text: string, record: FlowRecord): string | null
  /** The same of bytes[from..to), which may be a packed list; undefined: read() has to. */
  readBytes?(bytes: Uint8Array, from: number, to: number, record: FlowRecord): string | null | undefined
  /** The next record of the text that read() was given, as read(); null: there are no more. */
  readNext?(record: FlowRecord): string | null
}

/** Bytes of the headers up to the network layer are not counted by most programs. */
export const IP_BYTES = 'bytes are those of IP packets without the link layer'

export class FlowRecordReader implements FormatReader {
  readonly format: string
  readonly flow = new FlowRecord()
  readonly warnings = new Warnings()
  readonly fileNames = []
  readonly drops = NO_DROPS
  readonly headerBytes = 1
  readonly interfaces = []
  readonly secrets = []
  endedBy = ''
  private readonly log: FlowFormat
  private readonly units: Units
  private readonly decoder = new TextDecoder()
  private readonly firsts = new Map<string, string>()
  private number = 0
  private offset = 0
  private isAtEnd = false
  private hasMore = false

  constructor(log: FlowFormat) {
    this.log = log
    this.units = new UNITS[log.units]()
    this.format = formatOfRecords(log.name)
    this.warnings.add(
      log.conversationsIn === undefined
        ? `made from ${log.name}, not from packets: times between the beginning and the end of a conversation are spread evenly, ${log.remarks[0]}, and packet sizes, TCP health and everything that is read from the content of packets are not known`
        : `${log.name} has names and no conversations: they are in ${log.conversationsIn}, to be given in the same command`,
    )
    for (const remark of log.remarks.slice(1)) this.warnings.add(remark)
  }

  get names(): LogNames | null {
    return this.log.names ?? null
  }

  get links(): readonly LogLink[] {
    return this.log.links?.list ?? []
  }

  next(window: ChunkWindow, packet: CapturedPacket): number {
    const { units, flow, log } = this
    for (;;) {
      let problem = this.hasMore ? log.readNext!(flow) : null
      if (problem === null) {
        const taken = units.find(window, this.isAtEnd)
        if (units.length > units.maxBytes) return this.end(window, `is longer than ${units.maxBytes} bytes`)
        // Twice as much each time, so that a long unit is moved in memory only a few times.
        if (taken < 0 && !this.isAtEnd) return units.length + Math.max(STEP_BYTES, units.length)
        if (units.length === 0 && taken <= 0) return ENDED
        if (taken < 0) return this.end(window, 'is cut off')
        const { bytes, at } = window
        const end = at + units.length
        this.offset = window.offset
        window.skip(taken)
        units.length = 0
        this.number++
        const quick = log.readBytes?.(bytes, at, end, flow)
        problem = quick === undefined ? log.read(this.textOf(bytes.subarray(at, end)), flow) : quick
        this.hasMore = log.readNext !== undefined
      }
      if (problem === '') {
        flow.line = this.number
        packet.timeUs = flow.startUs
        packet.offset = this.offset
        return GOT_PACKET
      }
      if (problem !== null) this.leaveOut(problem)
    }
  }

  /** The last line need not end with a line feed. */
  endOfStream(): boolean {
    this.isAtEnd = true
    return true
  }

  keepMetadata(): void {}

  /** Never called: flow records have no packets to copy. */
  record(): PacketRecord {
    throw new Error('flow records have no packets')
  }

  private textOf(bytes: Uint8Array): string {
    const text = this.decoder.decode(bytes)
    return text.endsWith('\r') ? text.slice(0, -1) : text
  }

  private end(window: ChunkWindow, why: string): number {
    this.endedBy = `${this.units.kind} ${this.number + 1} (byte ${window.offset}) ${why}: nothing after it was read`
    return ENDED
  }

  private leaveOut(problem: string): void {
    const { kind } = this.units
    if (!this.firsts.has(problem)) this.firsts.set(problem, `first in ${kind} ${this.number} (byte ${this.offset})`)
    this.warnings.add(`a ${kind} was left out, ${this.firsts.get(problem)}: ${problem}`)
  }
}
