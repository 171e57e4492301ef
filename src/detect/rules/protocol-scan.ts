// One host sends another packets of many IP protocols, to learn which of them it speaks.

import { Protocol } from '../../decode/codes.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { sessionsOfPairs, timesOf } from '../methods/grouped-flows.ts'

const ORDINARY = new Set<number>([Protocol.tcp, Protocol.udp, Protocol.icmp, Protocol.icmpv6])

export const protocolScan = defineRule({
  id: 'protocol-scan',
  version: 1,
  title: 'One host tries many IP protocols of another',
  technique: 'T1046',
  severity: 'medium',
  source: 'The IP protocol scan of nmap (-sO): one packet of each protocol number; two hosts that work together use two or three',
  options: {
    protocols: option(8, '', 'different IP protocols, besides TCP, UDP and ICMP, that one host sent to another'),
    memory: option(900, 's', 'a longer pause between two of them begins a new scan (bro-simple-scan: 15 min)'),
  },
  run(context, options) {
    const { flows, hosts } = context
    const isCounted = (flow: number) => !ORDINARY.has(flows.protocol(flow)) && !hosts.isGroup(flows.otherHost(flow))
    const findings: Finding[] = []
    for (const session of sessionsOfPairs(flows, isCounted, options.memory * 1e6)) {
      const protocols = [...new Set(Array.from(session, (flow) => flows.protocol(flow)))].sort((a, b) => a - b)
      if (protocols.length >= options.protocols) findings.push(describe(context, session, protocols, options.protocols))
    }
    return findings
  },
})

function describe({ flows, hosts }: Context, session: Int32Array, protocols: number[], threshold: number): Finding {
  const [source, target] = [flows.firstHost(session[0]), flows.otherHost(session[0])]
  const { firstUs, lastUs } = timesOf(flows, session)
  return {
    severity: 'medium',
    severityReason: 'Hosts speak two or three IP protocols with each other; whoever tries them all explores.',
    title: `${hosts.ip(source)} tried ${plural(protocols.length, 'IP protocol')} of ${hosts.ip(target)} in ${span(lastUs - firstUs)}.`,
    nextStep: `Ask who runs a scanner on ${hosts.ip(source)}, and look for later connections from it that carried data.`,
    firstUs,
    lastUs,
    source,
    target,
    observed: [measured('protocols', protocols.length, threshold), fact('numbers', list(protocols, 20))],
    picture: null,
    flows: FlowSample.of(session),
  }
}
