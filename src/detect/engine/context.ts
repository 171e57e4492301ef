// Tables of the earlier stages -> Context, the input of rules.
import { Protocol } from '../../decode/codes.ts'
import type { Flows } from '../../flows/index.ts'
import type { LocatedHosts } from '../../geo/index.ts'
import type { TcpFacts } from '../../health/tcp-records.ts'
import type { NameResults } from '../../names/index.ts'
import { LOCAL_SCOPES } from '../../types.ts'
import type { Blocklist } from '../blocklist/index.ts'
import type { Observations } from '../observe/index.ts'
import { withLinkSenders } from '../observe/link-senders.ts'
import type { Baseline } from './baseline.ts'
import { Conversations } from './conversations.ts'
import type { Context, HostFacts } from './finding.ts'

export interface Facts {
  flows: Flows
  /** Flows.firstClients(). */
  isFirstClient: Uint8Array
  /** The conversations were restored from databases, which have client and server, not who sent first. */
  isFromDatabase: boolean
  names: NameResults
  located: LocatedHosts
  tcp: TcpFacts
  observations: Observations
}

/** Share of conversations an address must take part in to count as the address of the captured site. */
const OWN_SHARE = 0.9
const LEAST_CONVERSATIONS = 20
/** What groupAddresses() knows of a host. */
const MULTIPLE = 1
const CANDIDATE = 2

export function contextOf(facts: Facts, baseline: Baseline | null, blocklist: Blocklist | null): Context {
  const { flows, names, located, tcp, observations } = facts
  const conversations = new Conversations(flows, facts.isFirstClient, facts.isFromDatabase)
  const { firstUs, lastUs } = conversations
  const hosts = hostFacts(flows, located)
  const known = withLinkSenders(observations, flows, hosts)
  return { firstUs, lastUs, flows: conversations, hosts, names, located, tcp, observations: known, baseline, blocklist }
}

function hostFacts({ hosts, table }: Flows, located: LocatedHosts): HostFacts {
  const own = ownPublicHost(hosts, table)
  // Computed once per host: rules read it for both ends of every conversation, and finding a scope compares prefixes.
  const local = new Uint8Array(hosts.count)
  for (let host = 0; host < hosts.count; host++) if (host === own || LOCAL_SCOPES.has(hosts.scope(host))) local[host] = 1
  const group = groupAddresses(hosts, table, local)
  const place = (host: number) => located.places[located.placeOfHost[host]]
  return {
    count: hosts.count,
    ip: (host) => hosts.ip(host),
    scope: (host) => hosts.scope(host),
    isLocal: (host) => local[host] === 1,
    isGroup: (host) => group[host] !== 0,
    asn: (host) => located.asnOfHost[host],
    asName: (host) => located.asNameOfHost[host] ?? null,
    countryCode: (host) => place(host)?.countryCode ?? null,
    country: (host) => place(host)?.country ?? null,
  }
}

/**
 * By host: not 0 for multicast and broadcast, with the broadcast addresses of local networks (RFC 919). Their prefix lengths are not in the
 * packets; an IPv4 address inside that ends in 255, never sent anything and was never called by TCP is taken for one.
 */
function groupAddresses(hosts: Flows['hosts'], table: Flows['table'], local: Uint8Array): Uint8Array {
  const group = new Uint8Array(hosts.count)
  let candidates = 0
  for (let host = 0; host < hosts.count; host++) {
    if (hosts.isGroup(host)) group[host] = MULTIPLE
    else if (local[host] === 1 && hosts.ip(host).endsWith('.255')) {
      group[host] = CANDIDATE
      candidates++
    }
  }
  for (let flow = 0; flow < table.count && candidates > 0; flow++) {
    const [first, other] = [table.firstHost(flow), table.otherHost(flow)]
    const isTcp = table.protocol(flow) === Protocol.tcp
    if (group[first] === CANDIDATE && (isTcp || table.forwardPackets(flow) > 0)) group[first] = 0
    if (group[other] === CANDIDATE && (isTcp || table.backwardPackets(flow) > 0)) group[other] = 0
  }
  return group
}

/**
 * The public address of the captured site, if the capture was taken outside its NAT or on a server: one end of nearly all conversations, in a
 * capture without local addresses. -1 if there is none.
 */
function ownPublicHost(hosts: Flows['hosts'], table: Flows['table']): number {
  const ends = new Int32Array(hosts.count)
  let conversations = 0
  for (let flow = 0; flow < table.count; flow++) {
    const [first, other] = [table.firstHost(flow), table.otherHost(flow)]
    if (hosts.isGroup(first) || hosts.isGroup(other)) continue
    if (LOCAL_SCOPES.has(hosts.scope(first)) || LOCAL_SCOPES.has(hosts.scope(other))) return -1
    // Forged senders never complete a conversation.
    if (table.forwardPackets(flow) === 0 || table.backwardPackets(flow) === 0) continue
    conversations++
    ends[first]++
    if (other !== first) ends[other]++
  }
  if (conversations < LEAST_CONVERSATIONS) return -1
  const own = ends.reduce((best, count, host) => (count > ends[best] ? host : best), 0)
  // If two hosts communicate only with each other, both are an end of every conversation: it is unknown which one is inside.
  const isTied = ends.some((count, host) => host !== own && count > OWN_SHARE * conversations)
  return ends[own] > OWN_SHARE * conversations && !isTied ? own : -1
}
