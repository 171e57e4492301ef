// The TCP conversations and DNS questions that pass -> which servers, networks and clients are slow or lossy, worst first.
import { quote } from '../../../../src/filter/syntax.ts'
import type { HealthEntry, HealthReport } from '../../protocol/answers.ts'
import type { Questions } from '../../protocol/messages.ts'
import { readQuestions } from '../data/question-rows.ts'
import type { OpenReport } from '../data/report-state.ts'
import { tcpHealthRows } from '../data/tcp-health-rows.ts'

/** Most rows of a table of the view. */
const TOP = 100
/** With fewer segments, a share of repeated ones says nothing. */
const LEAST_SEGMENTS = 20

interface Sums {
  flows: number
  segments: number
  repeated: number
  zeroWindows: number
  closedUs: number
  times: number[]
}

class Groups {
  readonly byKey = new Map<number, Sums>()

  of(key: number): Sums {
    let sums = this.byKey.get(key)
    if (sums === undefined) {
      sums = { flows: 0, segments: 0, repeated: 0, zeroWindows: 0, closedUs: 0, times: [] }
      this.byKey.set(key, sums)
    }
    return sums
  }

  addTime(key: number, us: number): void {
    if (us < 0) return
    const sums = this.of(key)
    sums.flows++
    sums.times.push(us)
  }

  addSegments(key: number, segments: number, repeated: number): void {
    const sums = this.of(key)
    sums.flows++
    sums.segments += Math.max(0, segments)
    sums.repeated += Math.max(0, repeated)
  }

  /** @param measure 0: the group is not in the list */
  worst(measure: (sums: Sums) => number, describe: (key: number) => Pick<HealthEntry, 'label' | 'detail' | 'term'>): HealthReport['loss'] {
    const valued = [...this.byKey].map(([key, sums]) => ({ key, sums, value: measure(sums) })).filter(({ value }) => value > 0)
    valued.sort((a, b) => b.value - a.value || b.sums.flows - a.sums.flows || a.key - b.key)
    return {
      total: valued.length,
      entries: valued.slice(0, TOP).map(({ key, sums: { times: _, ...counts }, value }) => ({ ...describe(key), ...counts, value })),
    }
  }
}

export function readHealth(report: OpenReport, scope: Questions['health']['question']): HealthReport {
  const { rows, matches } = report
  const { flows, hosts } = rows
  const tcp = tcpHealthRows(report)
  const mask = matches.within(scope)
  const [way, networks, answers, handshakes, sent, networkLoss, closed] = Array.from({ length: 7 }, () => new Groups())
  let conversations = 0
  for (let row = 0; row < tcp.flow.length; row++) {
    const flow = tcp.flow[row]
    if (mask[flow] === 0) continue
    conversations++
    const [client, server] = [flows.clientHost[flow], flows.serverHost[flow]]
    const asn = hosts.asn[server]
    way.addTime(server, tcp.toServerUs[row])
    answers.addTime(server, tcp.responseUs[row])
    handshakes.addTime(server, tcp.tlsHandshakeUs[row])
    sent.addSegments(client, tcp.clientSegments[row], tcp.clientRepeated[row])
    sent.addSegments(server, tcp.serverSegments[row], tcp.serverRepeated[row])
    if (asn !== null) {
      networks.addTime(asn, tcp.toServerUs[row])
      const both = (a: number, b: number) => Math.max(0, a) + Math.max(0, b)
      networkLoss.addSegments(
        asn,
        both(tcp.clientSegments[row], tcp.serverSegments[row]),
        both(tcp.clientRepeated[row], tcp.serverRepeated[row]),
      )
    }
    addClosed(closed, client, tcp.clientZeroWindows[row], tcp.clientClosedUs[row])
    addClosed(closed, server, tcp.serverZeroWindows[row], tcp.serverClosedUs[row])
  }
  const dns = new Groups()
  const questions = readQuestions(report)
  for (let row = 0; row < questions.count; row++)
    if (mask[questions.flow[row]] !== 0) dns.addTime(flows.serverHost[questions.flow[row]], questions.answerUs[row])
  const host = (key: number) => ({
    label: hosts.name[key] || hosts.ip[key],
    detail: hosts.name[key] ? hosts.ip[key] : '',
    term: `ip:${hosts.ip[key]}`,
  })
  const asNames = new Map<number, string>()
  hosts.asn.forEach((asn, index) => {
    if (asn !== null) asNames.set(asn, hosts.asName[index])
  })
  const network = (asn: number) => ({ label: asNames.get(asn) || `AS${asn}`, detail: `AS${asn}`, term: `asn:${quote(String(asn))}` })
  const share = ({ segments, repeated }: Sums) => (segments < LEAST_SEGMENTS ? 0 : repeated / segments)
  return {
    conversations,
    rtt: way.worst(({ times }) => median(times), host),
    networkRtt: networks.worst(({ times }) => median(times), network),
    response: answers.worst(({ times }) => median(times), host),
    tls: handshakes.worst(({ times }) => median(times), host),
    dns: dns.worst(({ times }) => median(times), host),
    loss: sent.worst(share, host),
    networkLoss: networkLoss.worst(share, network),
    closed: closed.worst(({ closedUs, zeroWindows }) => (zeroWindows > 0 ? Math.max(1, closedUs) : 0), host),
  }
}

function addClosed(groups: Groups, host: number, zeroWindows: number, closedUs: number): void {
  if (zeroWindows <= 0) return
  const sums = groups.of(host)
  sums.flows++
  sums.zeroWindows += zeroWindows
  sums.closedUs += Math.max(0, closedUs)
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b)
  return sorted.length === 0 ? 0 : sorted[(sorted.length - 1) >> 1]
}
