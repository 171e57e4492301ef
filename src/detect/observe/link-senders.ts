// Hardware addresses of senders, hosts and conversations -> what rules need of them: few rows, where the addresses of all hosts would be many.
import type { Flows } from '../../flows/index.ts'
import { conversationsByHost } from '../../flows/totals.ts'
import type { HostFacts } from '../engine/finding.ts'
import type { Observations, UnansweredSender } from './observations.ts'
import { macOfNumber } from './sender-macs.ts'

const MAX_UNANSWERED = 65_536
/** In place of a host. */
const SEVERAL = -1

/** Adds what observers cannot know before all packets are read; of reports it is there. Changes nothing that it is given. */
export function withLinkSenders(observations: Observations, flows: Flows, hosts: HostFacts): Observations {
  const { arp, arpQuestions, leftOut } = observations
  const sendersOf = sendersByAddress(observations, hosts)
  const routers = arpQuestions.length === 0 ? new Set() : routersOf(observations, hosts)
  const unanswered = unansweredSenders(observations, flows)
  return {
    ...observations,
    arp: sendersOf.size === 0 ? arp : arp.map((row) => ({ ...row, senders: sendersOf.get(row.ip) ?? row.senders })),
    arpQuestions: routers.size === 0 ? arpQuestions : arpQuestions.map((row) => ({ ...row, isRouter: routers.has(row.mac) })),
    unansweredSenders: [...observations.unansweredSenders, ...unanswered.slice(0, MAX_UNANSWERED)],
    leftOut: leftOut + Math.max(0, unanswered.length - MAX_UNANSWERED),
  }
}

/** Of the addresses that somebody claims unasked. */
function sendersByAddress({ arp, senderMacs }: Observations, hosts: HostFacts): Map<string, string[]> {
  const claimed = new Set(arp.filter(({ claims }) => claims.some(({ unasked }) => unasked > 0)).map(({ ip }) => ip))
  const senders = new Map<string, string[]>()
  for (let host = 0; host < hosts.count && senders.size < claimed.size; host++) {
    const ip = hosts.ip(host)
    const macs = claimed.has(ip) ? senderMacs.of(host) : []
    if (macs.length > 0) senders.set(ip, macs.map(macOfNumber))
  }
  return senders
}

/** Hardware addresses from which packets of hosts outside come. */
function routersOf({ senderMacs }: Observations, hosts: HostFacts): Set<string> {
  const routers = new Set<number>()
  for (let host = 0; host < hosts.count; host++) {
    if (!hosts.isLocal(host)) for (const mac of senderMacs.of(host)) routers.add(mac)
  }
  return new Set([...routers].map(macOfNumber))
}

function unansweredSenders({ senderMacs }: Observations, { table, hosts }: Flows): UnansweredSender[] {
  const hostOf = new Map<number, number>()
  for (let host = 0; host < hosts.count; host++) {
    const mac = senderMacs.onlyOf(host)
    if (mac !== 0) hostOf.set(mac, hostOf.has(mac) ? SEVERAL : host)
  }
  if (hostOf.size === 0) return []
  const conversations = conversationsByHost(table, hosts.count)
  return [...hostOf]
    .filter(([, host]) => host !== SEVERAL && conversations[host] === 1 && table.backwardPackets(senderMacs.flowOf(host)) === 0)
    .map(([mac, host]) => ({ flow: senderMacs.flowOf(host), host, mac: macOfNumber(mac) }))
}
