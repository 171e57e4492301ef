// Classic pcap (draft-ietf-opsawg-pcap): both byte orders, micro- and nanosecond, and Kuznetsov's "modified" variant. Hot path.

import type { ChunkWindow } from './chunks.ts'
import { ENDED, type FileName, type FormatReader, GOT_PACKET, MAX_PACKET_BYTES, Warnings } from './format.ts'
import type { CapturedPacket } from './packet.ts'

const FILE_HEADER_BYTES = 24

/** Magic numbers as a big-endian reader sees them, and what follows from each. */
const VARIANTS = new Map<number, { littleEndian: boolean; nanoseconds: boolean; recordHeaderBytes: number }>([
  [0xa1b2c3d4, { littleEndian: false, nanoseconds: false, recordHeaderBytes: 16 }],
  [0xd4c3b2a1, { littleEndian: true, nanoseconds: false, recordHeaderBytes: 16 }],
  [0xa1b23c4d, { littleEndian: false, nanoseconds: true, recordHeaderBytes: 16 }],
  [0x4d3cb2a1, { littleEndian: true, nanoseconds: true, recordHeaderBytes: 16 }],
  [0xa1b2cd34, { littleEndian: false, nanoseconds: false, recordHeaderBytes: 24 }],
  [0x34cdb2a1, { littleEndian: true, nanoseconds: false, recordHeaderBytes: 24 }],
])

/** @param magic the file's first four bytes, read big-endian */
export function isPcap(magic: number): boolean {
  return VARIANTS.has(magic)
}

export class PcapReader implements FormatReader {
  format = 'pcap'
  endedBy = ''
  readonly warnings = new Warnings()
  readonly fileNames: FileName[] = []
  private headerRead = false
  private littleEndian = true
  private nanoseconds = false
  private recordHeaderBytes = 16
  private linkType = 0
  private swapsLengths = false

  next(window: ChunkWindow, packet: CapturedPacket): number {
    if (!this.headerRead) return this.readFileHeader(window, packet)
    const have = window.end - window.at
    if (have < this.recordHeaderBytes) return this.recordHeaderBytes
    const view = window.view
    const at = window.at
    let capturedBytes = view.getUint32(at + 8, this.littleEndian)
    let originalBytes = view.getUint32(at + 12, this.littleEndian)
    if (this.swapsLengths && capturedBytes > originalBytes) {
      const swapped = capturedBytes
      capturedBytes = originalBytes
      originalBytes = swapped
    }
    if (capturedBytes > MAX_PACKET_BYTES) {
      this.endedBy = `record at byte ${window.offset} claims ${capturedBytes} bytes, more than any packet has: the rest cannot be read`
      return ENDED
    }
    const recordBytes = this.recordHeaderBytes + capturedBytes
    if (have < recordBytes) return recordBytes
    const fraction = view.getUint32(at + 4, this.littleEndian)
    packet.timeUs = view.getUint32(at, this.littleEndian) * 1e6 + (this.nanoseconds ? Math.floor(fraction / 1000) : fraction)
    packet.bytes = window.bytes
    packet.start = at + this.recordHeaderBytes
    packet.end = at + recordBytes
    packet.originalBytes = originalBytes
    packet.linkType = this.linkType
    window.at = at + recordBytes
    return GOT_PACKET
  }

  private readFileHeader(window: ChunkWindow, packet: CapturedPacket): number {
    if (window.end - window.at < FILE_HEADER_BYTES) return FILE_HEADER_BYTES
    const view = window.view
    const variant = VARIANTS.get(view.getUint32(window.at))
    if (variant === undefined) throw new Error('PcapReader was given a file that isPcap() refuses')
    this.littleEndian = variant.littleEndian
    this.nanoseconds = variant.nanoseconds
    this.recordHeaderBytes = variant.recordHeaderBytes
    const major = view.getUint16(window.at + 4, this.littleEndian)
    const minor = view.getUint16(window.at + 6, this.littleEndian)
    // Before version 2.3 the two lengths stood the other way round, and 2.3 was written both ways (libpcap, sf-pcap.c).
    this.swapsLengths = major === 2 && minor <= 3
    // The upper bits tell whether frames end in a check sequence, and are zero or noise in most files.
    this.linkType = view.getUint32(window.at + 20, this.littleEndian) & 0xffff
    this.format =
      `pcap, ${this.littleEndian ? 'little' : 'big'}-endian, ${this.nanoseconds ? 'nano' : 'micro'}seconds` +
      (this.recordHeaderBytes === 24 ? ', modified records' : '')
    window.at += FILE_HEADER_BYTES
    this.headerRead = true
    return this.next(window, packet)
  }
}
