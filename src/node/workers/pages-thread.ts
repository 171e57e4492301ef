// The thread of ThreadPages: numbers in, b-tree pages (TrafficPages) out; then conversations in, their pages (FiledConversations) in a file out.
import { parentPort } from 'node:worker_threads'
import type { ConcludedFlows } from '../../analysis.ts'
import { TcpRecords } from '../../health/tcp-records.ts'
import { numberFormat } from '../../number-format.ts'
import { flowsOf, writeFlows } from '../../store/flow-pages.ts'
import { writeTcp } from '../../store/tcp-pages.ts'
import { type TrafficNumbers, type TrafficPages, turnIntoPages } from '../../store/traffic-pages.ts'
import { type FiledConversations, LeafFile } from '../output/leaf-file.ts'

export interface ThreadFlows extends ConcludedFlows {
  /** Descriptor of the file for pages. */
  leafFile: number
}

// Number formats load their tables once per process: here, while packets are read, it delays nothing.
numberFormat()(0)

// Two messages: without a listener the thread ends, and the rows of activity are freed while the analysis goes on.
parentPort!.once('message', (numbers: TrafficNumbers) => {
  const pages: TrafficPages = turnIntoPages(numbers)
  parentPort!.postMessage(pages, [pages.activity.pages.buffer, pages.packets.pages.buffer] as ArrayBuffer[])
  const { isFirstClient } = numbers
  parentPort!.once('message', ({ leafFile, tcp: memory, ...data }: ThreadFlows) => {
    const file = new LeafFile(leafFile)
    const conversations = flowsOf(data)
    writeFlows(file, conversations, isFirstClient, data.names)
    const flows = file.endTable()
    writeTcp(file, new TcpRecords(conversations.table, memory), isFirstClient)
    const answer: FiledConversations = { flows, tcp: file.endTable() }
    parentPort!.postMessage(answer)
  })
})
