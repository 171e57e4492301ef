// Numbers and conversations of an analysis -> pages, from copies of the messages as the thread of ThreadPages gets them.
import type { PageMaker } from '../../src/analyze.ts'
import { TcpRecords } from '../../src/health/tcp-records.ts'
import { type LeafSink, LeafStore, type Leaves } from '../../src/sqlite/btree-leaves.ts'
import { flowsOf, writeFlows } from '../../src/store/flow-pages.ts'
import { writeTcp } from '../../src/store/tcp-pages.ts'
import { makeTrafficPages, type PartOfTable, type TrafficNumbers } from '../../src/store/traffic-pages.ts'

export function otherThread(): PageMaker {
  let sent: TrafficNumbers
  let parts: PartOfTable[] = []
  return {
    follow: () => {},
    async make(numbers) {
      sent = structuredClone(numbers)
      const conversations = async function* () {
        yield* parts
      }
      return { ...makeTrafficPages(sent), conversations: conversations() }
    },
    addFlows(dataOf) {
      const { tcp, ...data } = structuredClone(dataOf())
      const flows = flowsOf(data)
      parts = [
        { table: 'flows', rows: leavesOf((sink) => writeFlows(sink, flows, sent.isFirstClient, data.names)) },
        { table: 'tcp', rows: leavesOf((sink) => writeTcp(sink, new TcpRecords(flows.table, tcp), sent.isFirstClient)) },
      ]
    },
  }
}

function leavesOf(write: (sink: LeafSink) => void): Leaves {
  const store = new LeafStore()
  write(store)
  return store.leaves()
}
