// The thread of ThreadPages: numbers and ends in, b-tree pages and digests of Community IDs out.
import { parentPort } from 'node:worker_threads'
import { type IdColumns, idDigests } from '../../flows/id-digests.ts'
import { numberFormat } from '../../number-format.ts'
import { type TrafficNumbers, type TrafficPages, turnIntoPages } from '../../store/traffic-pages.ts'

// Number formats load their tables once per process: here, while packets are read, it delays nothing.
numberFormat()(0)

// Two messages: without a listener the thread ends, and the rows of activity are freed while the analysis goes on.
parentPort!.once('message', (numbers: TrafficNumbers) => {
  const pages = turnIntoPages(numbers)
  parentPort!.once('message', (ids: IdColumns) => {
    const digests = idDigests(ids)
    const answer: TrafficPages = { ...pages, idDigests: digests }
    parentPort!.postMessage(answer, [pages.activity.pages.buffer, pages.packets.pages.buffer, digests.buffer] as ArrayBuffer[])
  })
})
