// Data of the page of a station: whom it exchanges frames without IP with, by which protocols, when.
import type { Questions, StationDetail } from '../../protocol/messages.ts'
import { describeFrame } from '../data/frames.ts'
import type { OpenReport } from '../data/report-state.ts'
import { readStations } from '../data/station-rows.ts'

/** Most rows of peers on the page; SQL has all. */
const SHOWN = 200

export function describeStation(report: OpenReport, { mac }: Questions['station']['question']): StationDetail | null {
  const table = readStations(report)
  const { stations, source, destination, bytes } = table
  const index = table.stationOf.get(mac)
  if (index === undefined) return null
  const { hosts, protocols: _, firstRow: __, host: ___, ...station } = stations[index]
  const own: number[] = []
  for (let row = 0; row < table.count; row++) if (source[row] === index || destination[row] === index) own.push(row)
  own.sort((a, b) => bytes[b] - bytes[a] || a - b)
  return {
    ...station,
    hosts: hosts.map((host) => ({ ip: report.rows.hosts.ip[host], name: report.rows.hosts.name[host] })),
    peerCount: own.length,
    peers: own.slice(0, SHOWN).map((row) => {
      const isSender = source[row] === index
      const other = isSender ? destination[row] : source[row]
      return {
        mac: other < 0 ? '' : stations[other].mac,
        vendor: other < 0 ? '' : stations[other].vendor,
        isSender,
        protocol: table.protocols[table.protocol[row]],
        ...{ packets: table.packets[row], bytes: bytes[row], firstUs: table.firstUs[row], lastUs: table.lastUs[row] },
        frame: describeFrame(report, table.frame[row], table.capture[row]),
      }
    }),
  }
}
