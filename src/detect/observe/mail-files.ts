// SMTP without TLS (RFC 5321) -> the files attached to mails, while they are sent by DATA.
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
const DOT = 0x2e
const CR = 13
const LF = 10

/** A mail after DATA: lines up to one with a single dot. */
class Mail {
  isOpen = true
  readonly ordered: Ordered
  private readonly parts: MimeParts
  /** A line whose end has not come. */
  private readonly line = new Uint8Array(MAX_LINE)
  private lineBytes = 0

  /** @param sequence of its first byte */
  constructor(sequence: number, begin: (name: string) => OpenFile | null) {
    this.parts = new MimeParts(begin)
    this.ordered = new Ordered(sequence, (bytes) => this.consume(bytes))
  }

  drop(): void {
    this.isOpen = false
    this.parts.drop()
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
    if (bytes[at] === DOT && to === at + 1) {
      this.parts.finish()
      this.isOpen = false
      // A dot in front of another character was added by the client (RFC 5321 4.5.2).
    } else this.parts.add(bytes, bytes[at] === DOT && to > at ? at + 1 : at, to)
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
      if (startsWith(bytes, end - DATA.length, end, DATA) && end - at >= DATA.length) this.begin(flow, direction, view, timeUs)
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

  private begin(flow: number, direction: number, view: PacketView, timeUs: number): void {
    if (isCut(view)) return
    const sequence = (view.tcpSequence + view.end - view.payloadAt) | 0
    const mail = new Mail(sequence, (name) => this.files.begin(flow, 'smtp', name, null, timeUs))
    this.mails.set(flow, { direction, mail })
  }

  private end(flow: number, mail: Mail): void {
    mail.drop()
    this.mails.drop(flow)
  }
}
