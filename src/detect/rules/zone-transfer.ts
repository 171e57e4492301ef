// A name server is asked for a whole zone by a host that is no name server: the names of all machines in one answer.

import type { DnsQuery } from '../../names/index.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, list, plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupBy } from '../methods/lists.ts'

const DNS_PORT = 53

export const zoneTransfer = defineRule({
  id: 'zone-transfer',
  version: 1,
  title: 'A whole DNS zone is asked for',
  technique: 'T1590.002',
  severity: 'medium',
  source: 'RFC 5936 (AXFR): only secondary name servers transfer zones; ATT&CK T1590.002',
  options: {
    zones: option(1, '', 'zones that one host asks of one server'),
  },
  run(context, options) {
    const { flows, names } = context
    const transfers = names.dnsQueries.filter(({ type, flow }) => type === 'AXFR' && flows.serverPort(flow) === DNS_PORT)
    const pairs = groupBy(transfers, ({ flow }) => flows.pair(flow))
    if (pairs.size === 0) return []
    const servers = nameServers(context)
    return [...pairs.values()]
      .filter((queries) => new Set(queries.map(({ name }) => name)).size >= options.zones)
      .map((queries) => describe(context, queries, servers, options.zones))
  },
})

/** Hosts that answer DNS themselves. */
function nameServers({ flows }: Context): Set<number> {
  const found = new Set<number>()
  for (let flow = 0; flow < flows.count; flow++) {
    if (flows.serverPort(flow) === DNS_PORT && flows.serverPackets(flow) > 0 && flows.clientPackets(flow) > 0) found.add(flows.server(flow))
  }
  return found
}

function describe({ flows, hosts }: Context, queries: DnsQuery[], servers: ReadonlySet<number>, threshold: number): Finding {
  const [{ flow }] = queries
  const [client, server] = [flows.client(flow), flows.server(flow)]
  const zones = [...new Set(queries.map(({ name }) => name))]
  const given = queries.filter(({ responseCode, answers }) => responseCode === 'NOERROR' && answers)
  const isSecondary = servers.has(client)
  const isGiven = given.length > 0
  const received = queries.reduce((sum, query) => sum + flows.serverBytes(query.flow), 0)
  return {
    severity: isSecondary ? 'info' : isGiven ? 'medium' : 'low',
    severityReason: isSecondary
      ? `${hosts.ip(client)} answers DNS itself: a secondary name server transfers zones.`
      : isGiven
        ? 'The answer lists every machine of the zone, and only name servers need it.'
        : 'The server did not give it, or its answer was not captured.',
    title: `${hosts.ip(client)} asked ${hosts.ip(server)} for the whole zone ${list(zones)}${isGiven ? ` and got it (${bytes(received)})` : ''}.`,
    nextStep: `Allow transfers only to the secondary servers of ${zones[0]}, and ask who works on ${hosts.ip(client)}.`,
    firstUs: Math.min(...queries.map(({ atUs }) => atUs)),
    lastUs: Math.max(...queries.map((query) => flows.endUs(query.flow))),
    source: client,
    target: server,
    observed: [
      measured('zones', zones.length, threshold),
      fact('answer', queries[0].responseCode ?? 'not seen'),
      fact('questions', plural(queries.length, 'question')),
    ],
    picture: null,
    flows: FlowSample.of(new Set(queries.map((query) => query.flow))),
    ports: [DNS_PORT],
    names: zones,
  }
}
