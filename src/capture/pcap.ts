// Classic pcap (draft-ietf-opsawg-pcap): both byte orders, micro- and nanoseconds, and the variants of pcap-header.ts. Hot path.

import type { ChunkWindow } from './chunks.ts'
import {
  ANOTHER_CAPTURE,
  describeZeros,
  ENDED,
  type FileName,
  type FormatReader,
  GOT_PACKET,
  type InterfaceRecord,
  isZero,
  maxPacketBytes,
  NO_DROPS,
  type PacketRecord,
  type PacketTest,
  Warnings,
} from './format.ts'
import type { CapturedPacket } from './packet.ts'
import { isPcap, isPcapHeader, PCAP_HEADER_BYTES, readPcapHeader } from './pcap-header.ts'
import { isSectionHeader, OPTION_TSRESOL, SECTION_HEADER_BLOCK } from './pcapng-blocks.ts'
import { NO_OPTIONS, option } from './pcapng-options.ts'

/** This many zeros are no records. */
const TAIL_BYTES = 4096
/** Fewer zeros before the end may be records of a damaged file: file systems allocate blocks of at least 512 bytes. */
const LEAST_TAIL_BYTES = 256
/** An improbable value for the seconds of a packet's time. */
const NO_HEADER = 0

const IMPOSSIBLE_FRACTION = 'packet whose fraction of a second is a second or more, as no clock gives it: it may be at the wrong time'

export class PcapReader implements FormatReader {
  format = 'pcap'
  endedBy = ''
  readonly warnings = new Warnings()
  readonly fileNames: FileName[] = []
  readonly drops = NO_DROPS
  readonly headerBytes = PCAP_HEADER_BYTES
  readonly interfaces: InterfaceRecord[] = []
  readonly secrets: Uint8Array[] = []
  private headerRead = false
  private littleEndian = true
  private nanoseconds = false
  /** Of a second. */
  private highestFraction = 999_999
  private recordHeaderBytes = 16
  private linkType = 0
  private maxBytes = 0
  private swapsLengths = false
  private looksAhead = false
  private isLastPiece = false

  endOfStream(): boolean {
    this.isLastPiece = true
    return this.looksAhead
  }

  keepMetadata(): void {} // its only header is always kept

  record({ bytes, start }: CapturedPacket): PacketRecord {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const at = start - this.recordHeaderBytes
    const fraction = BigInt(view.getUint32(at + 4, this.littleEndian))
    const units = BigInt(view.getUint32(at, this.littleEndian)) * (this.nanoseconds ? 1_000_000_000n : 1_000_000n) + fraction
    return { interface: 0, timeHigh: Number(units >> 32n), timeLow: Number(units & 0xffffffffn), options: NO_OPTIONS }
  }

  next(window: ChunkWindow, packet: CapturedPacket): number {
    if (!this.headerRead) return this.readFileHeader(window, packet)
    const have = window.end - window.at
    if (have < this.recordHeaderBytes) return this.recordHeaderBytes
    const view = window.view
    const at = window.at
    const seconds = view.getUint32(at, this.littleEndian)
    const fraction = view.getUint32(at + 4, this.littleEndian)
    let capturedBytes = view.getUint32(at + 8, this.littleEndian)
    let originalBytes = view.getUint32(at + 12, this.littleEndian)
    if (this.swapsLengths && capturedBytes > originalBytes) {
      const swapped = capturedBytes
      capturedBytes = originalBytes
      originalBytes = swapped
    }
    // Where a record has its captured and original length, a file header has two zero words.
    if (originalBytes === 0 || capturedBytes > this.maxBytes) {
      const answer = this.readNoRecord(window, seconds, fraction, capturedBytes, originalBytes)
      if (answer !== NO_HEADER) return answer
    }
    const recordBytes = this.recordHeaderBytes + capturedBytes
    if (have < recordBytes) return recordBytes
    if (fraction > this.highestFraction) this.warnings.add(IMPOSSIBLE_FRACTION)
    packet.timeUs = seconds * 1e6 + (this.nanoseconds ? Math.floor(fraction / 1000) : fraction)
    packet.bytes = window.bytes
    packet.start = at + this.recordHeaderBytes
    packet.end = at + recordBytes
    packet.originalBytes = originalBytes
    packet.linkType = this.linkType
    packet.offset = window.base + at
    window.at = at + recordBytes
    return GOT_PACKET
  }

