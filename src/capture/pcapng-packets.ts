// Packet blocks of pcapng: enhanced, simple, and the obsolete packet block -> their packets and records. Hot path.
import type { ChunkWindow } from './chunks.ts'
import type { PacketRecord, PacketTest, Warnings } from './format.ts'
import type { CapturedPacket } from './packet.ts'
import { ENHANCED_PACKET_BLOCK, OBSOLETE_PACKET_BLOCK, SIMPLE_PACKET_BLOCK } from './pcapng-blocks.ts'
import { copyOptions, paddedLength } from './pcapng-options.ts'
import type { Section } from './pcapng-section.ts'

/** A longer block is read in parts: first its packet, then the rest is skipped. Options may have any length. */
export const WHOLE_BYTES = 327_680
/** Type and length, and the fixed fields of an enhanced packet block. */
const PACKET_HEADER_BYTES = 28
/** The same for a simple packet block. */
const SIMPLE_HEADER_BYTES = 12

export function isPacketBlock(type: number): boolean {
  return type === ENHANCED_PACKET_BLOCK || type === SIMPLE_PACKET_BLOCK || type === OBSOLETE_PACKET_BLOCK
}

export class PacketBlocks {
  /** Why read() has returned false. */
  problem = ''
  private readonly section: Section
  private readonly warnings: Warnings
  private lastTimeUs = 0
  private isSimple = false

  constructor(section: Section, warnings: Warnings) {
    this.section = section
    this.warnings = warnings
  }

  /** For a long packet block: length up to the packet's last byte, as far as it is known. */
  bytesUpToPacket(view: DataView, at: number, have: number, type: number): number {
    if (have < PACKET_HEADER_BYTES) return PACKET_HEADER_BYTES
    const { interfaces, littleEndian } = this.section
    if (type === SIMPLE_PACKET_BLOCK) {
      const from = interfaces[0]
      if (from === undefined) return PACKET_HEADER_BYTES
      const originalBytes = view.getUint32(at + 8, littleEndian)
      const captured = from.snapBytes === 0 ? originalBytes : Math.min(originalBytes, from.snapBytes)
      return SIMPLE_HEADER_BYTES + Math.min(captured, from.maxBytes)
    }
    const id = type === OBSOLETE_PACKET_BLOCK ? view.getUint16(at + 8, littleEndian) : view.getUint32(at + 8, littleEndian)
    const captured = view.getUint32(at + 20, littleEndian)
    return PACKET_HEADER_BYTES + Math.min(captured, interfaces[id]?.maxBytes ?? 0)
  }

  /**
   * Reads the fields and the packet of a block, whose type and length come before `at`. @returns false for an invalid one, which ends reading, as in
   * Wireshark, because the position of the next block is not reliable
   */
  read(type: number, view: DataView, at: number, end: number, packet: CapturedPacket): boolean {
    this.isSimple = type === SIMPLE_PACKET_BLOCK
    return this.isSimple
      ? this.readSimplePacket(view, at, end, packet)
      : this.readPacket(view, at, end, type === OBSOLETE_PACKET_BLOCK, packet)
  }

  /** As FormatReader.passOver(). */
  passOver(window: ChunkWindow, test: PacketTest, most: number): number {
    const { view, bytes, end } = window
    const { littleEndian, interfaces } = this.section
    let passed = 0
    let lastAt = -1
    for (let at = window.at; passed < most && end - at >= PACKET_HEADER_BYTES + 4; passed++) {
      if (view.getUint32(at, littleEndian) !== ENHANCED_PACKET_BLOCK) break
      const blockBytes = view.getUint32(at + 4, littleEndian)
      const capturedBytes = view.getUint32(at + 20, littleEndian)
      const start = at + PACKET_HEADER_BYTES
      const id = view.getUint32(at + 8, littleEndian)
      if (blockBytes % 4 !== 0 || blockBytes > WHOLE_BYTES || blockBytes > end - at || id >= interfaces.length) break
      const { maxBytes, linkType } = interfaces[id]
      if (capturedBytes > maxBytes || capturedBytes > blockBytes - PACKET_HEADER_BYTES - 4) break
      if (view.getUint32(at + blockBytes - 4, littleEndian) !== blockBytes) break
      if (test.mayBe(bytes, start, start + capturedBytes, linkType)) break
      lastAt = at
      at += blockBytes
      window.at = at
    }
    if (lastAt >= 0) {
      const { resolution } = interfaces[view.getUint32(lastAt + 8, littleEndian)]
      this.lastTimeUs = resolution.toMicroseconds(view.getUint32(lastAt + 12, littleEndian), view.getUint32(lastAt + 16, littleEndian))
    }
    return passed
  }

