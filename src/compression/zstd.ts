// zstd frames (RFC 8878) -> their content, by the reference decoder as WebAssembly, block by block; checksums are verified.
import { ZSTDDecoder } from 'zstddec/stream'
import { Content, Damage, type MemberReader, PIECE_BYTES } from './members.ts'
import type { Memory } from './wasm.ts'
import {
  BLOCK_HEADER_BYTES,
  CHECKSUM_BYTES,
  DESCRIPTOR_BYTES,
  type FrameHeader,
  frameHeaderBytes,
  isFrame,
  isSkippable,
  littleEndian,
  MAX_BLOCK_BYTES,
  readBlockHeader,
  readFrameHeader,
  SKIPPABLE_HEADER_BYTES,
} from './zstd-frame.ts'

/** libzstd; sizes and pointers have 4 bytes. */
interface Zstd {
  memory: Memory
  malloc(bytes: number): number
  free(pointer: number): void
  ZSTD_createDCtx(): number
  ZSTD_freeDCtx(context: number): void
  /** @returns an error code as a small negative number */
  ZSTD_decompressStream(context: number, output: number, input: number): number
}

/** zstd_errors.h */
const CHECKSUM_WRONG = 22
const MEMORY_ALLOCATION = 64
const MAX_ERROR = 120

/** The largest unit that is passed to the decoder: a block with its header. */
const UNIT_BYTES = BLOCK_HEADER_BYTES + MAX_BLOCK_BYTES
/** ZSTD_inBuffer and ZSTD_outBuffer: address, size, position. */
const BUFFER_STRUCT_BYTES = 12

let zstd: Promise<Zstd> | null = null

/** Not the package's own streaming functions, which ignore errors and block while they wait for input; its WebAssembly has everything needed. */
function load(): Promise<Zstd> {
  return new Promise((resolve, reject) => {
    const decoder = new ZSTDDecoder()
    const keep = decoder._init
    decoder._init = (result) => {
      keep(result)
      resolve(result.instance.exports as unknown as Zstd)
    }
    decoder.init().catch(reject)
  })
}

export async function openZstd(name: string): Promise<MemberReader> {
  zstd ??= load()
  return new ZstdReader(await zstd, name)
}

/** Kind of the unit that is collected next. */
type Unit = 'magic' | 'descriptor' | 'frame header' | 'block header' | 'block' | 'checksum' | 'skippable header'

class ZstdReader implements MemberReader {
  readonly magicBytes = 4
  readonly content: Content
  isInside = false
  private readonly zstd: Zstd
  private readonly name: string
  private readonly context: number
  /** Address where a unit is collected, followed by the two buffer structs. */
  private readonly unit: number
  private readonly structs: number
  private expected: Unit = 'magic'
  /** Size of the unit, and number of its bytes collected so far. */
  private needed = 0
  private gathered = 0
  private toSkip = 0
  /** Offset of the unit in the data. */
  private at = 0
  private frame: FrameHeader = { windowBytes: 0, hasChecksum: false }
  private isLastBlock = false

  constructor(zstd: Zstd, name: string) {
    this.zstd = zstd
    this.name = name
    this.context = zstd.ZSTD_createDCtx()
    this.unit = zstd.malloc(UNIT_BYTES)
    this.structs = zstd.malloc(2 * BUFFER_STRUCT_BYTES)
    this.content = new Content(zstd.memory, zstd.malloc(PIECE_BYTES))
  }

  isMagic(bytes: Uint8Array): boolean {
    return isFrame(bytes) || isSkippable(bytes)
  }

  begin(at: number): void {
    this.at = at
    this.isInside = true
    this.gathered = 0
    this.expect('magic', this.magicBytes)
  }

  *read(bytes: Uint8Array): Generator<Uint8Array, number> {
    let used = 0
    while (this.isInside && used < bytes.length) {
      if (this.toSkip > 0) {
        const skipped = Math.min(this.toSkip, bytes.length - used)
        used += skipped
        this.toSkip -= skipped
        this.isInside = this.toSkip > 0
        continue
      }
      const part = bytes.subarray(used, used + this.needed - this.gathered)
      new Uint8Array(this.zstd.memory.buffer).set(part, this.unit + this.gathered)
      used += part.length
      this.gathered += part.length
      if (this.gathered < this.needed) continue
      if (this.content.bytes > PIECE_BYTES - MAX_BLOCK_BYTES) yield this.content.take()
      this.advance(new Uint8Array(this.zstd.memory.buffer, this.unit, this.gathered))
    }
    return used
  }

  close(): void {
    const { zstd } = this
    zstd.ZSTD_freeDCtx(this.context)
    for (const pointer of [this.unit, this.structs, this.content.pointer]) zstd.free(pointer)
  }

  /** @param unit all of its bytes */
  private advance(unit: Uint8Array): void {
    switch (this.expected) {
      case 'magic':
        if (isFrame(unit)) this.expect('descriptor', DESCRIPTOR_BYTES)
        else this.expect('skippable header', SKIPPABLE_HEADER_BYTES)
        break
      case 'skippable header':
        this.toSkip = littleEndian(unit, 4, 4)
        this.isInside = this.toSkip > 0
        break
      case 'descriptor':
        this.expect('frame header', frameHeaderBytes(unit))
        break
      case 'frame header':
        this.frame = readFrameHeader(unit, `${this.name} at byte ${this.at}`)
        this.decompress()
        this.expect('block header', BLOCK_HEADER_BYTES)
        break
      case 'block header': {
        const { isLast, storedBytes } = readBlockHeader(unit, this.frame.windowBytes, `${this.name} at byte ${this.at}`)
        this.isLastBlock = isLast
        this.expect('block', BLOCK_HEADER_BYTES + storedBytes)
        // A block without content is complete after its header.
        if (storedBytes === 0) this.advance(unit)
        break
      }
      case 'block':
        this.decompress()
        if (!this.isLastBlock) this.expect('block header', BLOCK_HEADER_BYTES)
        else if (this.frame.hasChecksum) this.expect('checksum', CHECKSUM_BYTES)
        else this.isInside = false
        break
      case 'checksum':
        this.decompress()
        this.isInside = false
    }
  }

  private expect(unit: Unit, bytes: number): void {
    this.expected = unit
    this.needed = bytes
  }

  /** Passes the unit to libzstd, which returns at most one block. */
  private decompress(): void {
    const { zstd, content, structs } = this
    const view = new Uint32Array(zstd.memory.buffer, structs, 6)
    view.set([this.unit, this.gathered, 0, content.pointer, PIECE_BYTES, content.bytes])
    const status = zstd.ZSTD_decompressStream(this.context, structs + BUFFER_STRUCT_BYTES, structs)
    if (status < 0 && status > -MAX_ERROR) throw new Damage(this.reason(-status))
    // Allocating the window may have moved the memory.
    content.bytes = new Uint32Array(zstd.memory.buffer, structs, 6)[5]
    this.at += this.gathered
    this.gathered = 0
  }

  private reason(code: number): string {
    if (code === CHECKSUM_WRONG)
      return `${this.name} has a wrong checksum at byte ${this.at}: some of what was read before it is not what was compressed, copy the file again`
    if (code === MEMORY_ALLOCATION)
      return `${this.name} at byte ${this.at} needs more memory than there is: use "zstd -dc FILE | rtnvis analyze -"`
    return `${this.name} is damaged at byte ${this.at}: nothing after it is read`
  }
}
