// Interfaces and packets with their records -> one little-endian pcapng section (draft-ietf-opsawg-pcapng), written in large pieces.
import type { FileName, InterfaceRecord, PacketRecord } from './format.ts'
import {
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET_BLOCK,
  FRAME_BYTES,
  INTERFACE_BLOCK,
  NAME_RECORD_IPV4,
  NAME_RECORD_IPV6,
  NAME_RESOLUTION_BLOCK,
  SECTION_HEADER_BLOCK,
} from './pcapng-blocks.ts'
import { joined, NO_OPTIONS, option, paddedLength } from './pcapng-options.ts'

/** Size of a piece; a longer block is a piece of its own. */
const PIECE_BYTES = 1 << 20
const NO_END = new Uint8Array(4)
/** Longest value of an option or of a record. */
const LONGEST_VALUE = 65_535

/** Receives the bytes of a file in order. The writer does not reuse the array afterwards. */
export type Sink = (bytes: Uint8Array) => void

export class PcapngWriter {
  private piece = new Uint8Array(PIECE_BYTES)
  private view = new DataView(this.piece.buffer)
  private length = 0
  private interfaces = 0
  private readonly sink: Sink

  constructor(sink: Sink, options: Uint8Array[]) {
    this.sink = sink
    // Major and minor version, then the section length: unspecified.
    const fixed = new Uint8Array(16)
    const view = new DataView(fixed.buffer)
    view.setUint32(0, BYTE_ORDER_MAGIC, true)
    view.setUint16(4, 1, true)
    view.setBigInt64(8, -1n, true)
    this.block(SECTION_HEADER_BLOCK, joined([fixed, ...options, NO_END]))
  }

  /** @returns the interface's number in this file */
  addInterface({ linkType, snapBytes, options }: InterfaceRecord, more: Uint8Array = NO_OPTIONS): number {
    const fixed = new Uint8Array(8)
    const view = new DataView(fixed.buffer)
    view.setUint16(0, linkType, true)
    view.setUint32(4, snapBytes, true)
    this.block(INTERFACE_BLOCK, joined([fixed, options, more, ...(options.length + more.length > 0 ? [NO_END] : [])]))
    return this.interfaces++
  }

  /** @param to number of the interface in this file; the packet is bytes[start..end) */
  addPacket(to: number, record: PacketRecord, bytes: Uint8Array, start: number, end: number, originalBytes: number): void {
    const { options } = record
    const captured = end - start
    const optionBytes = options.length === 0 ? 0 : options.length + 4
    const total = 32 + paddedLength(captured) + optionBytes
    this.reserve(total)
    const { view, piece } = this
    const at = this.length
    view.setUint32(at, ENHANCED_PACKET_BLOCK, true)
    view.setUint32(at + 4, total, true)
    view.setUint32(at + 8, to, true)
    view.setUint32(at + 12, record.timeHigh, true)
    view.setUint32(at + 16, record.timeLow, true)
    view.setUint32(at + 20, captured, true)
    view.setUint32(at + 24, originalBytes, true)
    piece.set(bytes.subarray(start, end), at + 28)
    // Zero the padding and the rest of the block, because the piece may have bytes of an earlier block there.
    piece.fill(0, at + 28 + captured, at + total - 4)
    piece.set(options, at + 28 + paddedLength(captured))
    view.setUint32(at + total - 4, total, true)
    this.length += total
  }

  /** Writes a Name Resolution Block. */
  addNames(names: FileName[]): void {
    if (names.length === 0) return
    const records = names.map(({ address, name }) => {
      const text = new TextEncoder().encode(name).subarray(0, LONGEST_VALUE - address.length - 1)
      return option(address.length === 4 ? NAME_RECORD_IPV4 : NAME_RECORD_IPV6, joined([address, text, Uint8Array.of(0)]))
    })
    this.block(NAME_RESOLUTION_BLOCK, joined([...records, NO_END]))
  }

  /** Writes a whole block, which is in little-endian byte order. */
  addBlock(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.piece.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Writes the last piece. */
  finish(): void {
    if (this.length > 0) this.sink(this.piece.subarray(0, this.length))
    this.length = 0
  }

  private block(type: number, body: Uint8Array): void {
    const bytes = new Uint8Array(FRAME_BYTES + paddedLength(body.length))
    const view = new DataView(bytes.buffer)
    view.setUint32(0, type, true)
    view.setUint32(4, bytes.length, true)
    bytes.set(body, 8)
    view.setUint32(bytes.length - 4, bytes.length, true)
    this.addBlock(bytes)
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.piece.length) return
    this.finish()
    this.piece = new Uint8Array(Math.max(PIECE_BYTES, bytes))
    this.view = new DataView(this.piece.buffer)
  }
}
