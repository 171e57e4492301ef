// A machine asks in ARP for one address after the other: it looks for everybody on its link.
import { defineRule, type Finding } from '../engine/finding.ts'
import { HostIndex } from '../engine/host-index.ts'
import { measured, option } from '../engine/thresholds.ts'
import { plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import type { ArpQuestions } from '../observe/observations.ts'

export const arpScan = defineRule({
  id: 'arp-scan',
  version: 1,
  readsObservations: true,
  title: 'A machine asks for every address of its link',
  technique: 'T1018',
  severity: 'medium',
  source: 'RFC 826; arp-scan, netdiscover and nmap -PR ask for every address of a network within seconds',
  options: {
    addresses: option(40, '', 'different addresses that one hardware address asks for within a minute'),
  },
  run(context, options) {
    const askers = context.observations.arpQuestions.filter(({ addresses }) => addresses >= options.addresses)
    if (askers.length === 0) return []
    const index = new HostIndex(context.hosts)
    return askers.map((asker) => describe(asker, index.find(asker.ip), options.addresses))
  },
})

function describe(
  { mac, ip, addresses, firstUs, lastUs, frame, capture, isRouter }: ArpQuestions,
  host: number | null,
  threshold: number,
): Finding {
  return {
    severity: isRouter ? 'info' : 'medium',
    severityReason: isRouter
      ? 'Packets from outside come from it: a router asks for every address that somebody outside tries.'
      : 'A machine asks for the few that it speaks to; inventories and intruders ask for all.',
    title: `${mac}${ip === '' ? '' : ` (${ip})`} asked in ARP for ${plural(addresses, 'address', 'addresses')} in ${span(lastUs - firstUs)}.`,
    nextStep: `Ask who runs an inventory on ${ip || mac}, and look for later connections from it.`,
    firstUs,
    lastUs,
    source: host,
    target: null,
    observed: [measured('addresses asked for within a minute', addresses, threshold)],
    picture: null,
    flows: FlowSample.of([]),
    place: { frame, capture },
  }
}
