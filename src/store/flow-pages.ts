// Conversations and their names -> b-tree leaves of the table flows. Plain data in, so that another thread can make them.
import { type FlowMemory, FlowRows } from '../flows/flow-rows.ts'
import { FlowSides, type FlowsRead } from '../flows/flow-sides.ts'
import type { HostAddresses } from '../flows/hosts.ts'
import type { NamesByFlow } from '../names/flow-names.ts'
import { type LeafSink, LeafWriter } from '../sqlite/btree-leaves.ts'
import { SqliteRecord } from '../sqlite/record-writer.ts'
import { FLOW_COLUMNS, type FlowColumn } from './flow-columns.ts'

/** Conversations for another thread. Its memory is shared where the platform lets it: no packet may be added meanwhile. */
export interface FlowData {
  rows: FlowMemory
  addresses: HostAddresses
  names: NamesByFlow
}

export function flowsOf({ rows, addresses: { bytes, families } }: FlowData): FlowsRead {
  const copyAddress = (host: number, into: Uint8Array): void => {
    for (let i = 0; i < into.length; i++) into[i] = bytes[host * 16 + i]
  }
  return { table: new FlowRows(rows), hosts: { addressLength: (host) => (families[host] === 4 ? 4 : 16), copyAddress } }
}

/** @param isFirstClient by conversation: 1 if the end seen first is the client */
export function writeFlows(sink: LeafSink, flows: FlowsRead, isFirstClient: Uint8Array, { distinct, indexes }: NamesByFlow): void {
  const columns: readonly FlowColumn[] = FLOW_COLUMNS
  const sides = new FlowSides(flows, isFirstClient)
  const rows = new LeafWriter('rowid', sink)
  const record = new SqliteRecord()
  for (let flow = 0; flow < flows.table.count; flow++) {
    const names = distinct[indexes[flow]]
    record.begin()
    record.null() // id
    for (let index = 0; index < columns.length; index++) record.value(columns[index].value(flow, sides, names))
    record.finish()
    rows.add(record, flow + 1)
  }
  rows.finish()
}
