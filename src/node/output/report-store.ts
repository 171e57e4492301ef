// The database of a report while it is written: in memory, or in its file if it is large. Its parts for the page are compressed meanwhile.
import { MemoryPages, type PageStore } from '../../sqlite/btree-writer.ts'
import type { FileRanges } from '../../sqlite/byte-ranges.ts'
import { DataParts } from './data-parts.ts'
import { DatabaseFile } from './database-file.ts'

/** A larger database is not held in memory: less would cost the time to write the file, which otherwise another thread does. */
const LARGE_BYTES = 100 << 20

export class ReportStore implements PageStore {
  readonly parts = new DataParts()
  /** What could not be written, and why. */
  failure: unknown = null
  private readonly path: string
  private readonly hasParts: boolean
  private readonly largeBytes: number
  private store: MemoryPages | DatabaseFile = new MemoryPages()

  /** @param path of the file, which does not exist @param hasParts the report has a page */
  constructor(path: string, hasParts: boolean, largeBytes = LARGE_BYTES) {
    this.path = path
    this.hasParts = hasParts
    this.largeBytes = largeBytes
  }

  /** Complete after end(); what is not an array is in the file. */
  get bytes(): Uint8Array | FileRanges {
    return this.store.bytes
  }

  begin(ownBytes: number, room: number): void {
    this.noteFailure(() => {
      const onFinal = this.hasParts ? this.parts.addFinal.bind(this.parts) : undefined
      if (ownBytes + room <= this.largeBytes) this.store = new MemoryPages(onFinal)
      else {
        const file = new DatabaseFile(onFinal)
        file.open(this.path)
        this.store = file
      }
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
  close(): void {
    if (this.store instanceof DatabaseFile) this.store.close()
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
