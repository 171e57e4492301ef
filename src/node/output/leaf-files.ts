// Leaf pages of tables -> small files in a draft, until the database that they belong to has a place for them. A file is gone when its pages are taken: the
// disk needs room for all pages once and not twice, and the system gives the memory of what is gone to what is written next.
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { type LeafSink, PAGE_BYTES } from '../../sqlite/btree-leaves.ts'
import { readAt } from '../read-at.ts'

/** Pages of a file. */
const PAGES = 256

/** Successive pages of a table in a file. The last page of a table has no divider. Plain data. */
export interface FiledLeaves {
  path: string
  pages: number
  dividers: Uint8Array[]
}

/** Tables are written one after the other. */
export class LeafFiles implements LeafSink {
  private readonly path: string
  private readonly onFile: (leaves: FiledLeaves) => void
  private readonly content = new Uint8Array(PAGES * PAGE_BYTES)
  private pages = 0
  private dividers: Uint8Array[] = []
  private files = 0

  /** @param path to which each file's name adds its number @param onFile called with each file as soon as it is there; its pages are of one table */
  constructor(path: string, onFile: (leaves: FiledLeaves) => void) {
    this.path = path
    this.onFile = onFile
  }

  /** @throws the system's error, as last() */
  leaf(content: Uint8Array, divider: Uint8Array): void {
    this.dividers.push(divider)
    this.add(content)
  }

  last(content: Uint8Array): void {
    this.add(content)
    if (this.pages > 0) this.write()
  }

  private add(content: Uint8Array): void {
    this.content.set(content, PAGE_BYTES * this.pages++)
    if (this.pages === PAGES) this.write()
  }

  private write(): void {
    const { pages, dividers } = this
    const path = `${this.path}-${this.files++}`
    writeFileSync(path, this.content.subarray(0, PAGE_BYTES * pages), { flag: 'wx' })
    this.pages = 0
    this.dividers = []
    this.onFile({ path, pages, dividers })
  }
}

/** Used again for each file that is read. */
const READ = new Uint8Array(PAGES * PAGE_BYTES)

/** Gives the pages to the sink, which may have got those before them, and removes the file. @throws the system's error */
export function takeLeaves({ path, pages, dividers }: FiledLeaves, sink: LeafSink): void {
  const content = READ.subarray(0, pages * PAGE_BYTES)
  const file = openSync(path, 'r')
  const count = readAt(file, content, 0)
  closeSync(file)
  if (count < content.length) throw new RangeError(`${path} ends at byte ${count} of ${content.length}`)
  unlinkSync(path)
  for (let page = 0; page < pages; page++) {
    const leaf = content.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
    if (page < dividers.length) sink.leaf(leaf, dividers[page])
    else sink.last(leaf)
  }
}
