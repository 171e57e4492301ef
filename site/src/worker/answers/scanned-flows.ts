// Findings of scans and beacons -> the conversations of each: those that the database keeps with it (the first 1,000), and where it counted
// more, the rest.
import { append } from '../../../../src/detect/methods/lists.ts'
import type { AlertRow } from '../../protocol/answers.ts'
import type { ReportRows } from '../data/row-types.ts'

/** A scan of which not all conversations are kept. */
interface Cut {
  scan: AlertRow
  flows: number[]
  kept: Set<number>
  /** Transport and state of those that are kept: the others are like them. */
  kinds: Set<number>
}

/** Row numbers of flows, one list a scan. */
export function scannedFlows(rows: ReportRows, scans: readonly AlertRow[]): number[][] {
  const { flows, details } = rows
  const kindOf = (flow: number) => details.state.code[flow] * 65_536 + flows.transport[flow]
  const found = scans.map(({ flows: kept }) => Array.from(kept))
  const bySource = new Map<number, Cut[]>()
  for (const [index, scan] of scans.entries()) {
    if (scan.flowCount <= scan.flows.length || scan.sourceHost < 0) continue
    const cut = { scan, flows: found[index], kept: new Set(scan.flows), kinds: new Set(Array.from(scan.flows, kindOf)) }
    append(bySource, scan.sourceHost, cut)
  }
  if (bySource.size === 0) return found
  const take = (source: number, other: number, flow: number) => {
    for (const { scan, flows: own, kept, kinds } of bySource.get(source) ?? []) {
      const us = details.firstUs[flow]
      const isIts = us >= scan.firstUs && us <= scan.lastUs && (scan.targetHost < 0 || scan.targetHost === other)
      if (isIts && kinds.has(kindOf(flow)) && !kept.has(flow)) own.push(flow)
    }
  }
  for (let flow = 0; flow < flows.count; flow++) {
    take(flows.clientHost[flow], flows.serverHost[flow], flow)
    take(flows.serverHost[flow], flows.clientHost[flow], flow)
  }
  return found
}

/** Row numbers of flows, one list a beacon: a client's conversations with the same name or, without one, with the same server. */
export function beaconFlows(rows: ReportRows, beacons: readonly AlertRow[]): ArrayLike<number>[] {
  const { flows, details } = rows
  const { code } = details.serverName
  const keyOf = (flow: number) => (code[flow] < 0 ? flows.serverHost[flow] : -1 - code[flow])
  const cut = beacons.filter(({ flowCount, flows: kept, sourceHost }) => flowCount > kept.length && kept.length > 0 && sourceHost >= 0)
  const byClient = new Map<number, Map<number, number[]>>()
  const all = new Map<AlertRow, number[]>()
  for (const beacon of cut) {
    const lists = byClient.get(beacon.sourceHost) ?? new Map<number, number[]>()
    byClient.set(beacon.sourceHost, lists)
    const key = keyOf(beacon.flows[0])
    const list = lists.get(key) ?? []
    lists.set(key, list)
    all.set(beacon, list)
  }
  if (cut.length > 0) for (let flow = 0; flow < flows.count; flow++) byClient.get(flows.clientHost[flow])?.get(keyOf(flow))?.push(flow)
  // Only where they are as many as the finding counted, they are its own.
  return beacons.map((beacon) => (all.get(beacon)?.length === beacon.flowCount ? all.get(beacon)! : beacon.flows))
}
