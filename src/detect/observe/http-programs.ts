// HTTP answers -> programs that they carry, recognised by the first bytes of the body.
import { be16, be32, le32 } from '../../decode/bytes.ts'
import type { PacketView } from '../../decode/packet.ts'
import { startsWith } from '../../names/http.ts'
import { nameText } from '../../names/text.ts'
import { Bounded } from './bounded.ts'
import type { CarriedFiles } from './carried-files.ts'
import { HttpFiles } from './http-files.ts'
import { lineEnd } from './logins.ts'
import type { CarriedProgram } from './observations.ts'

const MAX_ROWS = 20_000
/** Requests that wait for their answer. */
const MAX_WAITING = 50_000
const MAX_LINES = 64
const LONGEST_TEXT = 120
const DOS_HEADER_BYTES = 64
const SPACE = 0x20
const LF = 10

/** The first four bytes, and the next four; null for any. */
const CARRIERS: readonly (readonly [number, number | null])[] = [
  [0x504b0304, null],
  [0x52617221, null],
  [0x377abcaf, null],
  [0x4d534346, 0],
  [0xd0cf11e0, 0xa1b11ae1],
  [0x25504446, null],
  [0x4c000000, 0x01140200],
]

interface Waiting {
  /** Target of the last request. */
  target: string
  contentType: string
  /** How the body of the answer is framed; null: not in a way that is read (compressed, a part, until the connection ends). */
  framing: { length: number | null } | null
  /** The answer's head has ended with a packet: the next one begins the body. */
  isHeadDone: boolean
}

export class HttpPrograms {
  private readonly files: HttpFiles
  readonly list = new Bounded<CarriedProgram>(MAX_ROWS)
  private readonly waiting = new Map<number, Waiting>()

  constructor(files: CarriedFiles) {
    this.files = new HttpFiles(files)
  }

  /** Whether the server's next payload is needed. */
  isWaiting(flow: number): boolean {
    return this.waiting.has(flow) || this.files.isOpen(flow)
  }

  /** Target of the request whose answer has not begun; undefined for none. Lower case, at most 120 characters. */
  targetOf(flow: number): string | undefined {
    const waiting = this.waiting.get(flow)
    return waiting?.isHeadDone === false ? waiting.target : undefined
  }

  /** A payload that begins with a request. */
  inspectRequest(flow: number, bytes: Uint8Array, at: number, end: number): void {
    if (this.waiting.size >= MAX_WAITING && !this.waiting.has(flow)) return
    const lineLimit = lineEnd(bytes, at, end)
    const targetAt = bytes.subarray(0, lineLimit).indexOf(SPACE, at) + 1
    let to = targetAt
    while (to < lineLimit && bytes[to] !== SPACE) to++
    const target = targetAt > at ? nameText(bytes, targetAt, Math.min(to, targetAt + LONGEST_TEXT)) : ''
    this.waiting.set(flow, { target, contentType: '', framing: null, isHeadDone: false })
  }

  /** A payload of the server. @returns true if the next one is needed */
  inspectAnswer(flow: number, view: PacketView, timeUs: number): boolean {
    if (this.files.isOpen(flow)) {
      this.files.add(flow, view)
      return this.isWaiting(flow)
    }
    const { bytes, payloadAt: at, end } = view
    const waiting = this.waiting.get(flow)
    if (waiting === undefined) return false
    let bodyAt = at
    if (!waiting.isHeadDone) {
      bodyAt = readHead(waiting, bytes, at, end)
      if (bodyAt < 0) return this.forget(flow)
      if (bodyAt >= end) {
        waiting.isHeadDone = true
        return true
      }
    }
    const { framing, target, contentType } = waiting
    const isChunked = framing !== null && framing.length === null
    const contentAt = isChunked ? afterLine(bytes, bodyAt, end) : bodyAt
    const kind = programKind(bytes, contentAt, end)
    if (kind !== null) this.list.add({ flow, kind, target, contentType, atUs: timeUs })
    const isHashed = kind !== null || mayCarryPrograms(bytes, contentAt, end)
    if (isHashed && framing !== null) this.files.begin(flow, view, bodyAt, framing.length, timeUs)
    return this.forget(flow)
  }

