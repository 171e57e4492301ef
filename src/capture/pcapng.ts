// pcapng (draft-ietf-opsawg-pcapng): sections, interfaces, enhanced, simple and obsolete packet blocks, names, statistics. Hot path.

import type { ChunkWindow } from './chunks.ts'
import {
  ANOTHER_CAPTURE,
  describeZeros,
  ENDED,
  type FormatReader,
  GOT_PACKET,
  type PacketRecord,
  type PacketTest,
  Warnings,
} from './format.ts'
import type { CapturedPacket } from './packet.ts'
import { isPcap, isPcapHeader, PCAP_HEADER_BYTES } from './pcap-header.ts'
import * as block from './pcapng-blocks.ts'
import { copyOptions, paddedLength } from './pcapng-options.ts'
import { Section } from './pcapng-section.ts'

const { ENHANCED_PACKET_BLOCK, OBSOLETE_PACKET_BLOCK, SECTION_HEADER_BLOCK, SIMPLE_PACKET_BLOCK } = block

/** A longer block is read in parts: first its packet, then the rest is skipped. Options may have any length. */
const WHOLE_BYTES = 327_680
/** Type and length, and the fixed fields of an enhanced packet block. */
const PACKET_HEADER_BYTES = 28
/** The same for a simple packet block. */
const SIMPLE_HEADER_BYTES = 12
const OPTION_END = 0
/** Most bytes of decryption secrets that are kept for copies. */
const MAX_SECRET_BYTES = 16 << 20

export class PcapngReader implements FormatReader {
  format = 'pcapng'
  endedBy = ''
  readonly warnings = new Warnings()
  readonly headerBytes = block.SECTION_HEADER_BYTES
  unfinished: { offset: number; bytes: number } | null = null
  private littleEndian = true
  private sections = 0
  private readonly section = new Section(this.warnings)
  private lastTimeUs = 0
  private isSimple = false
  private secretBytes = 0
  /** The block that is read in parts: its type, and how much of its body has been read. */
  private blockType = 0
  private isFixedRead = false
  private areItemsRead = false

  readonly secrets: Uint8Array[] = []

  keepMetadata(): void {
    this.section.keepsMetadata = true
  }
  get interfaces() {
    return this.section.records
  }
  get fileNames() {
    return this.section.names
  }
  get drops() {
    return this.section.drops()
  }

  next(window: ChunkWindow, packet: CapturedPacket): number {
    for (;;) {
      if (this.unfinished !== null) {
        const wanted = this.readParts(window)
        if (wanted !== 0) return wanted
      }
      const have = window.end - window.at
      if (have < block.FRAME_BYTES) return block.FRAME_BYTES
      const view = window.view
      const at = window.at
      let type = view.getUint32(at, this.littleEndian)
      if (type === SECTION_HEADER_BLOCK || this.sections === 0) {
        if (!this.findByteOrder(view, at, window.offset)) return ENDED
        type = SECTION_HEADER_BLOCK
      }
      const blockBytes = view.getUint32(at + 4, this.littleEndian)
      const isPacket = isPacketBlock(type)
      if (!isPacket && isPcap(view.getUint32(at))) {
        if (have < PCAP_HEADER_BYTES) return PCAP_HEADER_BYTES
        if (isPcapHeader(view, at)) return ANOTHER_CAPTURE
      }
      if (blockBytes < block.FRAME_BYTES) return this.endWith(describeShort(type, blockBytes, window.offset))
      // The length should be a multiple of four; some writers forget the padding, and their blocks are read with it added.
      const paddedBytes = Math.ceil(blockBytes / 4) * 4
      if (type === block.SECRETS_BLOCK && this.wantsSecrets(blockBytes)) {
        if (have < blockBytes) return blockBytes
        this.keepSecrets(window.bytes.slice(at, at + blockBytes))
      }
      const isWhole = isPacket && blockBytes <= WHOLE_BYTES
      if (!isPacket) {
        this.takeApart(window, type, blockBytes)
        continue
      }
      const wanted = isWhole ? paddedBytes : Math.min(this.packetBytes(view, at, have, type), blockBytes - 4)
      if (have < wanted) return wanted
      if (isWhole && view.getUint32(at + blockBytes - 4, this.littleEndian) !== blockBytes) return this.endWith(twoLengths(window.offset))
      const offset = window.offset
      const bodyEnd = at + (isWhole ? blockBytes - 4 : wanted)
      packet.bytes = window.bytes
      packet.offset = offset
      this.isSimple = type === SIMPLE_PACKET_BLOCK
      const isRead = this.isSimple
        ? this.readSimplePacket(view, at + 8, bodyEnd, packet, offset)
        : this.readPacket(view, at + 8, bodyEnd, type === OBSOLETE_PACKET_BLOCK, packet, offset)
      if (!isRead) return ENDED
      if (isWhole) window.at = at + paddedBytes
      else {
        this.takeApart(window, type, blockBytes)
        window.skip(wanted - 8)
      }
      return GOT_PACKET
    }
  }

