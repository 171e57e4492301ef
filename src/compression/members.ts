// Compressed bytes -> their content, one member (zstd: frame) after another, and what is wrong with them. Shared by gzip and zstd.
import type { Memory } from './wasm.ts'

/** Most bytes of content in a piece. */
export const PIECE_BYTES = 256 << 10

/** What is wrong with compressed data, as a sentence for the user. The content before it has been returned. */
export class Damage extends Error {}

/** A decoder of the members of one format. */
export interface MemberReader {
  /** Number of bytes that show whether a member begins; at most 4. */
  readonly magicBytes: number
  readonly isInside: boolean
  readonly content: Content
  isMagic(bytes: Uint8Array): boolean
  /** @param at offset of the member's first byte; read() gets its magic number, too */
  begin(at: number): void
  /**
   * Reads until the member or the bytes end; yields content whenever a piece is full.
   * @returns number of bytes that belong to the member
   * @throws Damage
   */
  read(bytes: Uint8Array): Generator<Uint8Array, number>
  close(): void
}

/** Content that is copied out of a WebAssembly memory. */
export class Content {
  bytes = 0
  readonly pointer: number
  private readonly memory: Memory
  private readonly piece = new Uint8Array(PIECE_BYTES)

  /** @param pointer address of PIECE_BYTES bytes in that memory */
  constructor(memory: Memory, pointer: number) {
    this.memory = memory
    this.pointer = pointer
  }

  /** A copy of the content since the last call, valid until the next call; the memory may be reallocated when it grows. */
  take(): Uint8Array {
    this.piece.set(new Uint8Array(this.memory.buffer, this.pointer, this.bytes))
    const taken = this.piece.subarray(0, this.bytes)
    this.bytes = 0
    return taken
  }
}

/** A sequence of members. Zeros after them are padding (of tapes, of `dd`); other bytes are counted and not read. */
export class Members {
  /** Number of bytes read so far. */
  private at = 0
  private readonly magic = new Uint8Array(4)
  private magicLength = 0
  /** Offset of the first byte that belongs to no member, -1 for none. */
  private foreignFrom = -1
  private readonly reader: MemberReader
  private readonly name: string

  /** @param name name of the data in messages */
  constructor(reader: MemberReader, name: string) {
    this.reader = reader
    this.name = name
  }

  /**
   * @returns pieces of content; the memory of a piece is reused for the next one
   * @throws Damage
   */
  *decode(bytes: Uint8Array): Generator<Uint8Array> {
    const { reader } = this
    let damage: unknown = null
    try {
      for (let used = 0; used < bytes.length && this.foreignFrom < 0; ) {
        if (reader.isInside) used += yield* reader.read(bytes.subarray(used))
        else if (this.isMagicAt(bytes[used], this.at + used++)) yield* reader.read(this.magic.subarray(0, reader.magicBytes))
      }
    } catch (error) {
      damage = error
    }
    this.at += bytes.length
    if (reader.content.bytes > 0) yield reader.content.take()
    if (damage !== null) throw damage
  }

  /** Must be called after the last bytes. @throws Damage */
  end(): void {
    if (this.reader.isInside) throw new Damage(`${this.name} is cut off at byte ${this.at}: the file is not whole, copy it again`)
    if (this.foreignFrom < 0) this.foreignFrom = this.at - this.magicLength
    const foreign = this.at - this.foreignFrom
    if (foreign > 0) {
      const bytes = foreign === 1 ? '1 byte behind it is' : `${foreign} bytes behind it are`
      throw new Damage(`${this.name} ends at byte ${this.foreignFrom}: the ${bytes} no part of it and not read`)
    }
  }

  close(): void {
    this.reader.close()
  }

  /** Checks one byte between members; returns true when a magic number is complete. */
  private isMagicAt(byte: number, at: number): boolean {
    const { magic, reader } = this
    if (this.magicLength === 0 && byte === 0) return false
    magic[this.magicLength++] = byte
    if (this.magicLength < reader.magicBytes) return false
    const start = at + 1 - this.magicLength
    this.magicLength = 0
    if (reader.isMagic(magic)) reader.begin(start)
    else this.foreignFrom = start
    return reader.isInside
  }
}
