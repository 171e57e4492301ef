// Azure's flow logs of network security groups (version 2) and virtual networks -> flow records, of a span of a conversation each.
// Fields: https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview and .../vnet-flow-logs-overview
import { ownValue } from '../../own-value.ts'
import { fillRecord } from './fill.ts'
import { protocolOf } from './protocols.ts'
import type { FlowFormat } from './reader.ts'
import type { FlowRecord } from './record.ts'
import { decimal, microseconds, objectOf, parseObject, textOf } from './values.ts'

/** Conversations whose last update is remembered, so that the next one begins there. */
const MAX_UPDATES = 100_000
/** As network security groups have them. */
const TRANSPORTS = { T: 'tcp', U: 'udp' }

/** A tuple of a record, and where it was counted. */
interface Tuple {
  cells: string[]
  isVnet: boolean
  observer: string
}

class Azure implements FlowFormat {
  readonly name = 'Azure flow logs'
  readonly units = 'objects'
  readonly remarks = [
    'bytes are those that Azure counts',
    'updates of a conversation are joined by its ends; TCP flags are not known, and so no state of a TCP conversation',
  ]
  private tuples: Tuple[] = []
  private at = 0
  private readonly updatesUs = new Map<string, number>()

  read(text: string, record: FlowRecord): string | null {
    const entry = parseObject(text)
    if (entry === null) return 'it is not JSON'
    this.tuples = tuplesOf(entry)
    this.at = 0
    return this.readNext(record)
  }

  readNext(record: FlowRecord): string | null {
    while (this.at < this.tuples.length) {
      const problem = this.readTuple(this.tuples[this.at++], record)
      if (problem !== null) return problem
    }
    this.tuples = []
    return null
  }

  private readTuple({ cells, isVnet, observer }: Tuple, record: FlowRecord): string | null {
    const state = isVnet ? cells[7] : cells[7] === 'D' ? 'D' : cells[8]
    if (cells.length === 8 && !isVnet) return 'it is of version 1, which counts no packets: turn on version 2'
    if (state === 'D') return 'it was denied, and Azure counts no packets of what it denies'
    if (cells.length < 13) return 'it has not the 13 fields of a tuple'
    const timeUs = microseconds(decimal(cells[0]) / (isVnet ? 1000 : 1))
    const key = `${observer} ${cells.slice(1, 6).join(' ')}`
    const startUs = this.updatesUs.get(key) ?? timeUs
    if (state === 'E' || timeUs === null) this.updatesUs.delete(key)
    else if (this.updatesUs.size < MAX_UPDATES) this.updatesUs.set(key, timeUs)
    const [sourcePackets, sourceBytes, targetPackets, targetBytes] = cells.slice(9, 13).map((cell) => decimal(cell || '0'))
    if (state === 'B' && !(sourcePackets + targetPackets > 0)) return null
    const protocol = isVnet ? decimal(cells[5]) : protocolOf(ownValue(TRANSPORTS, cells[5]) ?? '')
    const problem = fillRecord(record, {
      ...{ startUs, endUs: timeUs, source: cells[1], target: cells[2], sourcePort: decimal(cells[3]), targetPort: decimal(cells[4]) },
      ...{ protocol, sourcePackets, sourceBytes, targetPackets, targetBytes },
    })
    if (problem !== '') return problem
    record.isPart = true
    record.openedBy = 1
    record.observer = observer
    return ''
  }
}

/** @param text the beginning of the file, latin1 */
export function azureFormat(text: string): FlowFormat | null {
  return /^\s*\[?\s*\{/.test(text) && /"(NetworkSecurityGroupFlowEvent|FlowLogFlowEvent)"/.test(text) ? new Azure() : null
}

function tuplesOf(entry: Record<string, unknown>): Tuple[] {
  const records = objectOf(entry.flowRecords)
  const isVnet = records !== null
  const of = isVnet ? records.flows : objectOf(entry.properties)?.flows
  const groups = listOf(of).flatMap((flow) => listOf(isVnet ? flow.flowGroups : flow.flows))
  return groups.flatMap((group) => {
    const observer = textOf(group.mac) || textOf(entry.macAddress)
    const texts = Array.isArray(group.flowTuples) ? group.flowTuples.map(textOf) : []
    return texts.map((text) => ({ cells: text.split(','), isVnet, observer }))
  })
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(objectOf).filter((object) => object !== null) : []
}
