// The thread of ThreadPages: numbers in, b-tree pages out.
import { parentPort } from 'node:worker_threads'
import { numberFormat } from '../../number-format.ts'
import { type TrafficNumbers, turnIntoPages } from '../../store/traffic-pages.ts'

// Number formats load their tables once per process: here, while packets are read, it delays nothing.
numberFormat()(0)

// One message: without a listener the thread ends, and the rows of activity are freed while the analysis goes on.
parentPort!.once('message', (numbers: TrafficNumbers) => {
  const pages = turnIntoPages(numbers)
  parentPort!.postMessage(pages, [pages.activity.pages.buffer, pages.packets.pages.buffer] as ArrayBuffer[])
})
