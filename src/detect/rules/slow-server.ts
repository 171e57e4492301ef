// A server that takes long to begin its answers, beyond the time that the network needs.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupFlows, NO_GROUP } from '../methods/grouped-flows.ts'
import { append } from '../methods/lists.ts'

/** Longer is a wait by design: servers that push hold a request until there is news (RFC 6202 2.1 recommends 30 s for long polling). */
const LONGEST_US = 20_000_000

export const slowServer = defineRule({
  id: 'slow-server',
  version: 1,
  title: 'A server takes long to begin its answers',
  technique: null,
  severity: 'info',
  source: 'Nielsen 1993 (Usability Engineering, 5.5): after 1 s without an answer people notice that they wait',
  options: {
    response: option(1, 's', 'the median time from a request to the first byte of its answer, without the round trip'),
    answers: option(5, '', 'conversations that were measured: fewer may be chance'),
  },
  run(context, options) {
    const { flows, hosts, tcp } = context
    const keyOf = (flow: number): number => {
      const us = tcp.has(flow) ? thinkingUs(context, flow) : -1
      return us < 0 || us >= LONGEST_US ? NO_GROUP : flows.server(flow)
    }
    const isSlow = (flow: number): number => (thinkingUs(context, flow) >= options.response * 1e6 ? 1 : 0)
    const findings: Finding[] = []
    // Where the median is slow, at least half of the answers are.
    for (const { ids } of groupFlows(flows, hosts.count, keyOf, Math.ceil(options.answers / 2), isSlow)) {
      const byPort = new Map<number, number[]>()
      for (const flow of ids) append(byPort, flows.serverPort(flow), flow)
      for (const own of byPort.values()) {
        if (own.length < options.answers) continue
        own.sort((a, b) => thinkingUs(context, a) - thinkingUs(context, b) || a - b)
        const medianUs = thinkingUs(context, own[own.length >> 1])
        if (medianUs >= options.response * 1e6) findings.push(describe(context, own, medianUs, options))
      }
    }
    return findings
  },
})

/** From the client's first request to the server's first data, without the handshake's round trip; -1 if it was not measured. */
function thinkingUs({ flows, tcp }: Context, flow: number): number {
  const us = tcp.responseUs(flow, flows.clientDirection(flow))
  return us < 0 ? -1 : Math.max(0, us - Math.max(0, tcp.synAckUs(flow)))
}

function describe({ flows, hosts, names }: Context, own: number[], medianUs: number, options: Record<string, number>): Finding {
  const target = flows.server(own[0])
  const port = flows.serverPort(own[0])
  const called = [...new Set(own.map((flow) => names.ofFlow(flow).serverName).filter((name) => name !== null))]
  const who = called.length === 1 ? `${called[0]} (${hosts.ip(target)})` : hosts.ip(target)
  const clients = new Set(own.map((flow) => flows.client(flow)))
  return {
    severity: 'info',
    severityReason: 'It says how fast the server is; nobody did anything.',
    title: `${who} port ${port} takes ${span(medianUs)} to begin its answers (median of ${own.length} conversations).`,
    nextStep: `Look at the load of ${hosts.ip(target)} at that time: the network's round trip is not in this figure.`,
    firstUs: own.reduce((us, flow) => Math.min(us, flows.startUs(flow)), Number.POSITIVE_INFINITY),
    lastUs: own.reduce((us, flow) => Math.max(us, flows.endUs(flow)), 0),
    source: null,
    target,
    observed: [
      measured('median response', Number((medianUs / 1e6).toPrecision(3)), options.response, 's'),
      measured('conversations measured', own.length, options.answers),
      fact('clients', clients.size),
    ],
    picture: null,
    flows: FlowSample.of([...own].sort((a, b) => a - b)),
    ports: [port],
    ...(called.length > 0 ? { names: called } : {}),
  }
}
