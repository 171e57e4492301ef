// Rows in the order of their keys -> leaf pages of a b-tree (SQLite file format 1.6, https://www.sqlite.org/fileformat2.html). Leaf pages hold
// no page numbers; only separator cells link them. So they can be made by another thread, before their place in the file is known.
import { doubled } from '../column.ts'
import type { SqliteRecord } from './record-writer.ts'
import { varintLength, writeVarint } from './record-writer.ts'

export const PAGE_BYTES = 4096
const LEAF_HEADER_BYTES = 8

/** Page types of each kind of table. */
export const PAGE_TYPES = {
  rowid: { leaf: 0x0d, interior: 0x05 },
  withoutRowid: { leaf: 0x0a, interior: 0x02 },
} as const
export type TableKind = keyof typeof PAGE_TYPES

/** Largest record without an overflow page: file format 1.6, X for tables with a rowid and for WITHOUT ROWID tables. */
const MAX_PAYLOAD = { rowid: PAGE_BYTES - 35, withoutRowid: Math.floor(((PAGE_BYTES - 12) * 64) / 255) - 23 } as const

/** Receives finished pages. Their memory is reused after the call. */
export interface LeafSink {
  /** @param divider the cell that separates the page from the next one */
  leaf(content: Uint8Array, divider: Uint8Array): void
  /** The last page of the table, which may be empty. */
  last(content: Uint8Array): void
}

/** A page that is being filled: the cell pointer array grows from the header, the cells from the end of the page. */
export class CellPage {
  readonly bytes = new Uint8Array(PAGE_BYTES)
  readonly view = new DataView(this.bytes.buffer)
  cells = 0
  /** Offset of the cell content area. */
  content = PAGE_BYTES
  private readonly headerBytes: number

  constructor(headerBytes: number) {
    this.headerBytes = headerBytes
  }

  hasRoom(cellBytes: number): boolean {
    return this.headerBytes + (this.cells + 1) * 2 + cellBytes <= this.content
  }

  /** @returns the offset at which to write the new cell */
  open(cellBytes: number): number {
    this.content -= cellBytes
    const at = this.headerBytes + this.cells++ * 2
    this.bytes[at] = this.content >> 8
    this.bytes[at + 1] = this.content & 255
    return this.content
  }

  /** Removes the cell opened last. @returns its content */
  takeLast(): Uint8Array {
    const at = this.headerBytes + (this.cells - 2) * 2
    const end = this.cells > 1 ? (this.bytes[at] << 8) | this.bytes[at + 1] : PAGE_BYTES
    const cell = this.bytes.slice(this.content, end)
    this.content = end
    this.cells--
    return cell
  }

  /** Completes the header. @returns the page; its bytes are valid until the next open() */
  finish(type: number): Uint8Array {
    const { view } = this
    this.bytes.fill(0, this.headerBytes + this.cells * 2, this.content)
    view.setUint8(0, type)
    view.setUint16(1, 0)
    view.setUint16(3, this.cells)
    view.setUint16(5, this.content)
    view.setUint8(7, 0)
    this.cells = 0
    this.content = PAGE_BYTES
    return this.bytes
  }
}

/** Makes the leaf pages of one table. Rows must have ascending keys. */
export class LeafWriter {
  private readonly kind: TableKind
  private readonly sink: LeafSink
  private readonly page = new CellPage(LEAF_HEADER_BYTES)
  private lastRowid = 0

  constructor(kind: TableKind, sink: LeafSink) {
    this.kind = kind
    this.sink = sink
  }

  /** @param rowid used only for tables that have one; an INTEGER PRIMARY KEY column is null in the record */
  add(record: SqliteRecord, rowid: number): void {
    const { length } = record
    if (length > MAX_PAYLOAD[this.kind]) throw new RangeError(`a row of ${length} bytes does not fit into a page`)
    const cellBytes = varintLength(length) + (this.kind === 'rowid' ? varintLength(rowid) : 0) + length
    if (!this.page.hasRoom(cellBytes)) this.endLeaf()
    const { bytes } = this.page
    let at = writeVarint(bytes, this.page.open(cellBytes), length)
    if (this.kind === 'rowid') at = writeVarint(bytes, at, rowid)
    record.writeTo(bytes, at)
    this.lastRowid = rowid
  }

  /** Writes the last page; the writer must not be used afterwards. */
  finish(): void {
    this.sink.last(this.page.finish(PAGE_TYPES[this.kind].leaf))
  }

  private endLeaf(): void {
    let divider: Uint8Array
    if (this.kind === 'rowid') {
      divider = new Uint8Array(varintLength(this.lastRowid))
      writeVarint(divider, 0, this.lastRowid)
    } else {
      // In a WITHOUT ROWID table the separator row is in the parent page and not in a leaf: the last row of the page moves up.
      divider = this.page.takeLast()
    }
    this.sink.leaf(this.page.finish(PAGE_TYPES[this.kind].leaf), divider)
  }
}

/** Finished leaf pages, before they have a place in a file. Plain data. */
export interface Leaves {
  /** All pages, the table's last one at the end. */
  pages: Uint8Array
  /** The separator cells between pages. */
  dividers: Uint8Array[]
}

/** The rows of a table: pages that were made before, or a function that gives them when they are written. */
export type TableRows = Leaves | ((table: LeafSink) => void)

/** Stores leaf pages until they are written. */
export class LeafStore implements LeafSink {
  private pages: Uint8Array<ArrayBuffer>
  private readonly dividers: Uint8Array[] = []

  /** @param room estimated bytes: what is not used costs nothing, but growing copies everything */
  constructor(room = 0) {
    this.pages = new Uint8Array(Math.max(4, Math.ceil(room / PAGE_BYTES)) * PAGE_BYTES)
  }

  leaf(content: Uint8Array, divider: Uint8Array): void {
    this.keep(content)
    this.dividers.push(divider)
  }

  last(content: Uint8Array): void {
    this.keep(content)
  }

  /** Call after last(). */
  leaves(): Leaves {
    return { pages: this.pages.subarray(0, (this.dividers.length + 1) * PAGE_BYTES), dividers: this.dividers }
  }

  private keep(content: Uint8Array): void {
    const at = this.dividers.length * PAGE_BYTES
    if (at === this.pages.length) this.pages = doubled(this.pages)
    this.pages.set(content, at)
  }
}
