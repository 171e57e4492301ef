// All rows of a table, read directly from the pages of its file (SQLite file format 1.5, 1.6 and 2.1, https://www.sqlite.org/fileformat2.html).
// With SQL, reading half a million conversations and their activity takes seconds, because each value is a call; this takes a fifth of it.
// It reads only what rtnvis writes: UTF-8, no reserved bytes, no overflow pages. For other files the caller must use SQL.

/** Decoder of texts in a page. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })

const LEAF = { table: 0x0d, index: 0x0a } as const
const INTERIOR = { table: 0x05, index: 0x02 } as const

/** Levels of a b-tree, as in SQLite (BTCURSOR_MAX_DEPTH). */
const MAX_DEPTH = 20
/** Bytes of values by type, below that of BLOBs, which are even; those of texts are odd, and each byte counts two. */
const SIZES = Uint8Array.of(0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)
const BLOB = 12
const TWO_32 = 0x1_0000_0000

/** A cell takes at least 4 bytes and 2 for its pointer. */
const MIN_CELL_BYTES = 6

class Unreadable extends Error {}

/** Rows of a block, at the most. No power of two: columns would share the few places of a cache. */
export const BLOCK_ROWS = 200

/**
 * The current rows of a scan; columns are numbered as in CREATE TABLE. They are read column by column: values of a column are alike, so that
 * the processor guesses their types.
 */
export class StoredRows {
  count = 0
  readonly rowids = new Float64Array(BLOCK_ROWS)
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** By column, then by row. */
  readonly #types: Int32Array
  readonly #starts: Int32Array

  constructor(bytes: Uint8Array, columns: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#types = new Int32Array(columns * BLOCK_ROWS)
    this.#starts = new Int32Array(columns * BLOCK_ROWS)
  }

  get isFull(): boolean {
    return this.count === BLOCK_ROWS
  }

  /** Adds the record at [from, to). Missing columns are null. */
  add(rowid: number, from: number, to: number): void {
    const bytes = this.#bytes
    const types = this.#types
    const starts = this.#starts
    const sizes = SIZES
    let at = from
    let header = bytes[at++]
    if (header > 127) {
      header = ((header & 127) << 7) | bytes[at]
      if (bytes[at++] > 127) throw new Unreadable('a record header of more than 16,383 bytes')
    }
    const body = from + header
    let start = body
    let cell = this.count
    for (; at < body && cell < types.length; cell += BLOCK_ROWS) {
      let type = bytes[at++]
      if (type > 127) {
        type &= 127
        for (let more = true; more; at++) {
          type = (type << 7) | (bytes[at] & 127)
          more = bytes[at] > 127
          if (type > 0xff_ffff) throw new Unreadable('a value too long for its page')
        }
      }
      types[cell] = type
      starts[cell] = start
      start += type < BLOB ? sizes[type] : (type - BLOB) >> 1
    }
    if (start > to || body > to) throw new Unreadable('a record beyond its page')
    for (; cell < types.length; cell += BLOCK_ROWS) types[cell] = 0
    this.rowids[this.count++] = rowid
  }

  isNull(column: number, row: number): boolean {
    return this.#types[column * BLOCK_ROWS + row] === 0
  }

  /** Reads integers and reals; NaN for texts. @param none for null @param into gets the rows from index `to` on */
  numbers(column: number, none: number, into: Float64Array, to = 0): void {
    const bytes = this.#bytes
    const types = this.#types
    const starts = this.#starts
    for (let row = 0, cell = column * BLOCK_ROWS; row < this.count; row++, cell++) {
      const at = starts[cell]
      let value: number
      switch (types[cell]) {
        case 0:
          value = none
          break
        case 1:
          value = (bytes[at] << 24) >> 24
          break
        case 2:
          value = ((bytes[at] << 24) >> 16) | bytes[at + 1]
          break
        case 3:
          value = ((bytes[at] << 24) >> 8) | (bytes[at + 1] << 8) | bytes[at + 2]
          break
        case 4:
          value = this.#view.getInt32(at)
          break
        case 5:
          value = this.#view.getInt16(at) * TWO_32 + this.#view.getUint32(at + 2)
          break
        case 6:
          value = this.#view.getInt32(at) * TWO_32 + this.#view.getUint32(at + 4)
          break
        case 7:
          value = this.#view.getFloat64(at)
          break
        case 8:
          value = 0
          break
        case 9:
          value = 1
          break
        default:
          value = Number.NaN
      }
      into[to + row] = value
    }
  }

