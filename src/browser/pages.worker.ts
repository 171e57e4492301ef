// The worker of WorkerPages: numbers in, b-tree pages out.
import { type TrafficNumbers, turnIntoPages } from '../store/traffic-pages.ts'
import type { FromPages } from './pages.ts'

declare const self: {
  onmessage: (event: { data: TrafficNumbers }) => void
  postMessage(message: FromPages, transfer?: Transferable[]): void
}

self.onmessage = ({ data }) => {
  try {
    const pages = turnIntoPages(data)
    self.postMessage({ pages }, [pages.activity.pages.buffer, pages.packets.pages.buffer] as ArrayBuffer[])
  } catch (error) {
    self.postMessage({ error: String(error) })
  }
}

self.postMessage('started')
