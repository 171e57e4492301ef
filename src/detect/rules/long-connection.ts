// Connections to outside hosts that stay open for hours: tunnels, remote control, and many programs that wait for messages.
import { Protocol } from '../../decode/codes.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, span } from '../engine/wording.ts'
import { expectedReason } from '../methods/benign-periodic.ts'
import { FlowSample } from '../methods/flow-sample.ts'

const HOUR_US = 3_600_000_000

export const longConnection = defineRule({
  id: 'long-connection',
  version: 1,
  title: 'A connection to the outside stays open for hours',
  technique: 'T1572',
  severity: 'medium',
  source: 'RITA v5 (long connections: 1, 4, 8 and 12 h)',
  options: {
    length: option(1, 'h', 'open for this long (RITA: 1 h)'),
    medium_length: option(12, 'h', 'from this length on the severity is medium (RITA rates 12 h highest)'),
  },
  run(context, options) {
    const { flows, hosts } = context
    const findings: Finding[] = []
    for (let flow = 0; flow < flows.count; flow++) {
      const us = flows.lengthUs(flow)
      if (us < options.length * HOUR_US) continue
      const protocol = flows.protocol(flow)
      if (protocol !== Protocol.tcp && protocol !== Protocol.udp) continue
      if (flows.serverPackets(flow) === 0 || flows.clientPackets(flow) === 0) continue
      if (!hosts.isLocal(flows.client(flow)) || hosts.isLocal(flows.server(flow)) || hosts.isGroup(flows.server(flow))) continue
      findings.push(describe(context, flow, us, options))
    }
    return findings
  },
})

function describe({ flows, hosts, names }: Context, flow: number, us: number, options: Record<string, number>): Finding {
  const source = flows.client(flow)
  const target = flows.server(flow)
  const port = flows.serverPort(flow)
  const { serverName, application } = names.ofFlow(flow)
  const expected = expectedReason(application, serverName, port)
  const who = serverName === null ? hosts.ip(target) : `${serverName} (${hosts.ip(target)})`
  const isLongest = us >= options.medium_length * HOUR_US
  const severity: Severity = expected !== null ? 'info' : isLongest ? 'medium' : 'low'
  const reason = isLongest
    ? `${options.medium_length} h or more.`
    : 'Applications that wait for messages keep connections open for hours too.'
  return {
    severity,
    severityReason: expected === null ? reason : `Long by design: ${expected}.`,
    title: `${hosts.ip(source)} kept a connection to ${who} port ${port} open for ${span(us)}.`,
    nextStep: `Find the program on ${hosts.ip(source)} that holds it, and see in the timeline whether it is busy at odd hours.`,
    firstUs: flows.startUs(flow),
    lastUs: flows.endUs(flow),
    source,
    target,
    observed: [
      measured('open for', Number((us / HOUR_US).toFixed(2)), options.length, 'h'),
      fact('sent', bytes(flows.clientBytes(flow))),
      fact('received', bytes(flows.serverBytes(flow))),
    ],
    picture: null,
    flows: FlowSample.of([flow]),
    ports: [port],
    names: serverName === null ? [] : [serverName],
  }
}
