// A thread that receives messages, answers once or twice and is terminated, because it uses much memory. No thread may end by itself: its event loop then waits for V8's compilers, which
// may wait for it to collect garbage, for ever (nodejs/node#54918).
import { type MessagePort, Worker } from 'node:worker_threads'

export class AnsweringThread<Answer, Second = never> {
  /** Reject if the thread fails. */
  readonly answer: Promise<Answer>
  readonly second: Promise<Second>
  private readonly worker: Worker

  constructor(file: URL, workerData?: unknown, answers: 1 | 2 = 1) {
    this.worker = new Worker(file, { workerData })
    const settle: ((message: never) => void)[] = []
    const next = <Message>() => {
      const message = new Promise<Message>((resolve, reject) => {
        settle.push(resolve)
        this.worker.on('error', reject)
      })
      message.catch(() => {}) // reported where it is awaited
      return message
    }
    this.answer = next<Answer>()
    this.second = next<Second>()
    // One listener for both: what a thread that has ended left behind comes without a pause in between.
    let count = 0
    this.worker.on('message', (message) => {
      settle[count++](message as never)
      if (count === answers) void this.close()
    })
  }

  /** @param moved arrays and ports that are transferred: arrays are empty afterwards */
  send(message: unknown, moved: (ArrayBufferView | MessagePort)[] = []): void {
    this.worker.postMessage(
      message,
      moved.map((item) => (ArrayBuffer.isView(item) ? (item.buffer as ArrayBuffer) : item)),
    )
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }
}
