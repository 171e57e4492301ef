// The thread of ThreadPages: numbers in, b-tree pages (TrafficPages) out; then conversations in, their pages in files out (FiledPart).
import { type MessagePort, parentPort } from 'node:worker_threads'
import type { ConcludedFlows } from '../../analysis.ts'
import { TcpRecords } from '../../health/tcp-records.ts'
import { numberFormat } from '../../number-format.ts'
import { flowsOf, writeFlows } from '../../store/flow-pages.ts'
import { writeTcp } from '../../store/tcp-pages.ts'
import { type PartOfTable, type TrafficNumbers, type TrafficPages, turnIntoPages } from '../../store/traffic-pages.ts'
import { type FiledLeaves, LeafFiles } from '../output/leaf-files.ts'

export interface ThreadFlows extends ConcludedFlows {
  /** As of LeafFiles. */
  leafFiles: string
  /** Where each FiledPart goes to. */
  parts: MessagePort
}

export interface FiledPart {
  table: PartOfTable['table']
  leaves: FiledLeaves
}

// Number formats load their tables once per process: here, while packets are read, it delays nothing.
numberFormat()(0)

// Two messages, each with a listener of its own: the rows of activity are freed while the analysis goes on.
parentPort!.once('message', (numbers: TrafficNumbers) => {
  const pages: TrafficPages = turnIntoPages(numbers)
  parentPort!.postMessage(pages, [pages.activity.pages.buffer, pages.packets.pages.buffer] as ArrayBuffer[])
  const { isFirstClient } = numbers
  parentPort!.once('message', ({ leafFiles, parts, tcp: memory, ...data }: ThreadFlows) => {
    let table: FiledPart['table'] = 'flows'
    const files = new LeafFiles(leafFiles, (leaves) => parts.postMessage({ table, leaves } satisfies FiledPart))
    const conversations = flowsOf(data)
    writeFlows(files, conversations, isFirstClient, data.names)
    table = 'tcp'
    writeTcp(files, new TcpRecords(conversations.table, memory), isFirstClient)
    parts.close()
    parentPort!.ref() // it does not end by itself (answering-thread.ts)
    parentPort!.postMessage(null)
  })
})