  /** Start of a text in the file. */
  textStart(column: number, row: number): number {
    return this.#starts[column * BLOCK_ROWS + row]
  }

  /** 0 for other values. */
  textLength(column: number, row: number): number {
    const type = this.#types[column * BLOCK_ROWS + row]
    return type > BLOB && type % 2 === 1 ? (type - BLOB) >> 1 : 0
  }
}

/**
 * Visits all rows in the order of their keys, many at a time, and yields after each page. Returns false if the file cannot be read in this way
 * (some rows may already have been visited).
 */
export function* scanTable(
  bytes: Uint8Array,
  root: number,
  columns: number,
  isIndex: boolean,
  visit: (rows: StoredRows) => void,
): Generator<void, boolean> {
  const pageBytes = ((bytes[16] << 8) | bytes[17]) === 1 ? 65_536 : (bytes[16] << 8) | bytes[17]
  const isPlain = pageBytes >= 512 && bytes[20] === 0 && bytes[59] === 1 && bytes.length % pageBytes === 0
  if (!isPlain) return false
  const pages = bytes.length / pageBytes
  const rows = new StoredRows(bytes, columns)
  const endBlock = (): void => {
    visit(rows)
    rows.count = 0
  }
  let visited = 0
  function* readPage(page: number, depth: number): Generator<void, void> {
    if (!(page >= 1 && page <= pages) || ++visited > pages) throw new Unreadable('a page that is not there, or there twice')
    if (depth > MAX_DEPTH) throw new Unreadable('a b-tree that is too deep')
    const start = (page - 1) * pageBytes
    const head = page === 1 ? start + 100 : start
    const type = bytes[head]
    const cells = (bytes[head + 3] << 8) | bytes[head + 4]
    const isLeaf = type === (isIndex ? LEAF.index : LEAF.table)
    if (!isLeaf && type !== (isIndex ? INTERIOR.index : INTERIOR.table)) throw new Unreadable('a page of another kind')
    if (cells * MIN_CELL_BYTES > pageBytes) throw new Unreadable('more cells than a page has room for')
    const pointers = head + (isLeaf ? 8 : 12)
    for (let cell = 0; cell < cells; cell++) {
      let at = start + ((bytes[pointers + cell * 2] << 8) | bytes[pointers + cell * 2 + 1])
      if (!isLeaf) {
        yield* readPage(read32(bytes, at), depth + 1)
        if (!isIndex) continue // interior pages of a rowid table have keys only; all rows are in leaf pages
        at += 4
      }
      let length = 0
      do length = length * 128 + (bytes[at] & 127)
      while (bytes[at++] > 127)
      let rowid = 0
      if (!isIndex) {
        do rowid = rowid * 128 + (bytes[at] & 127)
        while (bytes[at++] > 127)
      }
      const end = at + length
      if (end > start + pageBytes) throw new Unreadable('a row that overflows its page')
      rows.add(rowid, at, end)
      if (rows.isFull) endBlock()
    }
    if (isLeaf) yield
    else yield* readPage(read32(bytes, head + 8), depth + 1)
  }
  try {
    yield* readPage(root, 1)
    endBlock()
    return true
  } catch (error) {
    if (error instanceof Unreadable) return false
    throw error
  }
}

function read32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

/** Texts that repeat -> numbers. They are compared by their bytes, so that each text is decoded once. */
export class StoredTexts {
  readonly texts: string[] = []
  readonly #bytes: Uint8Array
  /** Hash -> number; a text whose hash is used by another text gets the next free hash. */
  readonly #codes = new Map<number, number>()
  readonly #starts: number[] = []
  readonly #lengths: number[] = []

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Number of the text in a column; -1 for null and "". */
  code(rows: StoredRows, column: number, row: number): number {
    const length = rows.textLength(column, row)
    if (length === 0) return -1
    const start = rows.textStart(column, row)
    let hash = length
    for (let at = start; at < start + length; at++) hash = (Math.imul(hash, 31) + this.#bytes[at]) | 0
    for (let key = hash; ; key++) {
      const code = this.#codes.get(key)
      if (code === undefined) {
        this.#codes.set(key, this.texts.length)
        this.#starts.push(start)
        this.#lengths.push(length)
        return this.texts.push(UTF8.decode(this.#bytes.subarray(start, start + length))) - 1
      }
      if (this.#lengths[code] === length && this.#equals(this.#starts[code], start, length)) return code
    }
  }

  #equals(a: number, b: number, length: number): boolean {
    for (let at = 0; at < length; at++) if (this.#bytes[a + at] !== this.#bytes[b + at]) return false
    return true
  }
}
