// Leaf pages -> a b-tree in the file, built from the leaves up (SQLite file format 1.6, https://www.sqlite.org/fileformat2.html).
// The four large tables are written in this way, because INSERTs took half of the time of an analysis. SQLite makes the file, the schema and
// all other tables. Tests check the result with integrity_check and with a second SQLite.
import { CellPage, type LeafSink, type Leaves, PAGE_BYTES, PAGE_TYPES, type TableKind } from './btree-leaves.ts'

const INTERIOR_HEADER_BYTES = 12
/** File format 1.4: SQLite reserves this page, at 1 GiB, for locks. */
const LOCK_PAGE = 0x4000_0000 / PAGE_BYTES + 1
/** Offsets in the database header. */
const PAGE_COUNT_AT = 28

/** Where the bytes of a file go: from front to back, but the pages that SQLite made last, because they include root pages. */
export interface PageStore {
  /** @param ownBytes of SQLite's pages @param room estimated size of the others */
  begin(ownBytes: number, room: number): void
  /** What is not written is zero. */
  write(content: Uint8Array, at: number): void
  /** @param length of the whole file */
  end(length: number): void
}

/** Called with bytes [from, to) of the file that will not change again; `from` is constant, `to` grows. */
export type OnFinal = (file: Uint8Array, from: number, to: number) => void

/** Bytes between two calls of OnFinal. */
const BYTES_A_CALL = 1 << 20

/** A file in memory. */
export class MemoryPages implements PageStore {
  /** Complete after end(). */
  bytes = new Uint8Array(0)
  private ownBytes = 0
  private readonly onFinal: OnFinal | undefined

  constructor(onFinal?: OnFinal) {
    this.onFinal = onFinal
  }

  /** Unused room costs nothing, but growing copies everything. */
  begin(ownBytes: number, room: number): void {
    this.bytes = new Uint8Array(ownBytes + room)
    this.ownBytes = ownBytes
  }

  write(content: Uint8Array, at: number): void {
    if (at % BYTES_A_CALL === 0 && at >= this.ownBytes) this.onFinal?.(this.bytes, this.ownBytes, at)
    if (at + content.length > this.bytes.length) {
      const longer = new Uint8Array(Math.max(at + content.length, this.bytes.length * 2))
      longer.set(this.bytes)
      this.bytes = longer
    }
    this.bytes.set(content, at)
  }

  end(length: number): void {
    this.bytes = this.bytes.subarray(0, length)
  }
}

/** A database file to which pages are appended. */
export class PageFile {
  private readonly own: Uint8Array
  private readonly store: PageStore
  private pages: number

  /**
   * @param own made by SQLite, with pages of 4096 bytes, without auto-vacuum; these pages may change until finish()
   * @param room estimated size of what will be added
   */
  constructor(own: Uint8Array, store: PageStore, room = 0) {
    this.own = own
    this.store = store
    this.pages = own.length / PAGE_BYTES
    store.begin(own.length, room)
  }

  /** The page must be written before the next call. @returns the number of the new page; numbers start at 1 */
  allocate(): number {
    this.pages += this.pages + 1 === LOCK_PAGE ? 2 : 1
    return this.pages
  }

  write(page: number, content: Uint8Array): void {
    const at = (page - 1) * PAGE_BYTES
    if (at < this.own.length) this.own.set(content, at)
    else this.store.write(content, at)
  }

  /** Completes the file, with the new size in its header. */
  finish(): void {
    new DataView(this.own.buffer, this.own.byteOffset).setUint32(PAGE_COUNT_AT, this.pages)
    this.store.write(this.own, 0)
    this.store.end(this.pages * PAGE_BYTES)
  }
}

/** A finished page, and the cell that separates it from the next page. */
interface Child {
  page: number
  divider: Uint8Array
}

/** Writes the leaf pages of one empty table in their order, and the interior pages above them. */
export class BulkTable implements LeafSink {
  private readonly file: PageFile
  private readonly root: number
  private readonly types: { leaf: number; interior: number }
  private readonly children: Child[] = []

  /** @param root number of the table's root page, from sqlite_schema */
  constructor(file: PageFile, root: number, kind: TableKind) {
    this.file = file
    this.root = root
    this.types = PAGE_TYPES[kind]
  }

  leaf(content: Uint8Array, divider: Uint8Array): void {
    const page = this.file.allocate()
    this.file.write(page, content)
    this.children.push({ page, divider })
  }

  last(content: Uint8Array): void {
    if (this.children.length === 0) this.file.write(this.root, content)
    else {
      this.leaf(content, new Uint8Array(0))
      this.writeLevels()
    }
  }

  /** Adds leaf pages that were made earlier. */
  adopt({ pages, dividers }: Leaves): void {
    const page = (index: number) => pages.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES)
    for (const [index, divider] of dividers.entries()) this.leaf(page(index), divider)
    this.last(page(dividers.length))
  }

  private writeLevels(): void {
    let level = this.children
    for (;;) {
      const groups = groupsOf(level)
      if (groups.length === 1) {
        this.writeInterior(this.root, groups[0])
        return
      }
      level = groups.map((group) => {
        const page = this.file.allocate()
        this.writeInterior(page, group)
        return { page, divider: group.at(-1)!.divider }
      })
    }
  }

  private writeInterior(number: number, group: Child[]): void {
    const page = new CellPage(INTERIOR_HEADER_BYTES)
    for (const { page: child, divider } of group.slice(0, -1)) {
      const at = page.open(4 + divider.length)
      page.view.setUint32(at, child)
      page.bytes.set(divider, at + 4)
    }
    page.view.setUint32(8, group.at(-1)!.page)
    this.file.write(number, page.finish(this.types.interior))
  }
}

/** Splits pages into groups, one for each parent page: as large as possible, but at least two, because a parent needs a separator. */
function groupsOf(children: Child[]): Child[][] {
  const groups: Child[][] = []
  let group: Child[] = []
  let free = PAGE_BYTES - INTERIOR_HEADER_BYTES
  for (const child of children) {
    group.push(child)
    free -= 2 + 4 + child.divider.length
    if (free < 0) {
      // The separator of the last page that fits is stored in the level above, because this page is the right-most child.
      groups.push(group)
      group = []
      free = PAGE_BYTES - INTERIOR_HEADER_BYTES
    }
  }
  if (group.length === 1) group.unshift(groups.at(-1)!.pop()!)
  if (group.length > 0) groups.push(group)
  return groups
}
