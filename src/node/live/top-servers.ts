// Conversations -> the servers with most bytes, for the status of a running capture.
import type { Analysis } from '../../analysis.ts'
import type { LiveTop } from '../../contract/live-feed.ts'
import type { HostLocator } from '../../geo/index.ts'

const TOP = 10

/** Most bytes first. Iterates over all conversations: call about once per second. */
export function topServers(analysis: Analysis, locator: HostLocator): LiveTop[] {
  const { flows, names } = analysis
  const { table, hosts } = flows
  const bytes = new Float64Array(hosts.count)
  const packets = new Float64Array(hosts.count)
  for (let flow = 0; flow < table.count; flow++) {
    const server = flows.isFirstClient(flow) ? table.otherHost(flow) : table.firstHost(flow)
    bytes[server] += table.forwardBytes(flow) + table.backwardBytes(flow)
    packets[server] += table.forwardPackets(flow) + table.backwardPackets(flow)
  }
  const top: number[] = []
  for (let host = 0; host < hosts.count; host++) {
    if (bytes[host] === 0 || (top.length === TOP && bytes[host] <= bytes[top.at(-1)!])) continue
    top.push(host)
    top.sort((a, b) => bytes[b] - bytes[a] || a - b)
    top.length = Math.min(top.length, TOP)
  }
  locator.advance(analysis.hosts(), Number.POSITIVE_INFINITY)
  return top.map((host) => {
    const place = locator.locationOf(host)?.place
    const where = [place?.city, place?.country].filter((part) => part).join(', ')
    return {
      hostId: host + 1,
      ip: hosts.ip(host),
      name: names.nameOf(host)?.name ?? null,
      place: where || null,
      bytes: bytes[host],
      packets: packets[host],
    }
  })
}
