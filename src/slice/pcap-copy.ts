// Packets of several captures, in order -> one classic pcap file: one link type, times in micro- or nanoseconds (draft-ietf-opsawg-pcap).
import { type FileName, type InterfaceRecord, maxPacketBytes } from '../capture/format.ts'
import type { CaptureReader } from '../capture/index.ts'
import { OPTION_TSOFFSET, OPTION_TSRESOL } from '../capture/pcapng-blocks.ts'
import { findOption } from '../capture/pcapng-options.ts'
import { MAX_RESOLUTION } from '../capture/pcapng-section.ts'
import type { Sink } from '../capture/pcapng-writer.ts'
import { CaptureError } from '../errors.ts'
import { isoTime } from '../iso-time.ts'
import type { PacketCopy } from './copy.ts'

const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d
const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
/** Size of a piece; a longer record is a piece of its own. */
const PIECE_BYTES = 1 << 20
/** if_tsresol when there is none: microseconds. */
const DEFAULT_RESOLUTION = 6
const MAX_SECONDS = 0xffffffffn

export class PcapCopy implements PacketCopy {
  packets = 0
  bytes = 0
  private piece = new Uint8Array(PIECE_BYTES)
  private view = new DataView(this.piece.buffer)
  private length = 0
  private linkType = -1
  private readonly sink: Sink
  private unitsPerSecond: bigint

  /** @param interfaces known ones, and that of the first packet: if one of them has times finer than microseconds, the file has nanoseconds */
  constructor(sink: Sink, interfaces: InterfaceRecord[]) {
    this.sink = sink
    this.unitsPerSecond = unitsFor(interfaces)
  }

  suits(interfaces: InterfaceRecord[]): boolean {
    return this.linkType < 0 || this.unitsPerSecond === unitsFor(interfaces)
  }

  /** @throws CaptureError if the file cannot have this packet */
  add(reader: CaptureReader, from: number): void {
    const { packet } = reader
    const record = reader.record()
    const source = reader.interfaces[record.interface]
    if (this.linkType < 0) this.begin(source)
    if (source.linkType !== this.linkType)
      throw new CaptureError(
        `capture ${from + 1} has packets of link type ${source.linkType} beside ${this.linkType}, and a pcap file has one: write a pcapng file, or choose packets of one interface`,
      )
    if (unitsFor([source]) > this.unitsPerSecond) return // suits() will say so
    const captured = packet.end - packet.start
    this.reserve(RECORD_HEADER_BYTES + captured)
    const { view, length: at, unitsPerSecond } = this
    const time = timeIn(unitsPerSecond, source, (BigInt(record.timeHigh) << 32n) | BigInt(record.timeLow))
    const seconds = time / unitsPerSecond
    if (time < 0n || seconds > MAX_SECONDS)
      throw new CaptureError(`a packet of ${isoTime(packet.timeUs)} is out of the time that a pcap file can have: write a pcapng file`)
    view.setUint32(at, Number(seconds), true)
    view.setUint32(at + 4, Number(time % unitsPerSecond), true)
    view.setUint32(at + 8, captured, true)
    view.setUint32(at + 12, packet.originalBytes, true)
    this.piece.set(packet.bytes.subarray(packet.start, packet.end), at + RECORD_HEADER_BYTES)
    this.length += RECORD_HEADER_BYTES + captured
    this.packets++
    this.bytes += captured
  }

  /** A pcap file has no names. */
  addNames(_names: FileName[]): void {}

  finish(): void {
    if (this.length > 0) this.sink(this.piece.subarray(0, this.length))
    this.length = 0
  }

  private begin(source: InterfaceRecord): void {
    const { linkType } = source
    this.linkType = linkType
    if (unitsFor([source]) > this.unitsPerSecond) this.unitsPerSecond = unitsFor([source])
    const { view } = this
    view.setUint32(0, this.unitsPerSecond === 1_000_000n ? MICROSECONDS : NANOSECONDS, true)
    view.setUint16(4, 2, true)
    view.setUint16(6, 4, true)
    view.setUint32(16, maxPacketBytes(linkType), true)
    view.setUint32(20, linkType, true)
    this.length = FILE_HEADER_BYTES
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.piece.length) return
    this.finish()
    this.piece = new Uint8Array(Math.max(PIECE_BYTES, bytes))
    this.view = new DataView(this.piece.buffer)
  }
}

/** Units of time stamps in a second (if_tsresol). */
function unitsOf({ options }: InterfaceRecord): bigint {
  const code = findOption(options, OPTION_TSRESOL)?.[0] ?? DEFAULT_RESOLUTION
  const exponent = code & 0x7f
  return exponent > MAX_RESOLUTION ? 1_000_000n : (code & 0x80 ? 2n : 10n) ** BigInt(exponent)
}

/** Of a file with packets of these interfaces. */
function unitsFor(interfaces: InterfaceRecord[]): bigint {
  return interfaces.some((one) => unitsOf(one) > 1_000_000n) ? 1_000_000_000n : 1_000_000n
}

/** @throws CaptureError for times finer than nanoseconds */
function timeIn(unitsPerSecond: bigint, source: InterfaceRecord, time: bigint): bigint {
  const offset = findOption(source.options, OPTION_TSOFFSET)
  const seconds = offset === undefined || offset.length < 8 ? 0n : new DataView(offset.buffer, offset.byteOffset).getBigInt64(0, true)
  const units = time * unitsPerSecond
  const perSecond = unitsOf(source)
  if (units % perSecond !== 0n)
    throw new CaptureError('the captures have times finer than nanoseconds, which a pcap file cannot have: write a pcapng file')
  return units / perSecond + seconds * unitsPerSecond
}
