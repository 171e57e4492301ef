// The pages of the two tables of numbers: if they are large, made by a worker while the analysis locates hosts and runs rules.
import type { PageMaker } from '../analyze.ts'
import { MANY_ROWS, makeTrafficPages, type TrafficNumbers, type TrafficPages } from '../store/traffic-pages.ts'
import { startWorker } from './start-worker.ts'

/** First of all, that it has started: a browser may refuse a worker, which its maker learns only later. */
export type FromPages = 'started' | { pages: TrafficPages } | { error: string }

export class WorkerPages implements PageMaker {
  private readonly text: string
  private worker: Worker | null = null
  private isStarted = false
  private settle: (message: Exclude<FromPages, 'started'>) => void = () => {}

  /** @param text of pages.worker.ts */
  constructor(text: string) {
    this.text = text
  }

  follow(rows: number): void {
    if (rows < MANY_ROWS || this.worker !== null) return
    this.worker = startWorker(this.text)
    if (this.worker === null) return
    this.worker.onmessage = ({ data }: MessageEvent<FromPages>) => {
      if (data === 'started') this.isStarted = true
      else this.settle(data)
    }
    this.worker.onerror = (event) => {
      event.preventDefault()
      this.settle({ error: event.message })
    }
  }

  async make(numbers: TrafficNumbers): Promise<TrafficPages> {
    const { worker } = this
    const { activity, packets } = numbers
    if (worker === null || !this.isStarted || activity.count < MANY_ROWS) return makeTrafficPages(numbers)
    const answer = new Promise<Exclude<FromPages, 'started'>>((resolve) => {
      this.settle = resolve
    })
    const arrays = [activity.ints, packets.flow, packets.timeUs, packets.bytes, packets.direction, packets.tcpFlags]
    worker.postMessage(
      numbers,
      arrays.map(({ buffer }) => buffer as ArrayBuffer),
    )
    const message = await answer
    if ('error' in message) throw new Error(message.error)
    return message.pages
  }

  close(): void {
    this.worker?.terminate()
    this.worker = null
  }
}
