// A report -> GeoJSON (RFC 7946): places with what their hosts sent and received, and arcs from the place of clients to that of servers.
import type { ExportFile, ExportFormat } from './format.ts'
import type { ReportRows } from './report-rows.ts'
import type { ExportHost, ExportPlace } from './rows.ts'

interface PlaceSums {
  place: ExportPlace
  hosts: number
  sentBytes: number
  receivedBytes: number
}

interface ArcSums {
  from: ExportPlace
  to: ExportPlace
  flows: number
  packets: number
  bytes: number
}

const labelOf = ({ city, region, country }: ExportPlace): string => [city, region, country].filter((part) => part !== null).join(', ')

const positionOf = ({ longitudeDeg, latitudeDeg }: ExportPlace): [number, number] => [longitudeDeg, latitudeDeg]

function feature(type: 'Point' | 'LineString', coordinates: unknown, properties: Record<string, unknown>): string {
  return JSON.stringify({ type: 'Feature', geometry: { type, coordinates }, properties })
}

function placesOf(hosts: Iterable<ExportHost>): PlaceSums[] {
  const sums = new Map<number, PlaceSums>()
  for (const { place, sentBytes, receivedBytes } of hosts) {
    if (place === null) continue
    const sum = sums.get(place.id) ?? { place, hosts: 0, sentBytes: 0, receivedBytes: 0 }
    sums.set(place.id, sum)
    sum.hosts++
    sum.sentBytes += sentBytes
    sum.receivedBytes += receivedBytes
  }
  return [...sums.values()].sort((a, b) => a.place.id - b.place.id)
}

function arcsOf(report: ReportRows): ArcSums[] {
  const sums = new Map<string, ArcSums>()
  for (const flow of report.flows()) {
    const from = flow.client.place
    const to = flow.server.place
    if (from === null || to === null || from === to) continue
    const key = `${from.id} ${to.id}`
    const sum = sums.get(key) ?? { from, to, flows: 0, packets: 0, bytes: 0 }
    sums.set(key, sum)
    sum.flows++
    sum.packets += flow.clientPackets + flow.serverPackets
    sum.bytes += flow.clientBytes + flow.serverBytes
  }
  return [...sums.values()].sort((a, b) => a.from.id - b.from.id || a.to.id - b.to.id)
}

const collection = (name: string): ExportFile => ({
  name,
  head: () => '{"type":"FeatureCollection","features":[\n',
  between: ',\n',
  tail: '\n]}\n',
})

export const GEOJSON: ExportFormat = {
  files: [collection('places.geojson'), collection('arcs.geojson')],
  write(report, add) {
    for (const { place, hosts, sentBytes, receivedBytes } of placesOf(report.hosts.values())) {
      const { city, region, country, countryCode, precision } = place
      const properties = {
        city,
        region,
        country,
        country_code: countryCode,
        precision,
        hosts,
        sent_bytes: sentBytes,
        received_bytes: receivedBytes,
      }
      add(0, feature('Point', positionOf(place), properties))
    }
    for (const { from, to, flows, packets, bytes } of arcsOf(report))
      add(1, feature('LineString', [positionOf(from), positionOf(to)], { from: labelOf(from), to: labelOf(to), flows, packets, bytes }))
  },
}
