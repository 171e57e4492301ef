// The slices of a large database for the page, compressed and written by a thread while the database is: none of them is kept in memory.
// When the database is whole, a second thread helps.
import { dirname, join } from 'node:path'
import { PART_BYTES, partsOf } from '../../publish/manifest.ts'
import type { ByteRanges } from '../../sqlite/byte-ranges.ts'
import { AnsweringThread } from '../workers/answering-thread.ts'
import { DATA_FOLDER, DataParts } from './data-parts.ts'
import { allWritten } from './publish.ts'

/** Slices that are worth the start of a second thread. */
const MANY = 4

export interface PartsTask {
  /** Of the database. */
  path: string
  /** Bytes at its beginning that are written last. */
  ownBytes: number
  /** Where the scripts go. */
  folder: string
  /** Number of slices that a thread has taken; in memory that both share. */
  taken: Int32Array
}

export interface FinalBytes {
  /** End of the bytes that will not change again. */
  to: number
  /** Whether this is the whole file. */
  isWhole: boolean
}

export class ThreadParts extends DataParts {
  private readonly task: PartsTask
  private readonly script: URL
  private readonly threads: AnsweringThread<null>[]
  /** Whole slices that the thread knows of. */
  private known = 0

  /** @param path of the database, in the folder of its report @param ownBytes as of PageStore.begin() @param script of the threads */
  constructor(path: string, ownBytes: number, script: URL) {
    super()
    this.task = { path, ownBytes, folder: join(dirname(path), DATA_FOLDER), taken: new Int32Array(new SharedArrayBuffer(4)) }
    this.script = script
    this.threads = [new AnsweringThread(script, this.task)]
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
    const left = partsOf(file.length) - Atomics.load(this.task.taken, 0)
    if (left >= MANY) this.threads.push(new AnsweringThread(this.script, this.task))
    this.send({ to: file.length, isWhole: true })
    await allWritten(this.threads.map(({ answer }) => answer))
  }

  /** May be called again. */
  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()))
  }

  private send(bytes: FinalBytes): void {
    for (const thread of this.threads) thread.send(bytes)
  }
}
