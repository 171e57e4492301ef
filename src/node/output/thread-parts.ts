// The slices of a large database for the page, compressed and written by a thread while the database is: none of them is kept in memory.
import { dirname, join } from 'node:path'
import { PART_BYTES } from '../../publish/manifest.ts'
import type { ByteRanges } from '../../sqlite/byte-ranges.ts'
import { AnsweringThread } from '../workers/answering-thread.ts'
import { DATA_FOLDER, DataParts } from './data-parts.ts'

export interface PartsTask {
  /** Of the database. */
  path: string
  /** Bytes at its beginning that are written last. */
  ownBytes: number
  /** Where the scripts go. */
  folder: string
}

export interface FinalBytes {
  /** End of the bytes that will not change again. */
  to: number
  /** Whether this is the whole file. */
  isWhole: boolean
}

export class ThreadParts extends DataParts {
  private readonly thread: AnsweringThread<null>
  /** Whole slices that the thread knows of. */
  private known = 0

  /** @param path of the database, in the folder of its report @param ownBytes as of PageStore.begin() @param script of the thread */
  constructor(path: string, ownBytes: number, script: URL) {
    super()
    const task: PartsTask = { path, ownBytes, folder: join(dirname(path), DATA_FOLDER) }
    this.thread = new AnsweringThread(script, task)
  }

  /** As addFinal(), from the bytes that are written last on. */
  addFinalBytes(to: number): void {
    const slices = Math.floor(to / PART_BYTES)
    if (slices <= this.known) return
    this.known = slices
    this.send({ to, isWhole: false })
  }

  /** The thread compresses ahead. */
  override start(): this {
    return this
  }

  override async writeScripts(file: ByteRanges): Promise<void> {
    this.send({ to: file.length, isWhole: true })
    await this.thread.answer
  }

  /** May be called again. */
  async close(): Promise<void> {
    await this.thread.close()
  }

  private send(bytes: FinalBytes): void {
    this.thread.send(bytes)
  }
}
