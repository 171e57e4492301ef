// What is known of TCP conversations -> b-tree leaves of the table tcp. Plain data in, so that another thread can make them.
import type { TcpFacts } from '../health/tcp-records.ts'
import { type LeafSink, LeafWriter } from '../sqlite/btree-leaves.ts'
import { SqliteRecord } from '../sqlite/record-writer.ts'
import { TCP_COLUMNS } from './tcp-columns.ts'

/** @param isFirstClient by conversation: 1 if the end seen first is the client */
export function writeTcp(sink: LeafSink, tcp: TcpFacts, isFirstClient: Uint8Array): void {
  const rows = new LeafWriter('rowid', sink)
  const record = new SqliteRecord()
  for (let flow = 0; flow < isFirstClient.length; flow++) {
    if (!tcp.has(flow)) continue
    const client = isFirstClient[flow] === 1 ? 0 : 1
    record.begin()
    record.null() // flow_id
    for (let index = 0; index < TCP_COLUMNS.length; index++) record.value(TCP_COLUMNS[index].value(tcp, flow, client))
    record.finish()
    rows.add(record, flow + 1)
  }
  rows.finish()
}
