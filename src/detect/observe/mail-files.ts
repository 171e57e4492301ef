// SMTP without TLS (RFC 5321) -> the files attached to mails, while they are sent by DATA, or in chunks by BDAT (RFC 3030).
import type { PacketView } from '../../decode/packet.ts'
import { Assemblies } from '../../names/assembly.ts'
import { startsWith } from '../../names/http.ts'
import type { CarriedFiles, OpenFile } from './carried-files.ts'
import { isCut } from './http-files.ts'
import { MimeParts } from './mime-parts.ts'
import { Ordered } from './ordered.ts'

/** Mails at the same time. */
const MAX_OPEN = 64
/** A longer line (RFC 5321 4.5.3.1.6 allows 1,000) ends the reading of a mail. */
const MAX_LINE = 16 * 1024
/** The last command before a mail. */
const DATA = 'data\r\n'
const BDAT = 'bdat '
const DOT = 0x2e
const CR = 13
const LF = 10

/** Commands are no longer (RFC 5321 4.5.3.1.4). */
const MAX_COMMAND = 512
const CHUNK = /^BDAT +(\d{1,10})( +LAST)? *\r?\n$/i
const LATIN1 = new TextDecoder('latin1')

/** A mail after DATA: lines up to one with a single dot. Or its chunks, each after a command that has its length. */
class Mail {
  isOpen = true
  readonly ordered: Ordered
  private readonly parts: MimeParts
  /** A line whose end has not come. */
  private readonly line = new Uint8Array(MAX_LINE)
  private lineBytes = 0
  private readonly isChunked: boolean
  private chunkLeft = 0
  private isLastChunk = false
  private command = ''

  /** @param sequence of its first byte, or of the first chunk's command */
  constructor(sequence: number, isChunked: boolean, begin: (name: string) => OpenFile | null) {
    this.parts = new MimeParts(begin)
    this.isChunked = isChunked
    this.ordered = new Ordered(sequence, (bytes) => (isChunked ? this.consumeChunks(bytes) : this.consume(bytes)))
  }

  drop(): void {
    this.isOpen = false
    this.parts.drop()
  }

  private finish(): void {
    this.parts.finish()
    this.isOpen = false
  }

  private consumeChunks(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && this.isOpen) {
      if (this.chunkLeft > 0) {
        const take = Math.min(this.chunkLeft, bytes.length - at)
        this.consume(bytes.subarray(at, at + take))
        at += take
        this.chunkLeft -= take
      } else {
        const found = bytes.indexOf(LF, at)
        const to = found < 0 ? bytes.length : found + 1
        this.command += LATIN1.decode(bytes.subarray(at, Math.min(to, at + MAX_COMMAND)))
        at = to
        if (found < 0 && this.command.length < MAX_COMMAND) return
        this.beginChunk()
      }
      if (this.isOpen && this.chunkLeft === 0 && this.isLastChunk) {
        if (this.lineBytes > 0) this.addLine(this.line, 0, this.lineBytes)
        this.finish()
      }
    }
  }

  private beginChunk(): void {
    const chunk = CHUNK.exec(this.command)
    this.command = ''
    if (chunk === null) this.drop()
    else {
      this.chunkLeft = Number(chunk[1])
      this.isLastChunk = chunk[2] !== undefined
    }
  }

  private consume(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && this.isOpen) {
      const found = bytes.indexOf(LF, at)
      const to = found < 0 ? bytes.length : found
      if (found < 0 || this.lineBytes > 0) {
        if (this.lineBytes + to - at > MAX_LINE) {
          this.drop()
          return
        }
        this.line.set(bytes.subarray(at, to), this.lineBytes)
        this.lineBytes += to - at
        if (found < 0) return
        this.addLine(this.line, 0, this.lineBytes)
        this.lineBytes = 0
      } else this.addLine(bytes, at, to)
      at = to + 1
    }
  }

  /** @param end offset of the line feed */
  private addLine(bytes: Uint8Array, at: number, end: number): void {
    const to = end > at && bytes[end - 1] === CR ? end - 1 : end
    const isDotted = !this.isChunked && to > at && bytes[at] === DOT
    if (isDotted && to === at + 1) this.finish()
    // A dot in front of another character was added by the client (RFC 5321 4.5.2).
    else this.parts.add(bytes, isDotted ? at + 1 : at, to)
  }
}

export class MailFiles {
  private readonly mails = new Assemblies<{ direction: number; mail: Mail }>(MAX_OPEN)
  private readonly files: CarriedFiles

  constructor(files: CarriedFiles) {
    this.files = files
  }

  /** A payload of client or server. @returns true if it belongs to a mail */
  inspect(flow: number, direction: number, view: PacketView, timeUs: number): boolean {
    const { bytes, payloadAt: at, end } = view
    const own = this.mails.find(flow)
    if (own === undefined) {
      const first = mailAt(bytes, at, end)
      if (first >= 0) this.begin(flow, direction, view, first, timeUs)
      return false
    }
    const { mail } = own
    if (direction !== own.direction) {
      // The server has refused it; 354 asks for it.
      if (bytes[at] === 0x34 || bytes[at] === 0x35) this.end(flow, mail)
      return false
    }
    if (isCut(view) || !mail.ordered.add(view.tcpSequence, bytes.subarray(at, end))) mail.drop()
    if (!mail.isOpen) this.end(flow, mail)
    return true
  }

  /** @param first offset of its first byte, or of the command of its first chunk */
  private begin(flow: number, direction: number, view: PacketView, first: number, timeUs: number): void {
    if (isCut(view)) return
    const sequence = (view.tcpSequence + first - view.payloadAt) | 0
    const isChunked = first < view.end
    const mail = new Mail(sequence, isChunked, (name) => this.files.begin(flow, 'smtp', name, null, timeUs))
    this.mails.set(flow, { direction, mail })
    if (isChunked) mail.ordered.add(sequence, view.bytes.subarray(first, view.end))
    if (!mail.isOpen) this.end(flow, mail)
  }

  private end(flow: number, mail: Mail): void {
    mail.drop()
    this.mails.drop(flow)
  }
}

/** Offset of a mail behind the commands of a payload: the end after DATA, the command of the first chunk, -1 for none. */
function mailAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at >= DATA.length && startsWith(bytes, end - DATA.length, end, DATA)) return end
  for (let line = at; line < end; ) {
    if (startsWith(bytes, line, end, BDAT)) return line
    const length = bytes.subarray(line, end).indexOf(LF)
    if (length < 0 || length > MAX_COMMAND) return -1
    line += length + 1
  }
  return -1
}
