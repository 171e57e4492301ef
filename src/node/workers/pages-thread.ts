// The thread behind ThreadPages: numbers in, pages out.
import { parentPort } from 'node:worker_threads'
import { numberFormat } from '../../number-format.ts'
import { makeTrafficPages, type TrafficNumbers } from '../../store/traffic-pages.ts'

// The tables behind number formats are loaded once a process: here, while packets are still read, nobody waits for them.
numberFormat()(0)

parentPort!.on('message', (numbers: TrafficNumbers) => {
  const pages = makeTrafficPages(numbers)
  parentPort!.postMessage(pages, [pages.activity.pages.buffer, pages.packets.pages.buffer] as ArrayBuffer[])
})