  private forget(flow: number): boolean {
    this.waiting.delete(flow)
    return this.files.isOpen(flow)
  }
}

/** @returns offset of the body; -1 unless the answer is a success whose head ends in this payload */
function readHead(waiting: Waiting, bytes: Uint8Array, at: number, end: number): number {
  if (!startsWith(bytes, at, end, 'http/1.') || bytes[at + 9] !== 0x32) return -1
  let line = at
  let length: number | null | undefined
  let isWhole = bytes[at + 10] === 0x30 && bytes[at + 11] === 0x30
  for (let count = 0; count < MAX_LINES && line < end; count++) {
    const to = lineEnd(bytes, line, end)
    const next = bytes[to] === LF ? to + 1 : to + 2
    if (to === line) {
      waiting.framing = isWhole && length !== undefined ? { length } : null
      return next
    }
    const letter = bytes[line] | 0x20
    if (letter === 0x63 && startsWith(bytes, line, to, 'content-type: '))
      waiting.contentType = nameText(bytes, line + 14, Math.min(to, line + 14 + LONGEST_TEXT))
    else if (letter === 0x63 && startsWith(bytes, line, to, 'content-encoding:')) isWhole = false
    // Chunks count, whatever length stands beside them (RFC 9112 6.3).
    else if (letter === 0x63 && length !== null && startsWith(bytes, line, to, 'content-length:')) length = readNumber(bytes, line + 15, to)
    else if (letter === 0x74 && startsWith(bytes, line, to, 'transfer-encoding:')) {
      if (nameText(bytes, line + 18, to).trim() === 'chunked') length = null
      else isWhole = false
    }
    line = next
  }
  return -1
}

/** Digits, with spaces around them; undefined for anything else. */
function readNumber(bytes: Uint8Array, at: number, end: number): number | undefined {
  const text = nameText(bytes, at, end).trim()
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined
}

function afterLine(bytes: Uint8Array, at: number, end: number): number {
  const to = lineEnd(bytes, at, end)
  return bytes[to] === LF ? to + 1 : to + 2
}

/** Archives and documents in which programs are delivered: ZIP (also Office, JAR and APK), RAR, 7z, CAB, OLE (also MSI), PDF, Windows shortcuts. */
function mayCarryPrograms(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    end - at >= 8 && CARRIERS.some(([first, second]) => be32(bytes, at) === first && (second === null || be32(bytes, at + 4) === second))
  )
}

/** By the magic numbers of the formats (PE, ELF, Mach-O, Java class files, DEX) and the first line of scripts. */
function programKind(bytes: Uint8Array, at: number, end: number): CarriedProgram['kind'] | null {
  if (end - at < 8) return null
  const magic = be32(bytes, at)
  if (magic === 0x7f454c46) return 'ELF'
  if (magic === 0xfeedface || magic === 0xfeedfacf || magic === 0xcefaedfe || magic === 0xcffaedfe) return 'Mach-O'
  // Class files and fat binaries share a number; behind it is a version of 45 and above, or a small count.
  if (magic === 0xcafebabe) return be32(bytes, at + 4) >= 45 ? 'Java class' : 'Mach-O'
  if (startsWith(bytes, at, end, '#!/')) return 'script'
  if (startsWith(bytes, at, end, 'dex\n03')) return 'DEX'
  if (be16(bytes, at) !== 0x4d5a || end - at < DOS_HEADER_BYTES) return null
  const headerAt = at + le32(bytes, at + 60)
  return headerAt + 4 <= end ? (be32(bytes, headerAt) === 0x50450000 ? 'PE' : null) : headerAt - at < 1024 ? 'PE' : null
}
