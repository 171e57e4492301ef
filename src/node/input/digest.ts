// A file, or its chunks -> SHA-256, in a separate thread.

import { createHash, type Hash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { scriptFile } from '../paths.ts'

/** Reply of the thread: null for each chunk, the hex digest at the end. */
export type DigestReply = string | null

/** Hashes chunks in the order given. */
export interface Digest {
  /** @param chunk must not be changed until settled() resolves */
  update(chunk: Uint8Array): void
  /** Resolves when at most `pending` chunks are still being hashed. */
  settled(pending: number): Promise<void>
  /** Hex digest of all chunks; null if none is made. */
  finish(): Promise<string | null>
  close(): Promise<void>
}

/** For small files: starting a thread takes longer than hashing them. */
export class InlineDigest implements Digest {
  private readonly hash: Hash = createHash('sha256')

  update(chunk: Uint8Array): void {
    this.hash.update(chunk)
  }
  async settled(): Promise<void> {}
  async finish(): Promise<string> {
    return this.hash.digest('hex')
  }
  async close(): Promise<void> {}
}

/** For files whose digest is known, or not wanted. */
export class NoDigest implements Digest {
  update(): void {}
  async settled(): Promise<void> {}
  async finish(): Promise<null> {
    return null
  }
  async close(): Promise<void> {}
}

/** Chunks must be in shared memory, so that nothing is copied between the threads. */
export class ThreadDigest implements Digest {
  private readonly worker = new Worker(scriptFile('digest-thread'))
  private pending = 0
  private result: string | null = null
  private failure: Error | null = null
  private resume: () => void = () => {}

  constructor() {
    this.worker.on('message', (reply: DigestReply) => {
      if (reply === null) this.pending--
      else this.result = reply
      this.resume()
    })
    this.worker.on('error', (error) => {
      this.failure = error
      this.resume()
    })
  }

  update(chunk: Uint8Array): void {
    this.pending++
    this.worker.postMessage(chunk)
  }

  settled(pending: number): Promise<void> {
    return this.until(() => this.pending <= pending)
  }

  async finish(): Promise<string> {
    this.worker.postMessage(null)
    await this.until(() => this.result !== null)
    return this.result!
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }

  private async until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      if (this.failure !== null) throw this.failure
      await new Promise<void>((resolve) => {
        this.resume = resolve
      })
    }
  }
}

/** A thread reads the file itself: the reader's chunks then stay in its own core's cache. */
export class FileDigest implements Digest {
  private readonly worker = new Worker(scriptFile('digest-thread'))
  private readonly result: Promise<string>

  /** @param fd of a regular file; stays open until close() */
  constructor(fd: number) {
    this.result = new Promise((resolve, reject) => {
      this.worker.on('message', resolve)
      this.worker.on('error', reject)
    })
    this.result.catch(() => {}) // finish() reports the error
    this.worker.postMessage(fd)
  }

  update(): void {}
  async settled(): Promise<void> {}
  finish(): Promise<string> {
    return this.result
  }
  async close(): Promise<void> {
    await this.worker.terminate()
  }
}
