// Packets straight to findings, for tests of rules: no capture file, no database.
import { type Alert, type DetectionOptions, detect } from '../../src/detect/index.ts'
import { Observer } from '../../src/detect/observe/index.ts'
import { locate } from '../../src/geo/index.ts'
import { DEFAULT_ORIGIN } from '../../src/geo/origin.ts'
import { TcpRecords } from '../../src/health/tcp-records.ts'
import { Names } from '../../src/names/index.ts'
import type { Layer } from './build.ts'
import { flowsOf } from './flows.ts'

export interface Found {
  alerts: Alert[]
  /** "severity rule source target" of each, '-' for none. */
  lines: string[]
  suppressed: { line: number; reason: string; findings: number }[]
}

/** Runs all rules over [seconds, packet] pairs. */
export async function findIn(packets: [number, Layer][], options?: DetectionOptions): Promise<Found> {
  const { flows } = flowsOf(packets)
  const names = new Names(flows.table, flows.hosts)
  for (let flow = 0; flow < flows.table.count; flow++) names.admit(flow)
  const { hosts } = flows
  const asked = { count: hosts.count, ip: (id: number) => hosts.ip(id), scope: (id: number) => hosts.scope(id), clientBytes: () => 0 }
  const facts = {
    flows,
    isFirstClient: flows.firstClients(),
    isFromDatabase: false,
    names: names.finish((flow) => flows.isFirstClient(flow)),
    located: await locate(asked, null, DEFAULT_ORIGIN),
    tcp: new TcpRecords(flows.table),
    observations: new Observer(flows.table, names).finish(),
  }
  const { alerts, suppressed } = detect(facts, options)
  const ip = (host: number | null) => (host === null ? '-' : hosts.ip(host))
  const lines = alerts.map(({ rule, finding: { severity, source, target } }) => `${severity} ${rule.id} ${ip(source)} ${ip(target)}`)
  return { alerts, lines, suppressed }
}