  passOver(window: ChunkWindow, test: PacketTest, most: number): number {
    if (this.unfinished !== null) return 0
    const { view, bytes, end } = window
    const { littleEndian } = this
    const { interfaces } = this.section
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

  record({ bytes, start, end, timeUs }: CapturedPacket): PacketRecord {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const { firstRecord, interfaces } = this.section
    const at = start - (this.isSimple ? SIMPLE_HEADER_BYTES : PACKET_HEADER_BYTES)
    const blockEnd = at + view.getUint32(at + 4, this.littleEndian) - 4
    // A longer block is not in memory as a whole.
    const optionsEnd = this.isSimple || blockEnd - at > WHOLE_BYTES ? 0 : blockEnd
    const options = copyOptions(ENHANCED_PACKET_BLOCK, bytes, start + paddedLength(end - start), optionsEnd, this.littleEndian)
    if (this.isSimple) {
      const units = interfaces[0].resolution.fromMicroseconds(timeUs)
      return { interface: firstRecord, timeHigh: Number(units >> 32n), timeLow: Number(units & 0xffffffffn), options }
    }
    const isObsolete = view.getUint32(at, this.littleEndian) === OBSOLETE_PACKET_BLOCK
    const id = isObsolete ? view.getUint16(at + 8, this.littleEndian) : view.getUint32(at + 8, this.littleEndian)
    const [timeHigh, timeLow] = [view.getUint32(at + 12, this.littleEndian), view.getUint32(at + 16, this.littleEndian)]
    return { interface: firstRecord + id, timeHigh, timeLow, options }
  }

  private wantsSecrets(bytes: number): boolean {
    return this.section.keepsMetadata && bytes >= block.FRAME_BYTES + 8 && this.secretBytes + bytes <= MAX_SECRET_BYTES
  }

  /** @param bytes a decryption secrets block. Its type, lengths and secrets type are numbers; the secrets have no byte order */
  private keepSecrets(bytes: Uint8Array): void {
    this.secretBytes += bytes.length
    if (!this.littleEndian) for (const at of [0, 4, 8, 12, bytes.length - 4]) bytes.subarray(at, at + 4).reverse()
    this.secrets.push(bytes)
  }

  /** Starts to read a block in parts, after its type and length. */
  private takeApart(window: ChunkWindow, type: number, bytes: number): void {
    this.unfinished = { offset: window.offset, bytes }
    this.blockType = type
    this.isFixedRead = this.areItemsRead = !block.FIXED_BYTES.has(type)
    window.skip(8)
  }

  /** Continues the block that is read in parts. @returns number of contiguous bytes needed, ENDED, or 0 at the block's end */
  private readParts(window: ChunkWindow): number {
    const { offset, bytes } = this.unfinished!
    const trailerAt = offset + bytes - 4
    const { section, littleEndian } = this
    if (!this.isFixedRead) {
      const fixed = block.FIXED_BYTES.get(this.blockType)!
      if (window.offset + fixed > trailerAt)
        return this.endWith(`block at byte ${offset} has no room for its fixed fields: the rest cannot be read`)
      if (window.end - window.at < fixed) return fixed
      if (this.blockType === SECTION_HEADER_BLOCK && !this.beginSection(window.view, window.at, offset)) return ENDED
      section.begin(this.blockType, window.view, window.at, littleEndian)
      window.skip(fixed)
      this.isFixedRead = true
    }
    while (!this.areItemsRead) {
      const left = trailerAt - window.offset
      if (left < 4) break
      const have = window.end - window.at
      if (have < 4) return 4
      const code = window.view.getUint16(window.at, littleEndian)
      const length = window.view.getUint16(window.at + 2, littleEndian)
      if (code === OPTION_END || 4 + length > left) break
      if (section.wants(this.blockType, code)) {
        if (have < 4 + length) return 4 + length
        section.add(this.blockType, code, window.bytes, window.view, window.at + 4, length, littleEndian)
      }
      window.skip(Math.min(left, 4 + Math.ceil(length / 4) * 4))
    }
    if (!this.areItemsRead) section.finish(this.blockType)
    this.areItemsRead = true
    window.skip(Math.max(0, trailerAt - window.offset))
    if (window.end - window.at < 4) return 4
    // Blocks of unknown types are skipped without checks.
    const isChecked = block.FIXED_BYTES.has(this.blockType) || isPacketBlock(this.blockType)
    if (isChecked && window.view.getUint32(window.at, littleEndian) !== bytes) return this.endWith(twoLengths(offset))
    window.skip(4 + Math.ceil(bytes / 4) * 4 - bytes)
    this.unfinished = null
    return 0
  }

  /** A new section may change the byte order, also of its own length field. */
  private findByteOrder(view: DataView, at: number, offset: number): boolean {
    const isLittle = view.getUint32(at + 8, true) === block.BYTE_ORDER_MAGIC
    if (!isLittle && view.getUint32(at + 8, false) !== block.BYTE_ORDER_MAGIC) {
      this.endedBy = `section header at byte ${offset} has no byte-order magic: the rest cannot be read`
      return false
    }
    this.littleEndian = isLittle
    return true
  }

  private beginSection(view: DataView, at: number, offset: number): boolean {
    const problem = block.versionProblem(view.getUint16(at + 4, this.littleEndian), view.getUint16(at + 6, this.littleEndian))
    if (problem !== '' && view.getUint16(at + 4, this.littleEndian) !== 1) {
      this.endedBy = `section header at byte ${offset} ${problem}: the rest cannot be read`
      return false
    }
    if (problem !== '') this.warnings.add(`section header ${problem}; read as 1.0`)
    this.sections++
    this.format = `pcapng, ${this.littleEndian ? 'little' : 'big'}-endian${this.sections > 1 ? `, ${this.sections} sections` : ''}`
    return true
  }

  /** For a long packet block: length up to the packet's last byte, as far as it is known. */
  private packetBytes(view: DataView, at: number, have: number, type: number): number {
    if (have < PACKET_HEADER_BYTES) return PACKET_HEADER_BYTES
    const interfaces = this.section.interfaces
    if (type === SIMPLE_PACKET_BLOCK) {
      const from = interfaces[0]
      if (from === undefined) return PACKET_HEADER_BYTES
      const originalBytes = view.getUint32(at + 8, this.littleEndian)
      const captured = from.snapBytes === 0 ? originalBytes : Math.min(originalBytes, from.snapBytes)
      return SIMPLE_HEADER_BYTES + Math.min(captured, from.maxBytes)
    }
    const id = type === OBSOLETE_PACKET_BLOCK ? view.getUint16(at + 8, this.littleEndian) : view.getUint32(at + 8, this.littleEndian)
    const captured = view.getUint32(at + 20, this.littleEndian)
    return PACKET_HEADER_BYTES + Math.min(captured, interfaces[id]?.maxBytes ?? 0)
  }

  /** Enhanced Packet Block, or the obsolete Packet Block, which differs only in its first four bytes. */
  private readPacket(view: DataView, at: number, end: number, isObsolete: boolean, packet: CapturedPacket, offset: number): boolean {
    if (end - at < 20) return this.refuse('packet block without its fixed fields', offset)
    const { interfaces } = this.section
    const id = isObsolete ? view.getUint16(at, this.littleEndian) : view.getUint32(at, this.littleEndian)
    if (id >= interfaces.length) return this.refuse(`packet of an interface that was never described (${id})`, offset)
    const from = interfaces[id]
    const capturedBytes = view.getUint32(at + 12, this.littleEndian)
    if (capturedBytes > from.maxBytes) return this.refuse(`packet of ${capturedBytes} bytes, more than any packet has,`, offset)
    if (capturedBytes > end - at - 20) return this.refuse('packet longer than its block', offset)
    const timeUs = from.resolution.toMicroseconds(view.getUint32(at + 4, this.littleEndian), view.getUint32(at + 8, this.littleEndian))
    this.lastTimeUs = timeUs
    packet.timeUs = timeUs
    packet.start = at + 20
    packet.end = at + 20 + capturedBytes
    packet.originalBytes = view.getUint32(at + 16, this.littleEndian)
    packet.linkType = from.linkType
    return true
  }

  /** A Simple Packet Block has no time: it gets the time of the packet before. */
  private readSimplePacket(view: DataView, at: number, end: number, packet: CapturedPacket, offset: number): boolean {
    if (end - at < 4) return this.refuse('simple packet block without its fixed field', offset)
    const from = this.section.interfaces[0]
    if (from === undefined) return this.refuse('simple packet block before any interface was described', offset)
    const originalBytes = view.getUint32(at, this.littleEndian)
    const limit = from.snapBytes === 0 ? originalBytes : Math.min(originalBytes, from.snapBytes)
    packet.timeUs = this.lastTimeUs
    packet.start = at + 4
    packet.end = Math.min(end, at + 4 + Math.min(limit, from.maxBytes))
    packet.originalBytes = originalBytes
    packet.linkType = from.linkType
    this.warnings.add('packet without a time of its own (simple packet block), placed at the time of the one before')
    return true
  }

  /** An invalid packet block ends reading, as in Wireshark, because the position of the next block is not reliable. */
  private refuse(what: string, offset: number): false {
    this.endedBy = `${what} at byte ${offset}: the rest cannot be read`
    return false
  }

  private endWith(why: string): typeof ENDED {
    this.endedBy = why
    return ENDED
  }
}

function isPacketBlock(type: number): boolean {
  return type === ENHANCED_PACKET_BLOCK || type === SIMPLE_PACKET_BLOCK || type === OBSOLETE_PACKET_BLOCK
}

function describeShort(type: number, bytes: number, offset: number): string {
  if (type === 0 && bytes === 0) return describeZeros('block', offset)
  return `block at byte ${offset} claims ${bytes} bytes, which its type cannot have: the rest cannot be read`
}

function twoLengths(offset: number): string {
  return `block at byte ${offset} ends in another length than it begins with: the rest cannot be read`
}
