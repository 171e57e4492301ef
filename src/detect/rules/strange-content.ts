// What is neither TLS nor HTTP on the ports of the web: firewalls let it pass, and what it is cannot be seen.
import { TcpFlag } from '../../decode/codes.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupBy } from '../methods/lists.ts'
import type { StrangeContent } from '../observe/observations.ts'

export const strangeContent = defineRule({
  id: 'strange-content',
  version: 1,
  readsObservations: true,
  title: 'Neither TLS nor HTTP on a port of the web',
  technique: 'T1095',
  severity: 'low',
  source:
    'The first bytes of the client, read only where the capture has the connection from its SYN on, against TLS (RFC 8446), HTTP and all applications that are recognised by content; Snort and Zeek (dpd) tell such connections by the same comparison',
  options: {
    conversations: option(1, '', 'such conversations of one host with one server outside, which answers'),
  },
  run(context, options) {
    const { flows, hosts, names, observations } = context
    // The rule `mining` reports these.
    const mining = new Set(observations.mining.map(({ flow }) => flow))
    const groups = groupBy(observations.strangeContent, ({ flow }) => {
      const isAnswered = flows.isAccepted(flow) && (flows.serverFlags(flow) & TcpFlag.psh) !== 0
      const isKnown = names.ofFlow(flow).applicationSource === 'content' || mining.has(flow)
      return isKnown || hosts.isLocal(flows.server(flow)) || !isAnswered ? null : `${flows.pair(flow)} ${flows.serverPort(flow)}`
    })
    return [...groups.values()]
      .filter(({ length }) => length >= options.conversations)
      .map((own) => describe(context, own, options.conversations))
  },
})

function describe({ flows, hosts }: Context, own: StrangeContent[], threshold: number): Finding {
  const ids = own.map(({ flow }) => flow)
  const [flow] = ids
  const [source, target, port] = [flows.client(flow), flows.server(flow), flows.serverPort(flow)]
  return {
    severity: 'low',
    severityReason: 'Messengers and games do this to pass firewalls, and so do programs that take commands.',
    title: `${hosts.ip(source)} and ${hosts.ip(target)} spoke neither TLS nor HTTP on TCP port ${port}, ${plural(ids.length, 'conversation')}.`,
    nextStep: `Find the program on ${hosts.ip(source)} that opened it, and look at the first bytes in the capture.`,
    firstUs: own.reduce((us, { atUs }) => Math.min(us, atUs), Number.POSITIVE_INFINITY),
    lastUs: ids.reduce((us, id) => Math.max(us, flows.endUs(id)), 0),
    source,
    target,
    observed: [measured('conversations', ids.length, threshold), fact('begins with', own[0].begin)],
    picture: null,
    flows: FlowSample.of(ids),
    ports: [port],
  }
}
