// Tables of the stages before -> what rules are told.
import type { Flows } from '../flows/index.ts'
import type { LocatedHosts } from '../geo/index.ts'
import type { NameResults } from '../names/index.ts'
import type { Scope } from '../types.ts'
import type { Baseline } from './baseline.ts'
import type { Blocklist } from './blocklist/index.ts'
import { Conversations } from './conversations.ts'
import type { Context, HostFacts } from './finding.ts'
import type { Observations } from './observe/index.ts'

export interface Facts {
  flows: Flows
  names: NameResults
  located: LocatedHosts
  observations: Observations
}

const LOCAL: ReadonlySet<Scope> = new Set<Scope>(['private', 'loopback', 'link-local', 'cgnat'])

export function contextOf({ flows, names, located, observations }: Facts, baseline: Baseline | null, blocklist: Blocklist | null): Context {
  const { table } = flows
  let firstUs = table.count > 0 ? Number.POSITIVE_INFINITY : 0
  let lastUs = 0
  for (let flow = 0; flow < table.count; flow++) {
    if (table.startUs(flow) < firstUs) firstUs = table.startUs(flow)
    if (table.endUs(flow) > lastUs) lastUs = table.endUs(flow)
  }
  const conversations = new Conversations(flows)
  return { firstUs, lastUs, flows: conversations, hosts: hostFacts(flows, located), names, located, observations, baseline, blocklist }
}

function hostFacts({ hosts }: Flows, located: LocatedHosts): HostFacts {
  const place = (host: number) => located.places[located.placeOfHost[host]]
  return {
    count: hosts.count,
    ip: (host) => hosts.ip(host),
    scope: (host) => hosts.scope(host),
    isLocal: (host) => LOCAL.has(hosts.scope(host)),
    isGroup: (host) => hosts.isGroup(host),
    asn: (host) => located.asnOfHost[host],
    asName: (host) => located.asNameOfHost[host] ?? null,
    countryCode: (host) => place(host)?.countryCode ?? null,
    country: (host) => place(host)?.country ?? null,
  }
}
