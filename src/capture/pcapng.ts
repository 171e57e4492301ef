// pcapng (draft-ietf-opsawg-pcapng): sections, interfaces, enhanced, simple and obsolete packet blocks, name resolution. Hot path.

import type { ChunkWindow } from './chunks.ts'
import { ENDED, type FileName, type FormatReader, GOT_PACKET, MAX_PACKET_BYTES, Warnings } from './format.ts'
import type { CapturedPacket } from './packet.ts'
import { Resolution } from './resolution.ts'

export const SECTION_HEADER_BLOCK = 0x0a0d0d0a
const INTERFACE_BLOCK = 1
const OBSOLETE_PACKET_BLOCK = 2
const SIMPLE_PACKET_BLOCK = 3
const NAME_RESOLUTION_BLOCK = 4
const ENHANCED_PACKET_BLOCK = 6

const BYTE_ORDER_MAGIC = 0x1a2b3c4d
/** Options may make a packet block longer than its packet; a longer block of a kind that is read is taken for a broken length. */
const MAX_BLOCK_BYTES = MAX_PACKET_BYTES + 65_536
/** Names come from the file: a hostile one must not fill the memory. */
const MAX_FILE_NAMES = 100_000
const READ_BLOCKS = new Set([
  SECTION_HEADER_BLOCK,
  INTERFACE_BLOCK,
  OBSOLETE_PACKET_BLOCK,
  SIMPLE_PACKET_BLOCK,
  NAME_RESOLUTION_BLOCK,
  ENHANCED_PACKET_BLOCK,
])

const OPTION_END = 0
const OPTION_TSRESOL = 9
const OPTION_TSOFFSET = 14
const NAME_RECORD_END = 0
const NAME_RECORD_IPV4 = 1
const NAME_RECORD_IPV6 = 2

interface Interface {
  linkType: number
  snapBytes: number
  resolution: Resolution
}

export class PcapngReader implements FormatReader {
  format = 'pcapng'
  endedBy = ''
  readonly warnings = new Warnings()
  readonly fileNames: FileName[] = []
  private littleEndian = true
  private sections = 0
  private interfaces: Interface[] = []
  private lastTimeUs = 0
  private readonly text = new TextDecoder()

  next(window: ChunkWindow, packet: CapturedPacket): number {
    for (;;) {
      const have = window.end - window.at
      if (have < 12) return 12
      const view = window.view
      const at = window.at
      let type = view.getUint32(at, this.littleEndian)
      if (type === SECTION_HEADER_BLOCK || this.sections === 0) {
        if (!this.findByteOrder(view, at, window.offset)) return ENDED
        type = SECTION_HEADER_BLOCK
      }
      const blockBytes = view.getUint32(at + 4, this.littleEndian)
      // The length should be a multiple of four; writers that forget the padding are read as they meant it.
      const paddedBytes = Math.ceil(blockBytes / 4) * 4
      if (blockBytes < 12 || (blockBytes > MAX_BLOCK_BYTES && READ_BLOCKS.has(type))) {
        this.endedBy = `block at byte ${window.offset} claims ${blockBytes} bytes, which its type cannot have: the rest cannot be read`
        return ENDED
      }
      if (!READ_BLOCKS.has(type)) {
        window.skip(paddedBytes)
        if (window.at === window.end) return 12
        continue
      }
      if (have < paddedBytes) return paddedBytes
      if (view.getUint32(at + blockBytes - 4, this.littleEndian) !== blockBytes) {
        this.endedBy = `block at byte ${window.offset} ends in another length than it begins with: the rest cannot be read`
        return ENDED
      }
      packet.bytes = window.bytes
      const bodyEnd = at + blockBytes - 4
      const offset = window.offset
      window.at = at + paddedBytes
      if (type === ENHANCED_PACKET_BLOCK || type === OBSOLETE_PACKET_BLOCK) {
        if (this.readPacket(view, at + 8, bodyEnd, type === OBSOLETE_PACKET_BLOCK, packet, offset)) return GOT_PACKET
      } else if (type === SIMPLE_PACKET_BLOCK) {
        if (this.readSimplePacket(view, at + 8, bodyEnd, packet, offset)) return GOT_PACKET
      } else if (type === SECTION_HEADER_BLOCK) this.beginSection()
      else if (type === INTERFACE_BLOCK) this.readInterface(view, at + 8, bodyEnd)
      else if (type === NAME_RESOLUTION_BLOCK) this.readNames(window.bytes, view, at + 8, bodyEnd)
      if (this.endedBy !== '') return ENDED
    }
  }

