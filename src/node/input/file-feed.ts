// A large file -> Feed: a thread reads it into a ring buffer in shared memory and hashes it, so that the analysis need not.

import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Feed } from '../../input/feed.ts'
import { scriptFile } from '../paths.ts'

/**
 * Indices in FileRing.control. Waking a thread costs more than hashing a slot, so each side states what it waits for and is woken only for that.
 * FILLED, TAKEN: slots filled and returned since the start. RESUME: value of TAKEN at which the reader must be woken. IS_WAITING: the analysis waits.
 */
export const FILLED = 0
export const TAKEN = 1
export const RESUME = 2
export const IS_WAITING = 3
const CONTROLS = 4

/** Start data of the thread, which then receives files. All arrays are in shared memory. */
export interface FileRing {
  slots: Uint8Array[]
  slotBytes: number
  control: Int32Array
  /** Number of bytes in each slot. */
  lengths: Int32Array
}

/** A file for the thread. */
export interface FileTask {
  fd: number
  isHashed: boolean
}

/** Message of the thread at the end of a file. */
export interface FileEnd {
  /** Null if it was not wanted. */
  sha256: string | null
  /** Why reading failed. */
  error: { code: string; message: string } | null
}

const SLOTS = 16
/** A slot stays in the core's cache until it is hashed. */
const SLOT_BYTES = 512 << 10
/** Time after which the analysis handles signals and timers. */
const TURN_MS = 10
/** Longest blocking wait for a slot; then signals and timers are handled. */
const MAX_WAIT_MS = 5

/** Starting a thread takes longer than reading a medium-sized file: threads are reused for the next file. */
class ReadingThread implements FileRing {
  readonly slots = Array.from({ length: SLOTS }, () => new Uint8Array(new SharedArrayBuffer(SLOT_BYTES)))
  readonly slotBytes = SLOT_BYTES
  readonly control = new Int32Array(new SharedArrayBuffer(4 * CONTROLS))
  readonly lengths = new Int32Array(new SharedArrayBuffer(4 * SLOTS))
  hasFailed = false
  private readonly worker: Worker
  private settle: (end: FileEnd) => void = () => {}

  constructor() {
    const { slots, slotBytes, control, lengths } = this
    this.worker = new Worker(scriptFile('file-thread'), { workerData: { slots, slotBytes, control, lengths } satisfies FileRing })
    this.worker.on('message', (end: FileEnd) => this.settle(end))
    this.worker.on('error', (error) => {
      this.hasFailed = true
      this.settle({ sha256: null, error: { code: '', message: error.message } })
    })
  }

  read(task: FileTask): Promise<FileEnd> {
    this.control.fill(0)
    this.worker.ref()
    const ended = new Promise<FileEnd>((resolve) => {
      this.settle = resolve
    })
    this.worker.postMessage(task)
    return ended
  }

  /** While it waits, the thread does not keep the process running. */
  unref(): void {
    this.worker.unref()
  }

  terminate(): Promise<number> {
    return this.worker.terminate()
  }
}

/** Idle threads. */
const resting: ReadingThread[] = []
const MAX_RESTING = 2

/** A regular file. The thread reads ahead by at most the ring's size. */
export class ThreadFeed implements Feed {
  /** Number of files that threads are reading. */
  static open = 0
  private readonly thread: ReadingThread
  private readonly slots: Uint8Array[]
  private readonly control: Int32Array
  private readonly lengths: Int32Array
  private readonly release: () => Promise<void>
  private readonly ended: Promise<FileEnd>
  private end: FileEnd | null = null
  private isClosed = false
  private given = 0
  private nextTurn = 0

  /** @param release closes the file */
  constructor(task: FileTask, release: () => Promise<void>) {
    ThreadFeed.open++
    this.release = release
    this.thread = resting.pop() ?? new ReadingThread()
    this.slots = this.thread.slots
    this.control = this.thread.control
    this.lengths = this.thread.lengths
    this.ended = this.thread.read(task).then((end) => {
      this.end = end
      return end
    })
  }

  async next(): Promise<Uint8Array> {
    Atomics.store(this.control, TAKEN, this.given)
    if (Atomics.load(this.control, RESUME) === this.given) Atomics.notify(this.control, TAKEN)
    if (performance.now() >= this.nextTurn) await this.takeTurn()
    while (Atomics.load(this.control, FILLED) === this.given) {
      // The end message comes after the last slot was filled: check again.
      if (this.end !== null && Atomics.load(this.control, FILLED) === this.given) {
        const { error } = this.end
        if (error !== null) throw Object.assign(new Error(error.message), { code: error.code })
        return new Uint8Array(0)
      }
      Atomics.store(this.control, IS_WAITING, 1)
      Atomics.wait(this.control, FILLED, this.given, MAX_WAIT_MS)
      Atomics.store(this.control, IS_WAITING, 0)
      await this.takeTurn()
    }
    const index = this.given++ % SLOTS
    return this.slots[index].subarray(0, this.lengths[index])
  }

  isWaiting(): boolean {
    return Atomics.load(this.control, FILLED) === this.given && this.end === null
  }

  /** Handles signals, timers and messages. */
  private async takeTurn(): Promise<void> {
    await setImmediate()
    this.nextTurn = performance.now() + TURN_MS
  }

  async digest(): Promise<string | null> {
    return (await this.ended).sha256
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    ThreadFeed.open--
    const { thread } = this
    if (this.end !== null && !thread.hasFailed && resting.length < MAX_RESTING) {
      resting.push(thread)
      thread.unref()
    } else await thread.terminate()
    await this.release()
  }
}
