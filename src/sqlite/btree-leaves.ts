// Rows in the order of their keys -> leaf pages of a B-tree (SQLite file format 1.6, https://www.sqlite.org/fileformat2.html). They name no other page
// but in what divides them, so they can be made before it is known where in the file they will stand, and by another thread.
import { doubled } from '../column.ts'
import type { SqliteRecord } from './record-writer.ts'
import { varintLength, writeVarint } from './record-writer.ts'

export const PAGE_BYTES = 4096
const LEAF_HEADER_BYTES = 8

/** How a kind of table marks its pages. */
export const PAGE_TYPES = {
  rowid: { leaf: 0x0d, interior: 0x05 },
  withoutRowid: { leaf: 0x0a, interior: 0x02 },
} as const
export type TableKind = keyof typeof PAGE_TYPES

/** The largest record that needs no overflow page: file format 1.6, X for tables with a rowid, and for those without. */
const MAX_PAYLOAD = { rowid: PAGE_BYTES - 35, withoutRowid: Math.floor(((PAGE_BYTES - 12) * 64) / 255) - 23 } as const

/** Takes pages as they are finished; their memory is used again. */
export interface LeafSink {
  /** @param divider the cell content that divides the page from the next one */
  leaf(content: Uint8Array, divider: Uint8Array): void
  /** The table's last page, which may be empty and its only one. */
  last(content: Uint8Array): void
}

/** A page being filled: pointers to its cells grow from its head, the cells from its end. */
export class CellPage {
  readonly bytes = new Uint8Array(PAGE_BYTES)
  readonly view = new DataView(this.bytes.buffer)
  cells = 0
  /** Where the cells begin. */
  content = PAGE_BYTES
  private readonly headerBytes: number

  constructor(headerBytes: number) {
    this.headerBytes = headerBytes
  }

  hasRoom(cellBytes: number): boolean {
    return this.headerBytes + (this.cells + 1) * 2 + cellBytes <= this.content
  }

  /** @returns where the new cell is to be written */
  open(cellBytes: number): number {
    this.content -= cellBytes
    const at = this.headerBytes + this.cells++ * 2
    this.bytes[at] = this.content >> 8
    this.bytes[at + 1] = this.content & 255
    return this.content
  }

  /** Takes the cell opened last out again. @returns its content */
  takeLast(): Uint8Array {
    const at = this.headerBytes + (this.cells - 2) * 2
    const end = this.cells > 1 ? (this.bytes[at] << 8) | this.bytes[at + 1] : PAGE_BYTES
    const cell = this.bytes.slice(this.content, end)
    this.content = end
    this.cells--
    return cell
  }

  /** Completes the header. @returns the page, whose bytes stay until the next cell is opened */
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

/** Makes the leaves of one table. Rows must come in ascending order of their key. */
export class LeafWriter {
  private readonly kind: TableKind
  private readonly sink: LeafSink
  private readonly page = new CellPage(LEAF_HEADER_BYTES)
  private lastRowid = 0

  constructor(kind: TableKind, sink: LeafSink) {
    this.kind = kind
    this.sink = sink
  }

  /** @param rowid only of meaning for tables that have one; an INTEGER PRIMARY KEY column is null in its record */
  add(record: SqliteRecord, rowid: number): void {
    const { length } = record
    if (length > MAX_PAYLOAD[this.kind]) throw new RangeError(`a row of ${length} bytes does not fit into a page`)
    const cellBytes = varintLength(length) + (this.kind === 'rowid' ? varintLength(rowid) : 0) + length
    if (!this.page.hasRoom(cellBytes)) this.endLeaf()
    const { bytes } = this.page
    let at = writeVarint(bytes, this.page.open(cellBytes), length)
    if (this.kind === 'rowid') at = writeVarint(bytes, at, rowid)
    const { bytes: content } = record
    for (let i = 0; i < length; i++) bytes[at + i] = content[i]
    this.lastRowid = rowid
  }

  /** Hands over what is left; the writer must not be used afterwards. */
  finish(): void {
    this.sink.last(this.page.finish(PAGE_TYPES[this.kind].leaf))
  }

  private endLeaf(): void {
    let divider: Uint8Array
    if (this.kind === 'rowid') {
      divider = new Uint8Array(varintLength(this.lastRowid))
      writeVarint(divider, 0, this.lastRowid)
    } else {
      // In a table without rowid a row that divides two pages stands above them and in neither: the page's last one moves up.
      divider = this.page.takeLast()
    }
    this.sink.leaf(this.page.finish(PAGE_TYPES[this.kind].leaf), divider)
  }
}

/** Finished leaves, waiting for their place in a file. Plain data. */
export interface Leaves {
  /** One page after the other, the table's last one at the end. */
  pages: Uint8Array
  /** One between each two pages. */
  dividers: Uint8Array[]
}

/** Keeps leaves until they are wanted. */
export class LeafStore implements LeafSink {
  private pages = new Uint8Array(64 * PAGE_BYTES)
  private readonly dividers: Uint8Array[] = []

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
