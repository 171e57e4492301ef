// The table of hosts: the hosts of the flows that pass, with what they sent and received in these flows.
import { placeName } from '../../model/report.ts'
import type { OpenReport } from '../data/report-state.ts'
import { alertCounts, coded, type Listed, numbers, rankTexts, rowsOf } from './source.ts'

export function listHostRows(report: OpenReport, mask: Uint8Array): Listed {
  const { flows, details, hosts, places } = report.rows
  const { count } = hosts
  const sent = new Float64Array(count)
  const received = new Float64Array(count)
  const bytes = new Float64Array(count)
  const packets = new Float64Array(count)
  const flowsOf = new Int32Array(count)
  const first = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  const last = new Float64Array(count)
  const seen = new Uint8Array(count)
  const totals = { rows: 0, flows: 0, bytes: 0, packets: 0 }
  const pairs = new Float64Array(mask.length)
  for (let flow = 0; flow < mask.length; flow++) {
    if (!mask[flow]) continue
    const client = flows.clientHost[flow]
    const server = flows.serverHost[flow]
    const clientBytes = details.clientBytes[flow]
    const serverBytes = flows.bytes[flow] - clientBytes
    pairs[totals.flows++] = Math.min(client, server) * count + Math.max(client, server)
    totals.bytes += flows.bytes[flow]
    totals.packets += flows.packets[flow]
    sent[client] += clientBytes
    received[server] += clientBytes
    sent[server] += serverBytes
    received[client] += serverBytes
    for (const host of client === server ? [client] : [client, server]) {
      seen[host] = 1
      flowsOf[host]++
      bytes[host] += flows.bytes[flow]
      packets[host] += flows.packets[flow]
      first[host] = Math.min(first[host], details.firstUs[flow])
      last[host] = Math.max(last[host], details.lastUs[flow])
    }
  }
  const rows = rowsOf(seen)
  totals.rows = rows.length
  const labels = places.map(placeName)
  const countries = places.map((place) => (place.precision === 'origin' ? '' : (place.countryCode ?? '')))
  const each = Int32Array.from({ length: count }, (_, host) => host)
  const text = (texts: readonly string[], code: ArrayLike<number>) => ({
    ...coded(texts, code),
    value: (row: number) => texts[code[row]] || null,
  })
  return {
    rows,
    totals,
    key: (row) => hosts.ip[row],
    columns: {
      ip: { value: (row) => hosts.ip[row], rank: () => rankTexts(hosts.key) },
      name: text(hosts.name, each),
      country: text(countries, hosts.place),
      place: text(labels, hosts.place),
      asName: text(hosts.asName, each),
      asn: { value: (row) => hosts.asn[row] ?? null, rank: () => Float64Array.from(hosts.asn, (asn) => asn ?? -1) },
      scope: text(hosts.scope, each),
      bytes: numbers(bytes),
      sent: numbers(sent),
      received: numbers(received),
      packets: numbers(packets),
      flows: numbers(flowsOf),
      peers: numbers(countPeers(pairs.subarray(0, totals.flows), count)),
      first: numbers(first),
      last: numbers(last),
      alerts: numbers(alertCounts(report).byHost),
    },
  }
}

/** Number of peers of each host; a pair is low * count + high. A host that sends to itself is no peer of itself. */
function countPeers(pairs: Float64Array, count: number): Int32Array {
  pairs.sort()
  const peers = new Int32Array(count)
  let before = -1
  for (const pair of pairs) {
    if (pair === before) continue
    before = pair
    const low = Math.floor(pair / count)
    const high = pair - low * count
    if (low === high) continue
    peers[low]++
    peers[high]++
  }
  return peers
}
