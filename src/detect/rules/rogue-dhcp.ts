// More than one DHCP server answers in the same network: the second one may announce itself as router and name server.
import { defineRule, type Finding } from '../engine/finding.ts'
import { HostIndex } from '../engine/host-index.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupBy } from '../methods/lists.ts'
import type { DhcpServer } from '../observe/observations.ts'

export const rogueDhcp = defineRule({
  id: 'rogue-dhcp',
  version: 1,
  readsObservations: true,
  title: 'A second DHCP server answers in a network',
  technique: 'T1557.003',
  severity: 'high',
  source: 'RFC 2131 and 2132; DHCP snooping as switches do it: one trusted server a network',
  options: {
    servers: option(2, '', 'servers that answer in one network'),
  },
  run(context, options) {
    const findings: Finding[] = []
    const index = new HostIndex(context.hosts)
    for (const servers of byNetwork(context.observations.dhcpServers).values()) {
      const addresses = new Set(servers.map(({ ip }) => ip))
      if (addresses.size >= options.servers) findings.push(...describe(index, servers, options.servers))
    }
    return findings
  },
})

/** Network of the addresses that a server assigns; a server that assigns none is not compared. */
function byNetwork(servers: DhcpServer[]): Map<string, DhcpServer[]> {
  return groupBy(servers, ({ network }) => network || null)
}

/** The server that answered first is assumed to be the right one. */
function describe(index: HostIndex, servers: DhcpServer[], threshold: number): Finding[] {
  const [first, ...others] = [...servers].sort((a, b) => a.firstUs - b.firstUs)
  return others
    .filter(({ ip }) => ip !== first.ip)
    .map((server): Finding => {
      const isRedirecting = server.router !== first.router || server.dnsServer !== first.dnsServer
      const mac = server.mac === '' ? '' : ` (${server.mac})`
      return {
        severity: isRedirecting ? 'high' : 'low',
        severityReason: isRedirecting
          ? `It names another router or name server than ${first.ip}: its clients' traffic goes elsewhere.`
          : 'It gives the same router and name server: probably a second server for when the first one fails.',
        title: `${server.ip}${mac} answers DHCP in ${server.network}, where ${first.ip} already does.`,
        nextStep: `Ask who runs ${server.ip}; if nobody does, find ${server.mac || 'it'} in the switch's table, and check which clients took its offers.`,
        firstUs: server.firstUs,
        lastUs: server.lastUs,
        source: index.find(server.ip),
        target: index.find(first.ip),
        observed: [
          measured('servers in the network', new Set(servers.map(({ ip }) => ip)).size, threshold),
          fact('answers', plural(server.answers, 'answer')),
          fact('router it names', server.router || 'none'),
          fact('name server it names', server.dnsServer || 'none'),
          fact('the first server names', list([first.router || 'no router', first.dnsServer || 'no name server'])),
        ],
        picture: null,
        flows: FlowSample.of(new Set([server.flow, first.flow])),
        ports: [67],
      }
    })
}
