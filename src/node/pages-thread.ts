// The thread behind ThreadPages: numbers in, pages out.
import { parentPort } from 'node:worker_threads'
import { makeTrafficPages, type TrafficNumbers } from '../store/traffic-pages.ts'

parentPort!.on('message', (numbers: TrafficNumbers) => {
  const pages = makeTrafficPages(numbers)
  parentPort!.postMessage(pages, [pages.activity.pages.buffer, pages.packets.pages.buffer] as ArrayBuffer[])
})
