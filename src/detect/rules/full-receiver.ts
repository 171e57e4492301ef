// A host that has no room for the data sent to it: its TCP windows are closed for long.
import { counter } from '../../health/tcp-records.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'

interface Receiver {
  host: number
  closedUs: number
  conversations: number[]
}

const SENT = counter('dataSegments')

export const fullReceiver = defineRule({
  id: 'full-receiver',
  version: 1,
  title: 'A host has no room for the data that is sent to it',
  technique: null,
  severity: 'info',
  source: 'RFC 9293 3.8.6.1 (zero windows); the first probe comes after a retransmission time-out, which is at least 1 s (RFC 6298 2.4)',
  options: {
    closed: option(1, 's', 'for which the window of a conversation was closed: senders then probe it'),
  },
  run(context, options) {
    const { flows, tcp } = context
    const receivers = new Map<number, Receiver>()
    for (let flow = 0; flow < flows.count; flow++) {
      if (!tcp.has(flow)) continue
      const client = flows.clientDirection(flow)
      for (const [host, direction] of [
        [flows.client(flow), client],
        [flows.server(flow), 1 - client],
      ]) {
        const us = tcp.zeroWindowUs(flow, direction)
        if (us < options.closed * 1e6 || tcp.counted(flow, 1 - direction, SENT) === 0) continue
        const own = receivers.get(host) ?? { host, closedUs: 0, conversations: [] }
        own.closedUs += us
        own.conversations.push(flow)
        receivers.set(host, own)
      }
    }
    return [...receivers.values()].map((receiver) => describe(context, receiver, options))
  },
})

function describe({ flows, hosts }: Context, { host, closedUs, conversations }: Receiver, options: Record<string, number>): Finding {
  const others = [...new Set(conversations.map((flow) => (flows.client(flow) === host ? flows.server(flow) : flows.client(flow))))]
  return {
    severity: 'info',
    severityReason: 'It says how fast the program reads; nobody did anything.',
    title: `${hosts.ip(host)} had no room for data for ${span(closedUs)} in ${plural(conversations.length, 'conversation')} (TCP zero window).`,
    nextStep: `Look for the program on ${hosts.ip(host)} that reads slower than it is sent to: a full disk, a busy processor, or a player that waits.`,
    firstUs: conversations.reduce((us, flow) => Math.min(us, flows.startUs(flow)), Number.POSITIVE_INFINITY),
    lastUs: conversations.reduce((us, flow) => Math.max(us, flows.endUs(flow)), 0),
    source: host,
    target: others.length === 1 ? others[0] : null,
    observed: [
      measured('window closed for', Number((closedUs / 1e6).toPrecision(3)), options.closed, 's'),
      fact('conversations', conversations.length),
    ],
    picture: null,
    flows: FlowSample.of(conversations),
    ports: flows.serverPorts(conversations),
  }
}
