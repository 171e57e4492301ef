// A pool that is closed while a query runs: the process waits for the thread's end, whatever the thread still answers.
import { EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { DatabaseThreads } from '../../../src/node/workers/database-threads.ts'

/** Ends when told; whether it keeps the process running is as in Node: ref() and terminate() make it do so, unref() ends that. */
class FakeWorker extends EventEmitter {
  keepsRunning = true
  isTerminated = false
  ref(): void {
    this.keepsRunning = true
  }
  unref(): void {
    this.keepsRunning = false
  }
  postMessage(): void {}
  terminate(): Promise<void> {
    this.ref()
    this.isTerminated = true
    return new Promise((resolve) => this.once('exit', () => resolve()))
  }
}

test('a closed pool keeps the process running until its thread has ended, even if that still answers', async () => {
  const worker = new FakeWorker()
  const threads = new DatabaseThreads({ threads: 1, start: () => worker as unknown as Worker })
  const first = threads.query({ version: 'a', content: new Uint8Array() }, 'first', null)
  const second = threads.query({ version: 'a', content: new Uint8Array() }, 'second', null)
  const failed = expect(first).rejects.toThrow('no database')
  worker.emit('message', { open: '', error: 'no database' })
  await failed
  let isClosed = false
  const closed = threads.close().then(() => {
    isClosed = true
  })
  expect(worker.isTerminated).toBe(true)
  const alsoFailed = expect(second).rejects.toThrow('no database')
  worker.emit('message', { open: '', error: 'no database' })
  await alsoFailed
  await turn()
  expect(isClosed).toBe(false)
  expect(worker.keepsRunning).toBe(true)
  worker.emit('exit', 1)
  await closed
})

test('a thread without a query does not keep the process running', async () => {
  const worker = new FakeWorker()
  const threads = new DatabaseThreads({ threads: 1, start: () => worker as unknown as Worker })
  const answer = threads.query({ version: 'a', content: new Uint8Array() }, 'first', null)
  expect(worker.keepsRunning).toBe(true)
  worker.emit('message', { open: 'a', answer: 7 })
  expect(await answer).toBe(7)
  await turn()
  expect(worker.keepsRunning).toBe(false)
})
