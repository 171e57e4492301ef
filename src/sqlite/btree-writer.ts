// Leaf pages -> a B-tree in the file, bottom up (SQLite file format 1.6, https://www.sqlite.org/fileformat2.html).
// The four large tables are written this way: through INSERTs they took half of the time of a whole analysis. SQLite makes the file, the schema and all
// other tables; integrity_check and a second SQLite vouch for the result in the tests.
import { CellPage, type LeafSink, type Leaves, PAGE_BYTES, PAGE_TYPES, type TableKind } from './btree-leaves.ts'

const INTERIOR_HEADER_BYTES = 12
/** File format 1.4: SQLite keeps this page, at 1 GiB, for its locks. */
const LOCK_PAGE = 0x4000_0000 / PAGE_BYTES + 1
/** Offsets in the file's header. */
const PAGE_COUNT_AT = 28

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

  /**
   * @param database made by SQLite, with pages of 4096 bytes, without auto-vacuum; its own pages stay open until the end, because roots are among them
   * @param room bytes that will be added, by estimate: memory that is not written costs nothing, growing costs a copy of all there is
   */
  constructor(database: Uint8Array, room: number, onFinal?: OnFinal) {
    this.bytes = new Uint8Array(database.length + room)
    this.bytes.set(database)
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

/** Puts one empty table's leaves into the file, in their order, and the levels above them. */
export class BulkTable implements LeafSink {
  private readonly file: PageFile
  private readonly root: number
  private readonly types: { leaf: number; interior: number }
  private readonly children: Child[] = []

  /** @param root the table's root page, from sqlite_schema */
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

  /** Takes over leaves that were made earlier. */
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
