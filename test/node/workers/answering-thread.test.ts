// Threads that answer once or twice: no answer is lost, and a failure is told.
import { expect, test } from 'vitest'
import { AnsweringThread } from '../../../src/node/workers/answering-thread.ts'

const threadOf = (body: string) =>
  new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort, workerData } from 'node:worker_threads';${body}`)}`)

test('both answers arrive, also where the main thread was busy until the thread had ended', async () => {
  const flag = new Int32Array(new SharedArrayBuffer(4))
  const thread = new AnsweringThread<string, string>(
    threadOf("parentPort.postMessage('one');parentPort.postMessage('two');Atomics.store(workerData, 0, 1);Atomics.notify(workerData, 0)"),
    flag,
    2,
  )
  Atomics.wait(flag, 0, 0, 20_000)
  Atomics.wait(flag, 0, 1, 300) // the thread has ended
  expect([await thread.answer, await thread.second]).toEqual(['one', 'two'])
  await thread.close()
})

test('one answer', async () => {
  const thread = new AnsweringThread<number>(threadOf("parentPort.once('message', (n) => parentPort.postMessage(n + 1))"))
  thread.send(41)
  expect(await thread.answer).toBe(42)
})

test('a thread that fails after its first answer', async () => {
  const thread = new AnsweringThread<string, string>(
    threadOf("parentPort.postMessage('one');setTimeout(() => { throw new Error('broken') }, 50)"),
    undefined,
    2,
  )
  expect(await thread.answer).toBe('one')
  await expect(thread.second).rejects.toThrow('broken')
})
