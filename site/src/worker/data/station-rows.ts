// Rows of `link_traffic` as columns, and the stations in them, read on first use. None in reports of earlier versions.
import { groupAddressName, isGroupAddress } from '../../../../src/decode/group-addresses.ts'
import type { HostTraffic } from '../../../../src/types.ts'
import { isCount, isTime, textOf } from '../../model/sound.ts'
import { forEachRow } from './database.ts'
import { oncePerReport } from './read-once.ts'
import type { ReportRows } from './row-types.ts'
import { countRows } from './table-shape.ts'

/** Who has a hardware address. */
export interface Station extends HostTraffic {
  mac: string
  /** "" when it is not known; of a group address, what it is for. */
  vendor: string
  isGroup: boolean
  /** IPv4 addresses that it gives as its own by ARP; the lowest few. */
  claims: string[]
  /** Row number of the one host that has this address, or -1. */
  host: number
  /** Row numbers of all hosts that have it. */
  hosts: number[]
  /** Indexes in StationTable.protocols. */
  protocols: Set<number>
  /** Row of its first frame. */
  firstRow: number
}

export interface StationTable {
  stations: Station[]
  /** By address. */
  stationOf: Map<string, number>
  protocols: string[]
  count: number
  source: Int32Array
  /** -1: the frame does not say. */
  destination: Int32Array
  protocol: Int32Array
  packets: Float64Array
  bytes: Float64Array
  firstUs: Float64Array
  lastUs: Float64Array
  frame: Float64Array
  capture: Float64Array
}

/** Addresses of a station that are shown. */
const MOST_CLAIMS = 8

const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/

export const readStations = oncePerReport(({ database, rows }): StationTable => {
  const most = countRows(database, 'link_traffic')
  const real = () => new Float64Array(most)
  const table: StationTable = {
    ...{ stations: [], stationOf: new Map(), protocols: [], count: 0 },
    ...{ source: new Int32Array(most), destination: new Int32Array(most), protocol: new Int32Array(most) },
    ...{ packets: real(), bytes: real(), firstUs: real(), lastUs: real(), frame: real(), capture: real() },
  }
  const protocolOf = new Map<string, number>()
  const stationOf = (mac: string, vendor: unknown): Station => {
    const known = table.stationOf.get(mac)
    if (known !== undefined) return table.stations[known]
    const isGroup = isGroupAddress(mac)
    const station: Station = {
      ...{ mac, isGroup, vendor: isGroup ? (groupAddressName(mac) ?? '') : textOf(vendor), claims: [], host: -1, hosts: [] },
      ...{ sentPackets: 0, sentBytes: 0, receivedPackets: 0, receivedBytes: 0 },
      ...{ firstUs: Number.POSITIVE_INFINITY, lastUs: Number.NEGATIVE_INFINITY, protocols: new Set(), firstRow: -1 },
    }
    table.stationOf.set(mac, table.stations.push(station) - 1)
    return station
  }
  const columns =
    'source_mac, destination_mac, protocol, source_vendor, destination_vendor, packets, bytes, first_us, last_us, frame, capture_id, source_addresses'
  forEachRow(
    database,
    `SELECT ${columns} FROM link_traffic ORDER BY first_us, capture_id, frame, source_mac, destination_mac, protocol`,
    (row) => {
      const [from, to, name, fromVendor, toVendor, packets, bytes, firstUs, lastUs, frame, capture, claims] = row.get()
      if (typeof from !== 'string' || !MAC.test(from) || typeof to !== 'string' || !(to === '' || MAC.test(to))) return
      if (!isCount(packets) || !isCount(bytes) || !isTime(firstUs) || !isTime(lastUs) || !isCount(frame)) return
      const at = table.count++
      const text = textOf(name)
      const protocol = protocolOf.get(text) ?? table.protocols.push(text) - 1
      protocolOf.set(text, protocol)
      const source = stationOf(from, fromVendor)
      const destination = to === '' ? null : stationOf(to, toVendor)
      for (const claim of textOf(claims).split(', ', MOST_CLAIMS))
        if (claim !== '' && !source.claims.includes(claim) && source.claims.length < MOST_CLAIMS) source.claims.push(claim)
      source.sentPackets += packets
      source.sentBytes += bytes
      if (destination) destination.receivedPackets += packets
      if (destination) destination.receivedBytes += bytes
      for (const station of destination && destination !== source ? [source, destination] : [source]) {
        station.firstUs = Math.min(station.firstUs, firstUs)
        station.lastUs = Math.max(station.lastUs, lastUs)
        station.protocols.add(protocol)
        if (station.firstRow < 0) station.firstRow = at
      }
      table.source[at] = table.stationOf.get(from)!
      table.destination[at] = destination ? table.stationOf.get(to)! : -1
      table.protocol[at] = protocol
      table.packets[at] = packets
      table.bytes[at] = bytes
      table.firstUs[at] = firstUs
      table.lastUs[at] = lastUs
      table.frame[at] = frame
      table.capture[at] = Number(capture)
    },
  )
  if (table.count > 0)
    findHosts(table, rows, (take) => {
      forEachRow(database, "SELECT value, host_id FROM identities WHERE kind = 'mac'", (row) => take(row.get()))
    })
  return table
})

/** A machine has one IPv4 address and several of IPv6: it is the host with the first, or the only one. With more it is a router, or was replaced. */
function findHosts({ stations, stationOf }: StationTable, { hosts }: ReportRows, each: (take: (row: unknown[]) => void) => void): void {
  const rowOfId = new Map<number, number>()
  for (let host = 0; host < hosts.count; host++) rowOfId.set(hosts.id[host], host)
  each(([mac, id]) => {
    const station = stationOf.get(String(mac))
    const host = rowOfId.get(Number(id))
    if (station !== undefined && host !== undefined && !stations[station].hosts.includes(host)) stations[station].hosts.push(host)
  })
  for (const station of stations) {
    const dotted = station.hosts.filter((host) => hosts.ip[host].includes('.'))
    const candidates = dotted.length > 0 ? dotted : station.hosts
    if (candidates.length === 1) [station.host] = candidates
  }
}
