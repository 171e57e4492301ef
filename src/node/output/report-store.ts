// The database of a report while it is written: in memory, or in its file if it is large. Its parts for the page are compressed meanwhile.
import { MemoryPages, type PageStore } from '../../sqlite/btree-writer.ts'
import type { FileRanges } from '../../sqlite/byte-ranges.ts'
import type { ReportInputs } from '../../types.ts'
import { scriptFile } from '../paths.ts'
import { DataParts } from './data-parts.ts'
import { DatabaseFile } from './database-file.ts'
import { ThreadParts } from './thread-parts.ts'

/** A larger database is not held in memory: less would cost the time to write the file, which otherwise another thread does. */
const LARGE_BYTES = 100 << 20

export class ReportStore implements PageStore {
  parts = new DataParts()
  /** What could not be written, and why. */
  failure: unknown = null
  private readonly path: string
  private readonly pages: ReportInputs['pages']
  private readonly largeBytes: number
  private readonly thread: URL
  private store: MemoryPages | DatabaseFile = new MemoryPages()

  /** @param path of the file, which does not exist, in the report's folder @param pages of the report @param thread as of ThreadParts */
  constructor(path: string, pages: ReportInputs['pages'], { largeBytes = LARGE_BYTES, thread = scriptFile('parts-thread') } = {}) {
    this.path = path
    this.pages = pages
    this.largeBytes = largeBytes
    this.thread = thread
  }

  /** Complete after end(); what is not an array is in the file. */
  get bytes(): Uint8Array | FileRanges {
    return this.store.bytes
  }

  begin(ownBytes: number, room: number): void {
    this.noteFailure(() => {
      if (ownBytes + room <= this.largeBytes)
        this.store = new MemoryPages(this.pages === 'none' ? undefined : this.parts.addFinal.bind(this.parts))
      else this.store = this.openFile(ownBytes)
      this.store.begin(ownBytes, room)
    })
  }

  write(content: Uint8Array, at: number): void {
    this.noteFailure(() => this.store.write(content, at))
  }

  end(length: number): void {
    this.noteFailure(() => this.store.end(length))
  }

  /** May be called again. */
  async close(): Promise<void> {
    if (this.parts instanceof ThreadParts) await this.parts.close()
    if (this.store instanceof DatabaseFile) this.store.close()
  }

  private openFile(ownBytes: number): DatabaseFile {
    let thread: ThreadParts | null = null
    const file = new DatabaseFile((to) => thread?.addFinalBytes(to))
    file.open(this.path)
    if (this.pages === 'folder') this.parts = thread = new ThreadParts(this.path, ownBytes, this.thread)
    return file
  }

  private noteFailure(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.failure = error
      throw error
    }
  }
}
