// bytes -> packets: recognises the format from the first bytes and returns packets one by one. Awaits once per chunk, not per packet.
import { CaptureError } from '../errors.ts'
import { ChunkWindow } from './chunks.ts'
import { flowRecordReaderOf } from './flow-records/index.ts'
import type { LogLink } from './flow-records/log-links.ts'
import type { LogNames } from './flow-records/log-names.ts'
import type { FlowRecordReader } from './flow-records/reader.ts'
import type { FlowRecord } from './flow-records/record.ts'
import { describeForeign, findCapture, looksLikeTextCopy } from './foreign.ts'
import {
  ANOTHER_CAPTURE,
  describeZeros,
  ENDED,
  type FileDrops,
  type FileName,
  type FormatReader,
  GOT_PACKET,
  type InterfaceRecord,
  isZero,
  type PacketRecord,
  type PacketTest,
  PROBE_BYTES,
} from './format.ts'
import { CapturedPacket } from './packet.ts'
import { PcapReader } from './pcap.ts'
import { isPcap } from './pcap-header.ts'
import { PcapngReader } from './pcapng.ts'
import { SECTION_HEADER_BLOCK, versionProblem } from './pcapng-blocks.ts'

/** Reason when a capture was read to its end. */
export const END_OF_FILE = 'end of file'

/** Most joined captures that are listed one by one. */
const MAX_WARNINGS = 3

/** One capture being read: `while (next()) use(packet)`, then `await fill()`, until that is false. */
export class CaptureReader {
  readonly packet = new CapturedPacket()
  private wanted = 0
  private cut = ''
  /** The record that next() reads in place of a packet; null for a capture of packets. */
  readonly flow: FlowRecord | null
  private readonly window: ChunkWindow
  private readonly log: FlowRecordReader | null
  /** The last reader is the current one; the others have ended. */
  private readonly readers: FormatReader[]
  private readonly joinedAt: number[] = []
  private readonly ownWarnings: string[] = []
  private isTextCopy = false
  private keepsMetadata = false

  private constructor(window: ChunkWindow, reader: FormatReader, log: FlowRecordReader | null = null) {
    this.log = log
    this.flow = log?.flow ?? null
    this.window = window
    this.readers = [reader]
  }

  /**
   * @param chunks the uncompressed capture
   * @param file its name, for messages
   * @param isLive packets arrive one by one, so only the first bytes are waited for
   * @throws CaptureError if the bytes are not a capture
   */
  static async open(chunks: AsyncIterable<Uint8Array>, file: string, isLive = false): Promise<CaptureReader> {
    const window = new ChunkWindow(chunks)
    try {
      if (!(await window.fill(4))) throw new CaptureError(describeTooShort(file, window.end - window.at))
      // Recognising a file may need more than its first bytes; a shorter file is recognised from what it has.
      if (!isLive) await window.fill(PROBE_BYTES)
      const probe = window.bytes.subarray(window.at, Math.min(window.end, window.at + PROBE_BYTES))
      const flowRecords = isLive ? null : flowRecordReaderOf(probe)
      if (flowRecords !== null) return new CaptureReader(window, flowRecords, flowRecords)
      const begin = readerOf(probe) === null ? findCapture(probe) : 0
      if (begin < 0) throw new CaptureError(`${file} ${describeForeign(probe)}`)
      window.skip(begin)
      const opened = new CaptureReader(window, readerOf(probe.subarray(begin))!)
      if (begin > 0) opened.ownWarnings.push(`the capture begins at byte ${begin}: ${describeBefore(probe.subarray(0, begin))}`)
      opened.isTextCopy = looksLikeTextCopy(probe)
      await opened.requireHeader(file)
      return opened
    } catch (error) {
      await window.close()
      throw error
    }
  }

  /** True: `packet` has the next packet. False: call fill(). */
  next(): boolean {
    if (this.wanted < 0) return false
    this.wanted = this.reader.next(this.window, this.packet)
    return this.wanted === GOT_PACKET
  }

  /** Passes over packets that follow and that the test does not want. @param most of them @returns their number: 0 does not mean that the next one is wanted */
  passOver(test: PacketTest, most: number): number {
    return (this.wanted === GOT_PACKET && this.reader.passOver?.(this.window, test, most)) || 0
  }

  /** Packets that follow and are in memory as a whole. @param ranges where their bytes begin and end in packet.bytes: filled as far as there are some @returns their number */
  upcoming(ranges: Int32Array): number {
    return (this.wanted === GOT_PACKET && this.reader.upcoming?.(this.window, ranges)) || 0
  }

  /** Loads what the next packet needs; false when the capture has ended; endedBy says why. */
  async fill(): Promise<boolean> {
    const { window } = this
    if (this.wanted === ENDED) return false
    if (this.wanted === ANOTHER_CAPTURE) {
      await window.fill(PROBE_BYTES)
      this.joinedAt.push(window.offset)
      this.readers.push(readerOf(window.bytes.subarray(window.at, window.end))!)
      if (this.keepsMetadata) this.reader.keepMetadata()
      this.wanted = GOT_PACKET
      return true
    }
    if (await window.fill(Math.max(1, this.wanted))) return true
    if (this.reader.endOfStream?.() && window.end > window.at) return true
    const left = window.end - window.at
    const unfinished = this.reader.unfinished ?? null
    const end = window.base + window.end
    if (unfinished !== null) this.cut = describeCut(unfinished.offset, end - unfinished.offset, unfinished.bytes)
    else if (left > 0 && isZero(window.bytes, window.at, window.end)) this.cut = describeZeros('record', window.offset)
    else if (left > 0) this.cut = describeCut(window.offset, left, this.wanted)
    return false
  }