  /** As FormatReader.upcoming(). */
  upcoming({ view, at: from, end }: ChunkWindow, ranges: Int32Array): number {
    const { littleEndian } = this.section
    let found = 0
    for (let at = from; 2 * found < ranges.length && end - at >= PACKET_HEADER_BYTES; found++) {
      const blockBytes = view.getUint32(at + 4, littleEndian)
      const capturedBytes = view.getUint32(at + 20, littleEndian)
      if (view.getUint32(at, littleEndian) !== ENHANCED_PACKET_BLOCK || blockBytes > end - at) break
      if (capturedBytes > blockBytes - PACKET_HEADER_BYTES) break
      ranges[2 * found] = at + PACKET_HEADER_BYTES
      ranges[2 * found + 1] = at + PACKET_HEADER_BYTES + capturedBytes
      at += blockBytes
    }
    return found
  }

  /** Of the packet that read() gave last. Cold path. */
  record({ bytes, start, end, timeUs }: CapturedPacket): PacketRecord {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const { firstRecord, interfaces, littleEndian } = this.section
    const at = start - (this.isSimple ? SIMPLE_HEADER_BYTES : PACKET_HEADER_BYTES)
    const blockEnd = at + view.getUint32(at + 4, littleEndian) - 4
    // A longer block is not in memory as a whole.
    const optionsEnd = this.isSimple || blockEnd - at > WHOLE_BYTES ? 0 : blockEnd
    const options = copyOptions(ENHANCED_PACKET_BLOCK, bytes, start + paddedLength(end - start), optionsEnd, littleEndian)
    if (this.isSimple) {
      const units = interfaces[0].resolution.fromMicroseconds(timeUs)
      return { interface: firstRecord, timeHigh: Number(units >> 32n), timeLow: Number(units & 0xffffffffn), options }
    }
    const isObsolete = view.getUint32(at, littleEndian) === OBSOLETE_PACKET_BLOCK
    const id = isObsolete ? view.getUint16(at + 8, littleEndian) : view.getUint32(at + 8, littleEndian)
    const [timeHigh, timeLow] = [view.getUint32(at + 12, littleEndian), view.getUint32(at + 16, littleEndian)]
    return { interface: firstRecord + id, timeHigh, timeLow, options }
  }

  /** Enhanced Packet Block, or the obsolete Packet Block, which differs only in its first four bytes. */
  private readPacket(view: DataView, at: number, end: number, isObsolete: boolean, packet: CapturedPacket): boolean {
    if (end - at < 20) return this.refuse('packet block without its fixed fields')
    const { interfaces, littleEndian } = this.section
    const id = isObsolete ? view.getUint16(at, littleEndian) : view.getUint32(at, littleEndian)
    if (id >= interfaces.length) return this.refuse(`packet of an interface that was never described (${id})`)
    const from = interfaces[id]
    const capturedBytes = view.getUint32(at + 12, littleEndian)
    if (capturedBytes > from.maxBytes) return this.refuse(`packet of ${capturedBytes} bytes, more than any packet has,`)
    if (capturedBytes > end - at - 20) return this.refuse('packet longer than its block')
    const timeUs = from.resolution.toMicroseconds(view.getUint32(at + 4, littleEndian), view.getUint32(at + 8, littleEndian))
    this.lastTimeUs = timeUs
    packet.timeUs = timeUs
    packet.start = at + 20
    packet.end = at + 20 + capturedBytes
    packet.originalBytes = view.getUint32(at + 16, littleEndian)
    packet.linkType = from.linkType
    return true
  }

  /** A Simple Packet Block has no time: it gets the time of the packet before. */
  private readSimplePacket(view: DataView, at: number, end: number, packet: CapturedPacket): boolean {
    if (end - at < 4) return this.refuse('simple packet block without its fixed field')
    const { interfaces, littleEndian } = this.section
    const from = interfaces[0]
    if (from === undefined) return this.refuse('simple packet block before any interface was described')
    const originalBytes = view.getUint32(at, littleEndian)
    const limit = from.snapBytes === 0 ? originalBytes : Math.min(originalBytes, from.snapBytes)
    packet.timeUs = this.lastTimeUs
    packet.start = at + 4
    packet.end = Math.min(end, at + 4 + Math.min(limit, from.maxBytes))
    packet.originalBytes = originalBytes
    packet.linkType = from.linkType
    this.warnings.add('packet without a time of its own (simple packet block), placed at the time of the one before')
    return true
  }

  private refuse(problem: string): false {
    this.problem = problem
    return false
  }
}