  /** A new section may change the byte order, even that of its own length. */
  private findByteOrder(view: DataView, at: number, offset: number): boolean {
    const isLittle = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC
    if (!isLittle && view.getUint32(at + 8, false) !== BYTE_ORDER_MAGIC) {
      this.endedBy = `section header at byte ${offset} has no byte-order magic: the rest cannot be read`
      return false
    }
    this.littleEndian = isLittle
    return true
  }

  private beginSection(): void {
    this.interfaces = []
    this.sections++
    this.format = `pcapng, ${this.littleEndian ? 'little' : 'big'}-endian${this.sections > 1 ? `, ${this.sections} sections` : ''}`
  }

  private readInterface(view: DataView, at: number, end: number): void {
    if (end - at < 8) {
      this.warnings.add('interface description block without its fixed fields')
      return
    }
    let resolutionCode = 6
    let offsetSeconds = 0
    let option = at + 8
    while (option + 4 <= end) {
      const code = view.getUint16(option, this.littleEndian)
      const bytes = view.getUint16(option + 2, this.littleEndian)
      const value = option + 4
      if (code === OPTION_END || value + bytes > end) break
      if (code === OPTION_TSRESOL && bytes >= 1) resolutionCode = view.getUint8(value)
      else if (code === OPTION_TSOFFSET && bytes >= 8) offsetSeconds = this.signed64(view, value)
      option = value + Math.ceil(bytes / 4) * 4
    }
    const linkType = view.getUint16(at, this.littleEndian)
    this.interfaces.push({
      linkType,
      snapBytes: view.getUint32(at + 4, this.littleEndian),
      resolution: new Resolution(resolutionCode, offsetSeconds),
    })
  }

  /** Enhanced Packet Block, or the obsolete Packet Block, which differs only in its first four bytes. */
  private readPacket(view: DataView, at: number, end: number, isObsolete: boolean, packet: CapturedPacket, offset: number): boolean {
    if (end - at < 20) return this.refuse('packet block without its fixed fields', offset)
    const id = isObsolete ? view.getUint16(at, this.littleEndian) : view.getUint32(at, this.littleEndian)
    if (id >= this.interfaces.length) return this.refuse(`packet of an interface that was never described (${id})`, offset)
    const from = this.interfaces[id]!
    const capturedBytes = view.getUint32(at + 12, this.littleEndian)
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

  /** A Simple Packet Block has no time: it gets that of the packet before it. */
  private readSimplePacket(view: DataView, at: number, end: number, packet: CapturedPacket, offset: number): boolean {
    if (end - at < 4) return this.refuse('simple packet block without its fixed field', offset)
    if (this.interfaces.length === 0) return this.refuse('simple packet block before any interface was described', offset)
    const from = this.interfaces[0]!
    const originalBytes = view.getUint32(at, this.littleEndian)
    const limit = from.snapBytes === 0 ? originalBytes : Math.min(originalBytes, from.snapBytes)
    packet.timeUs = this.lastTimeUs
    packet.start = at + 4
    packet.end = Math.min(end, at + 4 + limit)
    packet.originalBytes = originalBytes
    packet.linkType = from.linkType
    this.warnings.add('packet without a time of its own (simple packet block), placed at the time of the one before')
    return true
  }

  /** A packet block that breaks the format ends the reading, as in Wireshark: what follows it cannot be trusted. */
  private refuse(what: string, offset: number): false {
    this.endedBy = `${what} at byte ${offset}: the rest cannot be read`
    return false
  }

  private readNames(block: Uint8Array, view: DataView, from: number, end: number): void {
    let at = from
    while (at + 4 <= end && this.fileNames.length < MAX_FILE_NAMES) {
      const type = view.getUint16(at, this.littleEndian)
      const bytes = view.getUint16(at + 2, this.littleEndian)
      const value = at + 4
      if (type === NAME_RECORD_END || value + bytes > end) return
      const addressBytes = type === NAME_RECORD_IPV4 ? 4 : type === NAME_RECORD_IPV6 ? 16 : 0
      if (addressBytes > 0 && bytes > addressBytes) {
        const address = block.slice(value, value + addressBytes)
        // One record may hold several names, each ended by a zero byte.
        const names = this.text.decode(block.slice(value + addressBytes, value + bytes)).split('\0')
        for (const name of names) if (name !== '' && this.fileNames.length < MAX_FILE_NAMES) this.fileNames.push({ address, name })
      }
      at = value + Math.ceil(bytes / 4) * 4
    }
  }

  private signed64(view: DataView, at: number): number {
    const high = view.getInt32(this.littleEndian ? at + 4 : at, this.littleEndian)
    const low = view.getUint32(this.littleEndian ? at : at + 4, this.littleEndian)
    return high * 4_294_967_296 + low
  }
}
