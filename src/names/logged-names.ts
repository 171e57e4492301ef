// Names in logs of other programs -> names of hosts and conversations, found by the ends and times that the logs have for them.
import type { LogName } from '../capture/flow-records/record.ts'
import type { HostTable } from '../flows/hosts.ts'
import type { FlowTable } from '../flows/table.ts'
import type { FlowLabels } from './flow-labels.ts'
import { cleanName } from './text.ts'

/** Programs write the time of a name and those of its conversation with different precision. */
const TOLERANCE_US = 1_000_000

/** @param all of any order. Call once, after the last record: names may be read before their conversations. */
export function addLoggedNames(all: readonly LogName[], flows: FlowTable, hosts: HostTable, labels: FlowLabels): void {
  const byEnds = new Map<string, LogName[]>()
  for (const logged of [...all].sort((a, b) => a.atUs - b.atUs)) {
    const name = cleanName(logged.name)
    if (name === '') continue
    const { address, client } = logged
    if (client === null) {
      labels.hostNames.addDnsRecord(address, name, logged.source, logged.atUs)
      continue
    }
    const key = keyOf(client.protocol, client.address, client.port, address, client.serverPort)
    const same = byEnds.get(key)
    if (same === undefined) byEnds.set(key, [{ ...logged, name }])
    else same.push({ ...logged, name })
  }
  if (byEnds.size === 0) return
  for (let flow = 0; flow < flows.count; flow++) {
    if (flows.isAggregate(flow)) continue
    const ends = [hosts.ip(flows.firstHost(flow)), hosts.ip(flows.otherHost(flow))]
    const ports = [flows.firstPort(flow), flows.otherPort(flow)]
    for (const direction of [0, 1]) {
      const key = keyOf(flows.protocol(flow), ends[direction], ports[direction], ends[1 - direction], ports[1 - direction])
      for (const { name, source, atUs } of byEnds.get(key) ?? []) {
        const isWithin = atUs >= flows.startUs(flow) - TOLERANCE_US && atUs <= flows.endUs(flow) + TOLERANCE_US
        if (isWithin) labels.nameReceiver(flow, direction, name, source, atUs)
      }
    }
  }
}

function keyOf(protocol: number, client: string, clientPort: number, server: string, serverPort: number): string {
  return `${protocol} ${client} ${clientPort} ${server} ${serverPort}`
}
