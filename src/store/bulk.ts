// Rows in the order of their keys -> B-tree pages, bottom up (SQLite file format 1.6, https://www.sqlite.org/fileformat2.html).
// The three large tables are written this way: through INSERTs they took half of the time of a whole analysis. SQLite makes the file, the schema and all
// other tables; integrity_check and a second SQLite vouch for the result in the tests.
import type { SqliteRecord } from './record.ts'
import { varintLength, writeVarint } from './record.ts'

const PAGE_BYTES = 4096
const LEAF_HEADER_BYTES = 8
const INTERIOR_HEADER_BYTES = 12
/** File format 1.4: SQLite keeps this page, at 1 GiB, for its locks. */
const LOCK_PAGE = 0x4000_0000 / PAGE_BYTES + 1
/** Offsets in the file's header. */
const PAGE_COUNT_AT = 28

/** How a kind of table marks its pages. */
const PAGE_TYPES = {
  rowid: { leaf: 0x0d, interior: 0x05 },
  withoutRowid: { leaf: 0x0a, interior: 0x02 },
} as const

/** The largest record that needs no overflow page: file format 1.6, X for tables with a rowid, and for those without. */
const MAX_PAYLOAD = { rowid: PAGE_BYTES - 35, withoutRowid: Math.floor(((PAGE_BYTES - 12) * 64) / 255) - 23 } as const

/** Hears of bytes [from, to) of the file that will not change any more; `from` stays the same, `to` grows. */
export type OnFinal = (file: Uint8Array, from: number, to: number) => void

/** Pages between two calls of OnFinal: 1 MiB. */
const PAGES_A_CALL = 256

/** A database file that grows by pages. */
export class PageFile {
  private bytes: Uint8Array
  private pages: number
  private readonly ownBytes: number
  private readonly onFinal: OnFinal | undefined

  /** @param database made by SQLite, with pages of 4096 bytes, without auto-vacuum; its own pages stay open until the end, because roots are among them */
  constructor(database: Uint8Array, onFinal?: OnFinal) {
    this.bytes = database
    this.pages = database.length / PAGE_BYTES
    this.ownBytes = database.length
    this.onFinal = onFinal
  }

  /** To be written before the next one is asked for. @returns the new page's number; numbers count from 1 */
  allocate(): number {
    if (this.pages % PAGES_A_CALL === 0) this.onFinal?.(this.bytes, this.ownBytes, this.pages * PAGE_BYTES)
    this.pages += this.pages + 1 === LOCK_PAGE ? 2 : 1
    if (this.pages * PAGE_BYTES > this.bytes.length) {
      const longer = new Uint8Array(Math.max(this.pages * PAGE_BYTES, this.bytes.length * 2))
      longer.set(this.bytes)
      this.bytes = longer
    }
    return this.pages
  }

  write(page: number, content: Uint8Array): void {
    this.bytes.set(content, (page - 1) * PAGE_BYTES)
  }

  /** The whole file, its header telling the new size. */
  finish(): Uint8Array {
    new DataView(this.bytes.buffer, this.bytes.byteOffset).setUint32(PAGE_COUNT_AT, this.pages)
    return this.bytes.subarray(0, this.pages * PAGE_BYTES)
  }
}

/** A finished page, and the cell content that divides it from the next one. */
interface Child {
  page: number
  divider: Uint8Array
}

/** Fills one empty table. Rows must come in ascending order of their key. */
export class BulkTable {
  private readonly file: PageFile
  private readonly root: number
  private readonly kind: keyof typeof PAGE_TYPES
  private readonly page = new Uint8Array(PAGE_BYTES)
  private cells = 0
  /** Where the cells of the page begin; they grow from its end towards its head. */
  private content = PAGE_BYTES
  private lastRowid = 0
  private readonly children: Child[] = []

  /** @param root the table's root page, from sqlite_schema */
  constructor(file: PageFile, root: number, kind: keyof typeof PAGE_TYPES) {
    this.file = file
    this.root = root
    this.kind = kind
  }

