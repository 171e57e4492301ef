// The table of stations: hardware addresses in frames without IP. A filter is about flows, so under one there are none.
import type { OpenReport } from '../data/report-state.ts'
import { readStations } from '../data/station-rows.ts'
import { computed, type Listed, rankTexts } from './source.ts'

export function listStationRows(report: OpenReport, mask: Uint8Array): Listed {
  const table = readStations(report)
  const { stations } = table
  const isAll = mask.every((passes) => passes === 1)
  const rows = Int32Array.from({ length: isAll ? stations.length : 0 }, (_, row) => row)
  const text = (value: (row: number) => string) => ({
    value: (row: number) => value(row) || null,
    rank: () => rankTexts(stations.map((_, row) => value(row))),
  })
  const number = (value: (row: number) => number) => computed(stations.length, value)
  return {
    rows,
    totals: { rows: rows.length, flows: 0, bytes: 0, packets: 0 },
    key: (row) => stations[row].mac,
    columns: {
      mac: text((row) => stations[row].mac),
      vendor: text((row) => stations[row].vendor),
      claims: text((row) => stations[row].claims.join(', ')),
      host: text((row) => stations[row].hosts.map((host) => report.rows.hosts.ip[host]).join(', ')),
      protocols: text((row) => [...stations[row].protocols].map((protocol) => table.protocols[protocol]).join(', ')),
      packets: number((row) => stations[row].sentPackets + stations[row].receivedPackets),
      bytes: number((row) => stations[row].sentBytes + stations[row].receivedBytes),
      sent: number((row) => stations[row].sentBytes),
      received: number((row) => stations[row].receivedBytes),
      first: number((row) => stations[row].firstUs),
      last: number((row) => stations[row].lastUs),
      frame: number((row) => table.frame[stations[row].firstRow]),
    },
  }
}
