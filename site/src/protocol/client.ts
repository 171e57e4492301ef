// The page's side of the worker: typed questions with an id, answers as promises.
import type { Report } from '../model/report.ts'
import type { FromWorker, Questions, ToWorker } from './messages.ts'
import { WorkerHost } from './worker-host.ts'

export class ReportClient {
  readonly opened: Promise<Report>
  /** Of the database that is being opened. */
  #opening: { resolve(report: Report): void; reject(error: Error): void } | null = null
  readonly #host = new WorkerHost()
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #lastId = 0

  constructor() {
    this.opened = this.#nextOpened()
    this.#host.onmessage = (message) => {
      const data = message as FromWorker
      if (data.type === 'opened') this.#opening?.resolve(data.report)
      else if (data.type === 'failed') this.#opening?.reject(new Error(data.message))
      else if (data.type !== 'started') this.#settle(data)
    }
    this.#host.onerror = (error) => this.#opening?.reject(error)
  }

  /** `era`: after a clock jump, number of the part to be shown, from 1; 0 for the main one. */
  begin(bytes: number, parts: number, era: number): void {
    this.#send({ type: 'begin', bytes, parts, era })
  }

  addPart(base64: string, offset: number, length: number): void {
    this.#send({ type: 'part', base64, offset, length })
  }

  /** Hands over a database that is in one piece already, instead of begin() and addPart(). */
  whole(bytes: ArrayBuffer, isLive: boolean): void {
    this.#host.postMessage({ type: 'whole', bytes, isLive } satisfies ToWorker, [bytes])
  }

  /** Replaces the database that is open. */
  reopen(bytes: ArrayBuffer, isLive: boolean): Promise<Report> {
    const opened = this.#nextOpened()
    this.whole(bytes, isLive)
    return opened
  }

  /** Rejects with the worker's error, or with `signal.reason` when the question is cancelled. */
  ask<About extends keyof Questions>(
    about: About,
    question: Questions[About]['question'],
    signal?: AbortSignal,
  ): Promise<Questions[About]['answer']> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      signal?.addEventListener(
        'abort',
        () => {
          if (!this.#waiting.delete(id)) return
          this.#send({ type: 'drop', id })
          reject(signal.reason)
        },
        { once: true },
      )
      this.#send({ type: 'ask', id, about, question })
    })
  }

  #nextOpened(): Promise<Report> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject }
    })
  }

  #settle(data: Extract<FromWorker, { id: number }>): void {
    const waiting = this.#waiting.get(data.id)
    this.#waiting.delete(data.id)
    if (data.type === 'answer') waiting?.resolve(data.answer)
    else waiting?.reject(new Error(data.message))
  }

  #send(message: ToWorker): void {
    this.#host.postMessage(message)
  }
}
