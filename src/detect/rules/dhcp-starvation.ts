// Requests for addresses in the names of more clients than any network starts at once: the server has none left for others.
import { defineRule, type Finding } from '../engine/finding.ts'
import { HostIndex } from '../engine/host-index.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'

export const dhcpStarvation = defineRule({
  id: 'dhcp-starvation',
  version: 1,
  readsObservations: true,
  title: 'Addresses are asked for in the names of a crowd of clients',
  technique: 'T1499.002',
  severity: 'high',
  source:
    'RFC 2131; tools like Yersinia and DHCPig ask with made-up hardware addresses until the server has none left. Switches stop it by comparing chaddr with the sender of the frame (DHCP snooping)',
  options: {
    clients: option(100, '', 'different hardware addresses that ask within a minute, not through a relay'),
  },
  run({ hosts, observations }, options) {
    const index = new HostIndex(hosts)
    return observations.dhcpClients
      .filter(({ clients }) => clients >= options.clients)
      .map(({ flow, clients, foreign, mac, firstUs, lastUs }): Finding => {
        const isOne = foreign * 2 >= clients
        const [server] = observations.dhcpServers
        return {
          severity: isOne ? 'high' : 'medium',
          severityReason: isOne
            ? 'Most frames come from another hardware address than the client they ask for, and no relay sent them: one machine asks for all.'
            : 'Each client sends for itself, or seems to: a large network after a power failure looks the same.',
          title: `${isOne && mac !== '' ? `${mac} asked` : 'Somebody asked'} DHCP for addresses for ${plural(clients, 'client')} in ${span(lastUs - firstUs)}.`,
          nextStep: isOne
            ? `Find the port of ${mac} in the switch's table, and look for a second DHCP server right after.`
            : 'Compare the hardware addresses with those of known machines, and look for a second DHCP server right after.',
          firstUs,
          lastUs,
          source: null,
          target: server === undefined ? null : index.find(server.ip),
          observed: [measured('clients within a minute', clients, options.clients), fact('of these asked for by another machine', foreign)],
          picture: null,
          flows: FlowSample.of([flow]),
          ports: [67],
        }
      })
  },
})
