// Data in ping: an echo reply repeats the data of its request, but a tunnel sends different data each time.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupBy } from '../methods/lists.ts'
import type { EchoPayloads } from '../observe/observations.ts'

export const icmpTunnel = defineRule({
  id: 'icmp-tunnel',
  version: 3,
  readsObservations: true,
  title: 'Data is carried in ICMP echo requests and replies',
  technique: 'T1095',
  severity: 'high',
  source:
    'RFC 792 and RFC 4443: a reply returns the data of its request. Large payloads that change with each packet, or replies with other data, do not ping',
  options: {
    packets: option(20, '', 'payloads of more than 64 bytes between two hosts'),
    changing: option(80, '%', 'share of them that differ from the one before in more than the time stamp'),
    altered: option(10, '', 'replies with other data than their request, which is enough by itself'),
    rewritten: option(3, '', 'requests with the number of one before and other data, which is enough by itself'),
    high_bytes: option(100_000, 'B', 'from this much payload on the severity is high'),
  },
  run(context, options) {
    const pairs = groupBy(context.observations.echo, ({ flow }) => context.flows.pair(flow))
    return [...pairs.values()].map((echoes) => judge(context, echoes, options)).filter((finding) => finding !== null)
  },
})

function judge({ flows, hosts }: Context, echoes: EchoPayloads[], options: Record<string, number>): Finding | null {
  const sum = (pick: (echo: EchoPayloads) => number) => echoes.reduce((total, echo) => total + pick(echo), 0)
  const large = sum(({ largePackets }) => largePackets)
  const changing = sum(({ changingPackets }) => changingPackets)
  const altered = sum(({ alteredReplies }) => alteredReplies)
  const share = large === 0 ? 0 : (changing * 100) / large
  const isChanging = large >= options.packets && share >= options.changing
  const rewritten = sum(({ rewrittenRequests }) => rewrittenRequests)
  if (!isChanging && altered < options.altered && rewritten < options.rewritten) return null
  const [{ flow }] = echoes
  const source = flows.client(flow)
  const target = flows.server(flow)
  const payload = sum(({ requestBytes, replyBytes }) => requestBytes + replyBytes)
  const firstUs = Math.min(flows.startUs(flow), ...echoes.slice(0, 1000).map((echo) => flows.startUs(echo.flow)))
  const lastUs = echoes.reduce((last, echo) => Math.max(last, flows.endUs(echo.flow)), firstUs)
  const packets = sum(({ requests, replies }) => requests + replies)
  const isHigh = payload >= options.high_bytes
  const most = echoes.reduce((size, { maxPayloadBytes }) => Math.max(size, maxPayloadBytes), 0)
  const entropy = echoes.reduce((bits, { entropyBits }) => Math.max(bits, entropyBits), 0)
  return {
    severity: isHigh ? 'high' : 'medium',
    severityReason: isHigh
      ? `More than ${bytes(options.high_bytes)} went through.`
      : `Less than ${bytes(options.high_bytes)} went through.`,
    title: `${hosts.ip(source)} exchanged ${bytes(payload)} with ${hosts.ip(target)} inside ${plural(packets, 'ping packet')} in ${span(lastUs - firstUs)}.`,
    nextStep: `Look at the payloads in the capture (icmp and host ${hosts.ip(target)}), and find the program that sends them.`,
    firstUs,
    lastUs,
    source,
    target,
    observed: [
      measured('large payloads', large, options.packets),
      measured('that change', Math.round(share), options.changing, '%'),
      measured('replies with other data', altered, options.altered),
      measured('requests with a number used before and other data', rewritten, options.rewritten),
      measured('payload', payload, options.high_bytes, 'B'),
      fact('largest payload', most, 'B'),
      fact('entropy of the payloads', Number(entropy.toFixed(2)), 'bits a byte'),
    ],
    picture: null,
    flows: FlowSample.of(echoes.map((echo) => echo.flow)),
  }
}