  /** Ends reading. */
  stop(): void {
    this.wanted = ENDED
  }

  /** Needed for copies of packets, before next(): makes record(), interfaces and secrets available. */
  keepMetadata(): void {
    this.keepsMetadata = true
    this.reader.keepMetadata()
  }

  /** The record of the packet in its file; its interface is an index in `interfaces`. Cold path. */
  record(): PacketRecord {
    const record = this.reader.record(this.packet)
    for (let i = 0; i < this.readers.length - 1; i++) record.interface += this.readers[i].interfaces.length
    return record
  }

  get interfaces(): InterfaceRecord[] {
    return this.readers.flatMap((reader) => reader.interfaces)
  }

  /** Decryption secrets blocks read so far. */
  get secrets(): Uint8Array[] {
    return this.readers.flatMap((reader) => reader.secrets)
  }

  get format(): string {
    const { format } = this.readers[0]
    return this.readers.length === 1 ? format : `${format}, ${this.readers.length} captures joined`
  }

  /** Why there is no next packet. */
  get endedBy(): string {
    const why = this.reader.endedBy || this.cut || END_OF_FILE
    return this.isTextCopy && why !== END_OF_FILE
      ? `${why}; every line feed has a carriage return before it: copy the file in binary mode`
      : why
  }

  get warnings(): string[] {
    const joined = this.joinedAt.slice(0, MAX_WARNINGS).map((offset) => `another capture begins at byte ${offset} and was read on`)
    const more = this.joinedAt.length - joined.length
    if (more > 0) joined.push(`${more} more captures begin after that and were read on`)
    return [...this.ownWarnings, ...joined, ...new Set(this.readers.flatMap((reader) => reader.warnings.lines()))]
  }

  get fileNames(): FileName[] {
    return this.readers.flatMap((reader) => reader.fileNames)
  }

  /** Frames without IP of a flow log; complete at its end. */
  get logLinks(): readonly LogLink[] {
    return this.log?.links ?? []
  }

  /** Names that a log of another program has for ends of conversations; complete after its last record. */
  get logNames(): LogNames | null {
    return this.log?.names ?? null
  }

  /** Numbers of packets that the file says were not captured. */
  get drops(): FileDrops {
    const sum = (key: keyof FileDrops) =>
      this.readers.reduce<number | null>((total, { drops }) => (drops[key] === null ? total : (total ?? 0) + drops[key]), null)
    return { interface: sum('interface'), system: sum('system') }
  }

  /** Bytes of the uncompressed capture read so far. */
  get offset(): number {
    return this.window.offset
  }

  close(): Promise<void> {
    return this.window.close()
  }

  private get reader(): FormatReader {
    return this.readers[this.readers.length - 1]
  }

  /** A file that ends within its file header has nothing to report. @throws CaptureError */
  private async requireHeader(file: string): Promise<void> {
    const { window } = this
    const offset = window.offset
    if (!(await window.fill(this.reader.headerBytes))) {
      const end = window.base + window.end
      throw new CaptureError(`${file} ends at byte ${end}, inside its file header: the capture was cut off, record it again`, end)
    }
    if (!(this.reader instanceof PcapngReader)) return
    const little = window.view.getUint8(window.at + 8) === 0x4d
    const major = window.view.getUint16(window.at + 12, little)
    const problem = versionProblem(major, window.view.getUint16(window.at + 14, little))
    if (problem === '' || major === 1) return
    throw new CaptureError(
      `${file} ${problem} (byte ${offset + 12}): write it again with a program that writes 1.0, e.g. editcap`,
      offset + 12,
    )
  }
}

/** The reader for the first four bytes; null when they begin no capture. */
function readerOf(bytes: Uint8Array): FormatReader | null {
  const magic = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
  return magic === SECTION_HEADER_BLOCK ? new PcapngReader() : isPcap(magic) ? new PcapReader() : null
}

function describeTooShort(file: string, bytes: number): string {
  if (bytes === 0) return `${file} is empty (0 bytes): give a pcap or pcapng capture`
  return `${file} is not a capture (only ${bytes} bytes): give a pcap or pcapng file`
}

/** The first line of what precedes a capture, if it is text. */
function describeBefore(bytes: Uint8Array): string {
  const line = new TextDecoder('latin1').decode(bytes.subarray(0, 60)).split(/[\r\n]/)[0]
  return /^[\x20-\x7e]{3,}$/.test(line) ? `text stands before it ("${line}") and was passed over` : 'what stands before it was passed over'
}

function describeCut(offset: number, there: number, bytes: number): string {
  return `cut off in the record at byte ${offset}: ${there} of its ${bytes} bytes are there`
}
