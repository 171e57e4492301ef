// Lines of a mail (RFC 5322) -> the files attached to it: parts of MIME (RFC 2045, 2046) that have a name or are attachments, decoded.
import { startsWith } from '../../names/http.ts'
import { plainText } from '../../names/text.ts'
import type { OpenFile } from './carried-files.ts'

/** Multiparts within multiparts. */
const MAX_DEPTH = 8
const MAX_HEADER_BYTES = 16 * 1024
const DASH = 0x2d
const CR = 13
const LF = 10
const LINE_END = Uint8Array.of(CR, LF)

type Encoding = 'base64' | 'quoted-printable' | 'none'

const TEXT = new TextDecoder('latin1')

export class MimeParts {
  private readonly begin: (name: string) => OpenFile | null
  /** From the outermost to the innermost; each with the two dashes in front. */
  private readonly boundaries: string[] = []
  private isHeader = true
  private header = ''
  private file: OpenFile | null = null
  private encoding: Encoding = 'none'
  /** Of base64, bits that do not make a byte yet. */
  private bits = 0
  private bitCount = 0
  private isPadded = false
  /** The line end before the next line, which belongs to a boundary if one follows (RFC 2046 5.1.1). */
  private isLineEndDue = false

  /** @param begin called for each attachment, with its name; null leaves it out */
  constructor(begin: (name: string) => OpenFile | null) {
    this.begin = begin
  }

  /** The next line, without its end. */
  add(bytes: Uint8Array, at: number, end: number): void {
    if (bytes[at] === DASH && bytes[at + 1] === DASH && this.boundaries.length > 0 && this.passBoundary(bytes, at, end)) return
    if (this.isHeader) this.addHeader(bytes, at, end)
    else if (this.file !== null) this.addContent(bytes, at, end)
  }

  /** The mail has ended: only what no boundary has to close is complete. */
  finish(): void {
    if (this.boundaries.length === 0) this.file?.complete()
    else this.drop()
    this.file = null
  }

  drop(): void {
    this.file?.drop()
    this.file = null
  }

  private passBoundary(bytes: Uint8Array, at: number, end: number): boolean {
    const line = TEXT.decode(bytes.subarray(at, Math.min(end, at + 100))).trimEnd()
    for (let depth = this.boundaries.length - 1; depth >= 0; depth--) {
      const boundary = this.boundaries[depth]
      const isLast = line === `${boundary}--`
      if (!isLast && line !== boundary) continue
      this.file?.complete()
      this.file = null
      this.boundaries.length = isLast ? depth : depth + 1
      this.isHeader = !isLast
      this.header = ''
      return true
    }
    return false
  }

  private addHeader(bytes: Uint8Array, at: number, end: number): void {
    if (end > at) {
      const isFolded = bytes[at] === 0x20 || bytes[at] === 9
      const isRead = isFolded || startsWith(bytes, at, end, 'content-')
      if (isRead && this.header.length + end - at <= MAX_HEADER_BYTES) this.header += `${isFolded ? ' ' : '\n'}${plainLine(bytes, at, end)}`
      else if (!isFolded && !this.header.endsWith('\n')) this.header += '\n' // ends the field before
      return
    }
    this.isHeader = false
    const type = fieldOf(this.header, 'type')
    const disposition = fieldOf(this.header, 'disposition')
    const boundary = parameterOf(type, 'boundary')
    if (/^multipart\//i.test(type) && boundary !== '') {
      if (this.boundaries.length < MAX_DEPTH) this.boundaries.push(`--${boundary}`)
      return
    }
    const name = parameterOf(disposition, 'filename') || parameterOf(type, 'name')
    if (name === '' && !/^attachment\b/i.test(disposition)) {
      // A mail that is passed on as part of another one has a header of its own.
      this.isHeader = /^message\/rfc822\b/i.test(type)
      this.header = ''
      return
    }
    this.file = this.begin(name)
    const encoding = fieldOf(this.header, 'transfer-encoding').toLowerCase()
    this.encoding = encoding === 'base64' || encoding === 'quoted-printable' ? encoding : 'none'
    this.bits = 0
    this.bitCount = 0
    this.isPadded = false
    this.isLineEndDue = false
  }

  private addContent(bytes: Uint8Array, at: number, end: number): void {
    if (this.encoding === 'base64') this.addBase64(bytes, at, end)
    else {
      if (this.isLineEndDue) this.put(LINE_END)
      this.isLineEndDue = true
      if (this.encoding === 'none') this.put(bytes.subarray(at, end))
      else this.addQuoted(bytes, at, end)
    }
  }

  private addBase64(bytes: Uint8Array, at: number, end: number): void {
    const plain = new Uint8Array(Math.ceil(((end - at) * 3) / 4) + 1)
    let length = 0
    for (let i = at; i < end && !this.isPadded; i++) {
      const sextet = SEXTETS[bytes[i]]
      if (bytes[i] === 0x3d) this.isPadded = true
      if (sextet < 0) continue
      this.bits = (this.bits << 6) | sextet
      this.bitCount += 6
      if (this.bitCount < 8) continue
      this.bitCount -= 8
      plain[length++] = (this.bits >> this.bitCount) & 255
      this.bits &= (1 << this.bitCount) - 1
    }
    this.put(plain.subarray(0, length))
  }

  /** RFC 2045 6.7: spaces at the end of a line were added on the way; "=" there continues the line. */
  private addQuoted(bytes: Uint8Array, at: number, end: number): void {
    let to = end
    while (to > at && (bytes[to - 1] === 0x20 || bytes[to - 1] === 9)) to--
    if (bytes[to - 1] === 0x3d && to > at) {
      to--
      this.isLineEndDue = false
    }
    const plain = new Uint8Array(to - at)
    let length = 0
    for (let i = at; i < to; i++) {
      const value = bytes[i] === 0x3d && i + 2 < to ? Number(`0x${String.fromCharCode(bytes[i + 1], bytes[i + 2])}`) : Number.NaN
      plain[length++] = Number.isNaN(value) ? bytes[i] : value
      if (!Number.isNaN(value)) i += 2
    }
    this.put(plain.subarray(0, length))
  }

  private put(bytes: Uint8Array): void {
    if (bytes.length > 0 && this.file?.add(bytes) === false) this.file = null
  }
}

const SEXTETS = new Int8Array(256).fill(-1)
for (const [value, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  SEXTETS[character.charCodeAt(0)] = value

const plainLine = (bytes: Uint8Array, at: number, end: number): string => TEXT.decode(bytes.subarray(at, end)).trim()

/** The value of "Content-FIELD". */
function fieldOf(header: string, field: string): string {
  const line = header.split('\n').find((own) => own.slice(0, field.length + 9).toLowerCase() === `content-${field}:`)
  return line === undefined ? '' : line.slice(field.length + 9).trim()
}

/** A parameter in quotes or without (RFC 2045 5.1); of one in another character set (RFC 2231), as it is written. */
function parameterOf(value: string, name: string): string {
  const found = new RegExp(`;\\s*${name}\\*?\\s*=\\s*(?:"([^"]{0,1000})"|([^\\s;]{1,1000}))`, 'i').exec(value)
  const text = found?.[1] ?? found?.[2] ?? ''
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
  return plainText(bytes, 0, bytes.length)
}
