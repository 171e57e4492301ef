// Lines of a flow log -> flow records, one by one, behind the interface of the capture formats. Holds one line.
import type { ChunkWindow } from '../chunks.ts'
import { ENDED, type FormatReader, GOT_PACKET, NO_DROPS, type PacketRecord, Warnings } from '../format.ts'
import type { CapturedPacket } from '../packet.ts'
import { FlowRecord, formatOfRecords } from './record.ts'

/** Longest line: a log's lines have a few hundred bytes, and a longer one is no log. */
export const MAX_LINE_BYTES = 1 << 20
const STEP_BYTES = 1 << 16
const LINE_FEED = 0x0a

/** One format of flow logs. */
export interface LineFormat {
  /** For the report, e.g. "Zeek conn.log (TSV)". */
  readonly name: string
  /**
   * Reads a line without its line feed.
   * @returns '' if `record` is filled, null for a line that holds no record, else why the line is left out, in the words of a warning
   */
  read(line: string, record: FlowRecord): string | null
}

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
  private readonly lines: LineFormat
  private readonly decoder = new TextDecoder()
  private readonly firstLines = new Map<string, number>()
  private line = 0
  private isAtEnd = false
  /** Bytes of the unfinished line that hold no line feed. */
  private searched = 0

  constructor(lines: LineFormat) {
    this.lines = lines
    this.format = formatOfRecords(lines.name)
    this.warnings.add(
      `made from ${lines.name}, not from packets: times between the beginning and the end of a conversation are spread evenly, bytes are those of IP packets without the link layer, and packet sizes, TCP health and everything that is read from the content of packets are not known`,
    )
  }

  next(window: ChunkWindow, packet: CapturedPacket): number {
    for (;;) {
      const feed = window.bytes.subarray(0, window.end).indexOf(LINE_FEED, window.at + this.searched)
      const length = (feed < 0 ? window.end : feed) - window.at
      if (length > MAX_LINE_BYTES) {
        this.endedBy = `line ${this.line + 1} (byte ${window.offset}) is longer than ${MAX_LINE_BYTES} bytes: nothing after it was read`
        return ENDED
      }
      if (feed < 0 && !this.isAtEnd) {
        this.searched = length
        return length + STEP_BYTES
      }
      if (feed < 0 && length === 0) return ENDED
      const offset = window.offset
      const text = this.decoder.decode(window.bytes.subarray(window.at, window.at + length))
      window.skip(feed < 0 ? length : length + 1)
      this.searched = 0
      this.line++
      if (!this.accepts(text.endsWith('\r') ? text.slice(0, -1) : text)) continue
      this.flow.line = this.line
      packet.timeUs = this.flow.startUs
      packet.offset = offset
      return GOT_PACKET
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

  private accepts(line: string): boolean {
    const problem = this.lines.read(line, this.flow)
    if (problem === '') return true
    if (problem === null) return false
    if (!this.firstLines.has(problem)) this.firstLines.set(problem, this.line)
    this.warnings.add(`a line was left out, first in line ${this.firstLines.get(problem)}: ${problem}`)
    return false
  }
}
