// Frame and block headers of zstd data (RFC 8878) -> sizes, or the reason why a frame is not read.
import { Damage } from './members.ts'

/** Same limit as in the zstd program without --long: memory for earlier content that is referred to. */
const MAX_WINDOW_BYTES = 128 << 20
/** Largest window of any zstd program (--long=31). */
const MAX_LONG_BYTES = 2 ** 31
export const MAX_BLOCK_BYTES = 128 << 10
/** Magic number and frame header descriptor, which gives the length of the header. */
export const DESCRIPTOR_BYTES = 5
export const BLOCK_HEADER_BYTES = 3
/** Magic number and length of a skippable frame. */
export const SKIPPABLE_HEADER_BYTES = 8
export const CHECKSUM_BYTES = 4
const RLE = 1
const RESERVED = 3

export interface FrameHeader {
  windowBytes: number
  hasChecksum: boolean
}

export interface BlockHeader {
  isLast: boolean
  /** Size of the block without its header. */
  storedBytes: number
}

/** RFC 8878 3.1.1: a frame with content. */
export function isFrame(bytes: Uint8Array): boolean {
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd
}

/** RFC 8878 3.1.2: a skippable frame with data of other programs (pzstd stores sizes in it). */
export function isSkippable(bytes: Uint8Array): boolean {
  return (bytes[0] & 0xf0) === 0x50 && bytes[1] === 0x2a && bytes[2] === 0x4d && bytes[3] === 0x18
}

/** @param descriptor the first DESCRIPTOR_BYTES of a frame */
export function frameHeaderBytes(descriptor: Uint8Array): number {
  const flags = descriptor[4]
  return DESCRIPTOR_BYTES + (isSingle(flags) ? 0 : 1) + dictionaryBytes(flags) + contentSizeBytes(flags)
}

/**
 * @param header the whole header, with the length of frameHeaderBytes()
 * @param subject start of an error message about this frame
 * @throws Damage
 */
export function readFrameHeader(header: Uint8Array, subject: string): FrameHeader {
  const flags = header[4]
  if ((flags & 0x08) !== 0) throw new Damage(`${subject} is damaged: a reserved bit is set in its header`)
  let at = DESCRIPTOR_BYTES + (isSingle(flags) ? 0 : 1)
  const dictionary = littleEndian(header, at, dictionaryBytes(flags))
  if (dictionary !== 0)
    throw new Damage(`${subject} needs dictionary ${dictionary}: use "zstd -dc -D DICTIONARY FILE | rtnvis analyze -" with that file`)
  at += dictionaryBytes(flags)
  const windowBytes = isSingle(flags) ? contentSize(header, at, contentSizeBytes(flags)) : windowSize(header[DESCRIPTOR_BYTES])
  if (windowBytes > MAX_WINDOW_BYTES) {
    const why = `${subject} needs a window of ${windowBytes} bytes; the limit is ${MAX_WINDOW_BYTES}`
    throw new Damage(
      windowBytes > MAX_LONG_BYTES
        ? `${why}: no zstd program reads it, the header is damaged`
        : `${why}: use "zstd -dc --long=31 FILE | rtnvis analyze -"`,
    )
  }
  return { windowBytes, hasChecksum: (flags & 0x04) !== 0 }
}

/** @throws Damage */
export function readBlockHeader(bytes: Uint8Array, windowBytes: number, subject: string): BlockHeader {
  const fields = littleEndian(bytes, 0, BLOCK_HEADER_BYTES)
  const type = (fields >> 1) & 3
  const size = fields >> 3
  if (type === RESERVED) throw new Damage(`${subject} is damaged: no block has that type`)
  if (size > Math.min(MAX_BLOCK_BYTES, windowBytes)) throw new Damage(`${subject} is damaged: no block may have ${size} bytes here`)
  return { isLast: (fields & 1) === 1, storedBytes: type === RLE ? 1 : size }
}

export function littleEndian(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let index = length - 1; index >= 0; index--) value = value * 256 + bytes[at + index]
  return value
}

/** The frame's content is its own window. */
const isSingle = (flags: number): boolean => (flags & 0x20) !== 0

const dictionaryBytes = (flags: number): number => [0, 1, 2, 4][flags & 3]

const contentSizeBytes = (flags: number): number => (flags >> 6 === 0 ? (isSingle(flags) ? 1 : 0) : 1 << (flags >> 6))

const contentSize = (header: Uint8Array, at: number, length: number): number => littleEndian(header, at, length) + (length === 2 ? 256 : 0)

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}
