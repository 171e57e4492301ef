// One row in SQLite's record format: a header of serial types, then the values (file format 2.1).

const MAX_RECORD_BYTES = 16_384
const MAX_COLUMNS = 64
const SHORT_TEXT = 64
const TWO_32 = 4_294_967_296

/** Writes a non-negative integer (at most 2^53) as SQLite's big-endian variable-length integer. @returns the offset after it */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value
    return at + 1
  }
  const length = varintLength(value)
  let rest = value
  for (let i = length - 1; i >= 0; i--) {
    bytes[at + i] = (rest % 128) | (i === length - 1 ? 0 : 0x80)
    rest = Math.floor(rest / 128)
  }
  return at + length
}

export function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++
  return length
}

/** Builds a record: begin(), one value for each column in their order, finish(), then writeTo(). The object is reused for every row. */
export class SqliteRecord {
  /** Of the finished record. */
  length = 0
  private headerLength = 0
  private readonly types = new Uint32Array(MAX_COLUMNS)
  private columns = 0
  private readonly body = new Uint8Array(MAX_RECORD_BYTES)
  private readonly view = new DataView(this.body.buffer)
  private bodyLength = 0
  private readonly encoder = new TextEncoder()

  begin(): void {
    this.columns = 0
    this.bodyLength = 0
  }

  null(): void {
    this.types[this.columns++] = 0
  }

  /** Stores an integer in the fewest bytes, as SQLite does. */
  integer(value: number): void {
    const at = this.bodyLength
    let type: number
    if (value === 0 || value === 1) type = 8 + value
    else if (value >= -0x80 && value < 0x80) {
      type = 1
      this.view.setInt8(at, value)
      this.bodyLength = at + 1
    } else if (value >= -0x8000 && value < 0x8000) {
      type = 2
      this.view.setInt16(at, value)
      this.bodyLength = at + 2
    } else if (value >= -0x80_0000 && value < 0x80_0000) {
      type = 3
      this.view.setInt8(at, value >> 16)
      this.view.setUint16(at + 1, value & 0xffff)
      this.bodyLength = at + 3
    } else if (value >= -0x8000_0000 && value < 0x8000_0000) {
      type = 4
      this.view.setInt32(at, value)
      this.bodyLength = at + 4
    } else if (value >= -0x8000_0000_0000 && value < 0x8000_0000_0000) {
      type = 5
      this.view.setInt16(at, Math.floor(value / TWO_32))
      this.view.setUint32(at + 2, value >>> 0)
      this.bodyLength = at + 6
    } else {
      type = 6
      this.view.setInt32(at, Math.floor(value / TWO_32))
      this.view.setUint32(at + 4, value >>> 0)
      this.bodyLength = at + 8
    }
    this.types[this.columns++] = type
  }

  value(value: string | number | null): void {
    if (typeof value === 'number') this.integer(value)
    else this.textOrNull(value)
  }

  integerOrNull(value: number | null): void {
    if (value === null) this.null()
    else this.integer(value)
  }

  /** UTF-8. The caller must limit texts so that the record fits into MAX_RECORD_BYTES. */
  textOrNull(value: string | null): void {
    if (value === null) {
      this.null()
      return
    }
    const from = this.bodyLength
    let at = from
    if (value.length <= SHORT_TEXT) {
      // Most texts are short and ASCII: copying characters is faster than calling TextEncoder.
      while (at - from < value.length) {
        const code = value.charCodeAt(at - from)
        if (code > 127) break
        this.body[at++] = code
      }
    }
    if (at - from < value.length) at = from + this.encoder.encodeInto(value, this.body.subarray(from)).written
    this.bodyLength = at
    this.types[this.columns++] = 13 + 2 * (at - from)
  }

  finish(): void {
    const { bodyLength, types, columns } = this
    let headerLength = 1
    for (let i = 0; i < columns; i++) headerLength += types[i] < 0x80 ? 1 : varintLength(types[i])
    if (headerLength > 127) headerLength++ // its own length then takes two bytes
    this.headerLength = headerLength
    this.length = headerLength + bodyLength
  }

  /** Writes the finished record to bytes[from..from + length). */
  writeTo(bytes: Uint8Array, from: number): void {
    const { body, bodyLength, types, columns } = this
    let at = writeVarint(bytes, from, this.headerLength)
    for (let i = 0; i < columns; i++) {
      if (types[i] < 0x80) bytes[at++] = types[i]
      else at = writeVarint(bytes, at, types[i])
    }
    for (let i = 0; i < bodyLength; i++) bytes[at + i] = body[i]
  }
}