  passOver(window: ChunkWindow, test: PacketTest, most: number): number {
    if (!this.headerRead || this.swapsLengths) return 0
    const { view, bytes, end } = window
    const { littleEndian, recordHeaderBytes, maxBytes, linkType } = this
    let passed = 0
    for (let at = window.at; passed < most && end - at >= recordHeaderBytes; passed++) {
      const capturedBytes = view.getUint32(at + 8, littleEndian)
      const start = at + recordHeaderBytes
      if (capturedBytes > maxBytes || capturedBytes > end - start || view.getUint32(at + 12, littleEndian) === 0) break
      at = start + capturedBytes
      if (test.mayBe(bytes, start, at, linkType)) break
      window.at = at
    }
    return passed
  }

  upcoming({ view, at: from, end }: ChunkWindow, ranges: Int32Array): number {
    const { littleEndian, recordHeaderBytes, maxBytes } = this
    let found = 0
    for (let at = from; 2 * found < ranges.length && end - at >= recordHeaderBytes; found++) {
      const capturedBytes = view.getUint32(at + 8, littleEndian)
      const start = at + recordHeaderBytes
      if (capturedBytes > maxBytes || capturedBytes > end - start) break
      at = start + capturedBytes
      ranges[2 * found] = start
      ranges[2 * found + 1] = at
    }
    return found
  }

  /** Handles what is no record, or an empty record: another capture, zeros, or an invalid length. Returns NO_HEADER for a valid record. */
  private readNoRecord(window: ChunkWindow, seconds: number, fraction: number, captured: number, original: number): number {
    const magic = window.view.getUint32(window.at)
    if (isPcap(magic)) {
      if (window.end - window.at < PCAP_HEADER_BYTES) return PCAP_HEADER_BYTES
      if (isPcapHeader(window.view, window.at)) return ANOTHER_CAPTURE
    }
    if (magic === SECTION_HEADER_BLOCK && isSectionHeader(window.view, window.at)) return ANOTHER_CAPTURE
    if (seconds === 0 && fraction === 0 && captured === 0 && original === 0) {
      // One record of zeros may be part of a damaged file. Zeros up to the end are preallocated space, or an incomplete copy.
      this.looksAhead = window.end - window.at < TAIL_BYTES && !this.isLastPiece
      if (this.looksAhead) return TAIL_BYTES
      const end = Math.min(window.end, window.at + TAIL_BYTES)
      if (end - window.at >= LEAST_TAIL_BYTES && isZero(window.bytes, window.at, end)) {
        this.endedBy = describeZeros('record', window.offset)
        return ENDED
      }
    }
    if (captured <= this.maxBytes) return NO_HEADER
    this.endedBy = `record at byte ${window.offset} claims ${captured} bytes, more than any packet has: the rest cannot be read`
    return ENDED
  }

  private readFileHeader(window: ChunkWindow, packet: CapturedPacket): number {
    const have = window.end - window.at
    if (have < PCAP_HEADER_BYTES) return PCAP_HEADER_BYTES
    const header = readPcapHeader(window.view, window.at, window.end)
    if (header === null) throw new Error('PcapReader was given a file that isPcap() refuses')
    if (have < header.headerBytes) return header.headerBytes
    this.littleEndian = header.littleEndian
    this.nanoseconds = header.nanoseconds
    if (header.nanoseconds) this.highestFraction = 999_999_999
    this.recordHeaderBytes = header.recordHeaderBytes
    this.linkType = header.linkType
    this.maxBytes = maxPacketBytes(header.linkType)
    this.swapsLengths = header.swapsLengths
    const options = this.nanoseconds ? option(OPTION_TSRESOL, Uint8Array.of(9)) : NO_OPTIONS
    this.interfaces.push({ linkType: header.linkType, snapBytes: header.snapBytes, options })
    this.format =
      `pcap, ${this.littleEndian ? 'little' : 'big'}-endian, ${this.nanoseconds ? 'nano' : 'micro'}seconds` +
      (header.isAix ? ', as AIX writes it' : '') +
      (this.recordHeaderBytes === 16 ? '' : `, record headers of ${this.recordHeaderBytes} bytes`)
    if (header.isMistaken) {
      this.warnings.add('the header says microseconds, but the fractions of a second are nanoseconds and were read as such')
    }
    window.at += header.headerBytes
    this.headerRead = true
    return this.next(window, packet)
  }
}
