// One direction of an SMB conversation -> its messages (MS-SMB2 2.1, 2.2.1): the beginning of each, and its data as they come.
import { be32 } from '../../decode/bytes.ts'
import { Ordered } from './ordered.ts'
import { beginningBytes, IDENTIFIER_BYTES, isSmb, LONGEST_BEGINNING, nextMessage, SHORTEST_MESSAGE } from './smb-messages.ts'

const PREFIX_BYTES = 4
const KEEP_ALIVE = 0x85

/** Which bytes of a message are data, and what takes them. */
export interface SmbData {
  at: number
  length: number
  put(offset: number, bytes: Uint8Array): void
}

export class SmbStream {
  private ordered: Ordered | null = null
  private readPart: ((head: Uint8Array) => SmbData | null) | null = null
  private isBroken = false
  private readonly prefix = new Uint8Array(PREFIX_BYTES)
  private prefixBytes = 0
  /** Bytes of the message, and of the part of it (several may be joined), that have not come. */
  private messageLeft = 0
  private partBytes = 0
  private partLeft = 0
  private readonly head = new Uint8Array(LONGEST_BEGINNING)
  /** How much of the part is read before its data. */
  private headBytes = IDENTIFIER_BYTES
  private data: SmbData | null = null

  /** Whether a payload begins with a message. */
  static begins(bytes: Uint8Array, at: number, end: number): boolean {
    return end - at >= PREFIX_BYTES + IDENTIFIER_BYTES && bytes[at] === 0 && isSmb(bytes, at + PREFIX_BYTES)
  }

  /** A payload, in any order. @param readPart called with the beginning of each message, zeros behind it @returns false if a part is missing or invalid */
  add(sequence: number, bytes: Uint8Array, at: number, end: number, readPart: (head: Uint8Array) => SmbData | null): boolean {
    if (this.ordered === null) {
      // What comes before the first message that is seen whole belongs to one that began earlier.
      if (!SmbStream.begins(bytes, at, end)) return true
      this.ordered = new Ordered(sequence, (next) => this.consume(next))
    }
    this.readPart = readPart
    return this.ordered.add(sequence, bytes.subarray(at, end)) && !this.isBroken
  }

  private consume(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && !this.isBroken) {
      if (this.messageLeft === 0) {
        this.prefix[this.prefixBytes++] = bytes[at++]
        if (this.prefixBytes === PREFIX_BYTES) this.beginMessage()
        continue
      }
      const wanted = this.partBytes < this.headBytes ? this.headBytes - this.partBytes : this.partLeft
      const take = Math.min(bytes.length - at, wanted, this.partLeft)
      const piece = bytes.subarray(at, at + take)
      if (this.partBytes < this.headBytes) this.head.set(piece, this.partBytes)
      else this.putData(this.partBytes, piece)
      at += take
      this.partBytes += take
      this.partLeft -= take
      this.messageLeft -= take
      this.advance()
    }
  }

  /** A prefix of a zero and a length (MS-SMB2 2.1); a keep-alive has no length (RFC 1002 4.3.6). */
  private beginMessage(): void {
    this.prefixBytes = 0
    this.messageLeft = be32(this.prefix, 0) & 0xffffff
    if (this.prefix[0] !== 0 && this.prefix[0] !== KEEP_ALIVE) this.isBroken = true
    this.beginPart()
  }

  private beginPart(): void {
    this.partBytes = 0
    this.partLeft = this.messageLeft
    this.headBytes = Math.min(IDENTIFIER_BYTES, this.partLeft)
    this.data = null
    this.head.fill(0)
  }

  /** After each piece: what tells the version has come, then the header, then the fields behind it, then all of the part. */
  private advance(): void {
    const { head } = this
    if (this.partBytes === this.headBytes && isSmb(head, 0)) {
      const next = nextMessage(head)
      if (this.partBytes === SHORTEST_MESSAGE && next !== 0) {
        if (next < SHORTEST_MESSAGE || next > this.partBytes + this.messageLeft) this.isBroken = true
        else this.partLeft = next - SHORTEST_MESSAGE
      }
      const wanted = Math.min(beginningBytes(head, this.partBytes), this.partBytes + this.partLeft)
      if (wanted > this.partBytes) this.headBytes = wanted
      else {
        this.data = this.readPart?.(head) ?? null
        this.putData(0, head.subarray(0, this.headBytes))
      }
    }
    if (this.partLeft === 0) this.beginPart()
  }

  /** @param from offset of the bytes in their part */
  private putData(from: number, bytes: Uint8Array): void {
    if (this.data === null) return
    const { at, length, put } = this.data
    const [begin, end] = [Math.max(at, from), Math.min(at + length, from + bytes.length)]
    if (begin < end) put(begin - at, bytes.subarray(begin - from, end - from))
  }
}
