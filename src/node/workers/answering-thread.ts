// A thread that receives messages, answers once and ends, because it uses much memory.
import { Worker } from 'node:worker_threads'

export class AnsweringThread<Answer> {
  /** Rejects if the thread fails. */
  readonly answer: Promise<Answer>
  private readonly worker: Worker

  constructor(file: URL, workerData?: unknown) {
    this.worker = new Worker(file, { workerData })
    this.answer = new Promise((resolve, reject) => {
      this.worker.on('error', reject)
      this.worker.on('message', (answer: Answer) => {
        resolve(answer)
        void this.close()
      })
    })
    this.answer.catch(() => {}) // reported where it is awaited
  }

  /** @param moved arrays that are transferred: they are empty afterwards */
  send(message: unknown, moved: ArrayBufferView[] = []): void {
    this.worker.postMessage(
      message,
      moved.map((array) => array.buffer as ArrayBuffer),
    )
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }
}