  /** @param rowid only of meaning for tables that have one; an INTEGER PRIMARY KEY column is null in its record */
  add(record: SqliteRecord, rowid: number): void {
    const { length } = record
    if (length > MAX_PAYLOAD[this.kind]) throw new RangeError(`a row of ${length} bytes does not fit into a page`)
    const cellBytes = varintLength(length) + (this.kind === 'rowid' ? varintLength(rowid) : 0) + length
    if (LEAF_HEADER_BYTES + (this.cells + 1) * 2 + cellBytes > this.content) this.endLeaf()
    this.content -= cellBytes
    let at = writeVarint(this.page, this.content, length)
    if (this.kind === 'rowid') at = writeVarint(this.page, at, rowid)
    for (let i = 0; i < length; i++) this.page[at + i] = record.bytes[i]
    this.point(LEAF_HEADER_BYTES, this.content)
    this.lastRowid = rowid
  }

  /** Writes what is left and the levels above; the table must not be used afterwards. */
  finish(): void {
    if (this.children.length === 0) {
      this.write(this.root, PAGE_TYPES[this.kind].leaf)
      return
    }
    this.children.push({ page: this.file.allocate(), divider: new Uint8Array(0) })
    this.write(this.children.at(-1)!.page, PAGE_TYPES[this.kind].leaf)
    let level = this.children
    for (;;) {
      const groups = groupsOf(level)
      if (groups.length === 1) {
        this.writeInterior(this.root, groups[0]!)
        return
      }
      level = groups.map((group) => {
        const page = this.file.allocate()
        this.writeInterior(page, group)
        return { page, divider: group.at(-1)!.divider }
      })
    }
  }

  private endLeaf(): void {
    let divider: Uint8Array
    if (this.kind === 'rowid') {
      divider = new Uint8Array(varintLength(this.lastRowid))
      writeVarint(divider, 0, this.lastRowid)
    } else {
      // In a table without rowid a row that divides two pages stands above them and in neither: the page's last one moves up.
      const end = this.cells > 1 ? this.pointer(this.cells - 2) : PAGE_BYTES
      divider = this.page.slice(this.content, end)
      this.content = end
      this.cells--
    }
    const page = this.file.allocate()
    this.write(page, PAGE_TYPES[this.kind].leaf)
    this.children.push({ page, divider })
  }

  private writeInterior(page: number, group: Child[]): void {
    const view = new DataView(this.page.buffer)
    for (const { page: child, divider } of group.slice(0, -1)) {
      this.content -= 4 + divider.length
      view.setUint32(this.content, child)
      this.page.set(divider, this.content + 4)
      this.point(INTERIOR_HEADER_BYTES, this.content)
    }
    view.setUint32(8, group.at(-1)!.page)
    this.write(page, PAGE_TYPES[this.kind].interior)
  }

  /** Enters a cell into the array of pointers that follows the page's header. */
  private point(headerBytes: number, to: number): void {
    const at = headerBytes + this.cells++ * 2
    this.page[at] = to >> 8
    this.page[at + 1] = to & 255
  }

  private pointer(cell: number): number {
    const at = LEAF_HEADER_BYTES + cell * 2
    return (this.page[at] << 8) | this.page[at + 1]
  }

  /** Completes the page's header, writes the page and begins an empty one. */
  private write(page: number, type: number): void {
    const view = new DataView(this.page.buffer)
    const pointersEnd = (type === PAGE_TYPES[this.kind].leaf ? LEAF_HEADER_BYTES : INTERIOR_HEADER_BYTES) + this.cells * 2
    this.page.fill(0, pointersEnd, this.content)
    view.setUint8(0, type)
    view.setUint16(1, 0)
    view.setUint16(3, this.cells)
    view.setUint16(5, this.content)
    view.setUint8(7, 0)
    this.file.write(page, this.page)
    this.cells = 0
    this.content = PAGE_BYTES
  }
}

/** Children that share a parent page: as many as fit, and never one alone, for a parent needs a divider. */
function groupsOf(children: Child[]): Child[][] {
  const groups: Child[][] = []
  let group: Child[] = []
  let free = PAGE_BYTES - INTERIOR_HEADER_BYTES
  for (const child of children) {
    group.push(child)
    free -= 2 + 4 + child.divider.length
    if (free < 0) {
      // Its divider does not fit any more: it is the page's right-most child, whose divider stands in the level above.
      groups.push(group)
      group = []
      free = PAGE_BYTES - INTERIOR_HEADER_BYTES
    }
  }
  if (group.length === 1) group.unshift(groups.at(-1)!.pop()!)
  if (group.length > 0) groups.push(group)
  return groups
}
