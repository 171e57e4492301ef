// A capture as the fuzzer takes it apart: pieces (records or blocks) that can be moved, repeated and given another packet, and put back.
import { join } from '../support/build.ts'

/** A pcap record or a pcapng block, whole. Its packet is bytes[packetAt..packetEnd), packetAt is -1 for blocks without one. */
export interface Piece {
  kind: 'record' | 'enhanced' | 'simple' | 'block'
  bytes: Uint8Array
  packetAt: number
  packetEnd: number
  little: boolean
}

export interface CaptureModel {
  format: 'pcap' | 'pcapng' | 'other'
  little: boolean
  /** The file header of pcap; empty for pcapng, whose header is a block. */
  head: Uint8Array
  pieces: Piece[]
  /** What could not be taken apart. */
  tail: Uint8Array
}

const PCAP_HEADER_BYTES = 24
const NANO_OR_MICRO = new Map([
  [0xa1b2c3d4, false],
  [0xa1b23c4d, false],
  [0xd4c3b2a1, true],
  [0x4d3cb2a1, true],
])
export const SECTION_BLOCK = 0x0a0d0d0a

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Pieces are views of `bytes`; mutations must copy before they write. */
export function modelOf(bytes: Uint8Array): CaptureModel {
  if (bytes.length >= PCAP_HEADER_BYTES) {
    const magic = viewOf(bytes).getUint32(0)
    const little = NANO_OR_MICRO.get(magic)
    if (little !== undefined) return pcapModel(bytes, little)
    if (magic === SECTION_BLOCK) return pcapngModel(bytes)
  }
  return { format: 'other', little: true, head: bytes.subarray(0, 0), pieces: [], tail: bytes }
}

export function bytesOf({ head, pieces, tail }: CaptureModel): Uint8Array {
  return join(head, ...pieces.map(({ bytes }) => bytes), tail)
}

/** The same piece around another packet, with the lengths that belong to it. */
export function withPacket(piece: Piece, packet: Uint8Array): Piece {
  const { kind, bytes, packetAt, little } = piece
  if (packetAt < 0) return piece
  const front = bytes.slice(0, packetAt)
  const view = viewOf(front)
  if (kind === 'record') {
    view.setUint32(8, packet.length, little)
    view.setUint32(12, packet.length, little)
    return { ...piece, bytes: join(front, packet), packetEnd: packetAt + packet.length }
  }
  const padding = new Uint8Array(-packet.length & 3)
  const length = new Uint8Array(4)
  viewOf(length).setUint32(0, packetAt + packet.length + padding.length + 4, little)
  front.set(length, 4)
  if (kind === 'enhanced') view.setUint32(20, packet.length, little)
  view.setUint32(kind === 'enhanced' ? 24 : 8, packet.length, little)
  return { ...piece, bytes: join(front, packet, padding, length), packetEnd: packetAt + packet.length }
}

export function packetOf({ bytes, packetAt, packetEnd }: Piece): Uint8Array {
  return packetAt < 0 ? bytes.subarray(0, 0) : bytes.subarray(packetAt, packetEnd)
}

function pcapModel(bytes: Uint8Array, little: boolean): CaptureModel {
  const view = viewOf(bytes)
  const pieces: Piece[] = []
  let at = PCAP_HEADER_BYTES
  while (at + 16 <= bytes.length) {
    const end = at + 16 + view.getUint32(at + 8, little)
    if (end > bytes.length) break
    pieces.push({ kind: 'record', bytes: bytes.subarray(at, end), packetAt: 16, packetEnd: end - at, little })
    at = end
  }
  return { format: 'pcap', little, head: bytes.subarray(0, PCAP_HEADER_BYTES), pieces, tail: bytes.subarray(at) }
}

function pcapngModel(bytes: Uint8Array): CaptureModel {
  const view = viewOf(bytes)
  const pieces: Piece[] = []
  let little = true
  let at = 0
  while (at + 12 <= bytes.length) {
    if (view.getUint32(at, true) === SECTION_BLOCK) little = view.getUint32(at + 8, true) === 0x1a2b3c4d
    const type = view.getUint32(at, little)
    const length = view.getUint32(at + 4, little)
    if (length < 12 || at + length > bytes.length) break
    pieces.push(blockPiece(bytes.subarray(at, at + length), type, little))
    at += length
  }
  return { format: 'pcapng', little, head: bytes.subarray(0, 0), pieces, tail: bytes.subarray(at) }
}

function blockPiece(bytes: Uint8Array, type: number, little: boolean): Piece {
  const view = viewOf(bytes)
  if (type === 6 && bytes.length >= 32) {
    const packetEnd = 28 + view.getUint32(20, little)
    if (packetEnd <= bytes.length - 4) return { kind: 'enhanced', bytes, packetAt: 28, packetEnd, little }
  }
  if (type === 3 && bytes.length >= 16) {
    const packetEnd = Math.min(bytes.length - 4, 12 + view.getUint32(8, little))
    return { kind: 'simple', bytes, packetAt: 12, packetEnd, little }
  }
  return { kind: 'block', bytes, packetAt: -1, packetEnd: -1, little }
}
