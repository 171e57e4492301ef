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
import { isPacketBlock, PacketBlocks, WHOLE_BYTES } from './pcapng-packets.ts'
import { Section } from './pcapng-section.ts'

const { SECTION_HEADER_BLOCK } = block

const OPTION_END = 0
/** Most bytes of decryption secrets that are kept for copies. */
const MAX_SECRET_BYTES = 16 << 20

export class PcapngReader implements FormatReader {
  format = 'pcapng'
  endedBy = ''
  readonly warnings = new Warnings()
  readonly headerBytes = block.SECTION_HEADER_BYTES
  unfinished: { offset: number; bytes: number } | null = null
  private sections = 0
  private readonly section = new Section(this.warnings)
  private readonly packets = new PacketBlocks(this.section, this.warnings)
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
      let type = view.getUint32(at, this.section.littleEndian)
      if (type === SECTION_HEADER_BLOCK || this.sections === 0) {
        if (!this.findByteOrder(view, at, window.offset)) return ENDED
        type = SECTION_HEADER_BLOCK
      }
      const blockBytes = view.getUint32(at + 4, this.section.littleEndian)
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
      const wanted = isWhole ? paddedBytes : Math.min(this.packets.bytesUpToPacket(view, at, have, type), blockBytes - 4)
      if (have < wanted) return wanted
      if (isWhole && view.getUint32(at + blockBytes - 4, this.section.littleEndian) !== blockBytes)
        return this.endWith(twoLengths(window.offset))
      const offset = window.offset
      const bodyEnd = at + (isWhole ? blockBytes - 4 : wanted)
      packet.bytes = window.bytes
      packet.offset = offset
      if (!this.packets.read(type, view, at + 8, bodyEnd, packet))
        return this.endWith(`${this.packets.problem} at byte ${offset}: the rest cannot be read`)
      if (isWhole) window.at = at + paddedBytes
      else {
        this.takeApart(window, type, blockBytes)
        window.skip(wanted - 8)
      }
      return GOT_PACKET
    }
  }

  passOver(window: ChunkWindow, test: PacketTest, most: number): number {
    return this.unfinished === null ? this.packets.passOver(window, test, most) : 0
  }

  upcoming(window: ChunkWindow, ranges: Int32Array): number {
    return this.unfinished === null ? this.packets.upcoming(window, ranges) : 0
  }

  record(packet: CapturedPacket): PacketRecord {
    return this.packets.record(packet)
  }

  private wantsSecrets(bytes: number): boolean {
    return this.section.keepsMetadata && bytes >= block.FRAME_BYTES + 8 && this.secretBytes + bytes <= MAX_SECRET_BYTES
  }

  /** @param bytes a decryption secrets block. Its type, lengths and secrets type are numbers; the secrets have no byte order */
  private keepSecrets(bytes: Uint8Array): void {
    this.secretBytes += bytes.length
    if (!this.section.littleEndian) for (const at of [0, 4, 8, 12, bytes.length - 4]) bytes.subarray(at, at + 4).reverse()
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
    const { section } = this
    const { littleEndian } = section
    if (!this.isFixedRead) {
      const fixed = block.FIXED_BYTES.get(this.blockType)!
      if (window.offset + fixed > trailerAt)
        return this.endWith(`block at byte ${offset} has no room for its fixed fields: the rest cannot be read`)
      if (window.end - window.at < fixed) return fixed
      if (this.blockType === SECTION_HEADER_BLOCK && !this.beginSection(window.view, window.at, offset)) return ENDED
      section.begin(this.blockType, window.view, window.at)
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
        section.add(this.blockType, code, window.bytes, window.view, window.at + 4, length)
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
    this.section.littleEndian = isLittle
    return true
  }

  private beginSection(view: DataView, at: number, offset: number): boolean {
    const { littleEndian } = this.section
    const problem = block.versionProblem(view.getUint16(at + 4, littleEndian), view.getUint16(at + 6, littleEndian))
    if (problem !== '' && view.getUint16(at + 4, littleEndian) !== 1) {
      this.endedBy = `section header at byte ${offset} ${problem}: the rest cannot be read`
      return false
    }
    if (problem !== '') this.warnings.add(`section header ${problem}; read as 1.0`)
    this.sections++
    this.format = `pcapng, ${littleEndian ? 'little' : 'big'}-endian${this.sections > 1 ? `, ${this.sections} sections` : ''}`
    return true
  }

  private endWith(why: string): typeof ENDED {
    this.endedBy = why
    return ENDED
  }
}

function describeShort(type: number, bytes: number, offset: number): string {
  if (type === 0 && bytes === 0) return describeZeros('block', offset)
  return `block at byte ${offset} claims ${bytes} bytes, which its type cannot have: the rest cannot be read`
}

function twoLengths(offset: number): string {
  return `block at byte ${offset} ends in another length than it begins with: the rest cannot be read`
}
