// Data in ping: an echo reply repeats the data of its request, but a tunnel sends different data each time.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { bytes, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { append } from '../methods/lists.ts'
import type { EchoPayloads } from '../observe/observations.ts'

export const icmpTunnel = defineRule({
  id: 'icmp-tunnel',
  version: 3,
  title: 'Data is carried in ICMP echo requests and replies',
  technique: 'T1095',
  severity: 'high',
  source:
    'RFC 792 and RFC 4443: a reply returns the data of its request. Large payloads that change with each packet, or replies with other data, do not ping',
  options: {
    packets: { default: 20, unit: '', description: 'payloads of more than 64 bytes between two hosts' },
    changing: { default: 80, unit: '%', description: 'share of them that differ from the one before in more than the time stamp' },
    altered: { default: 10, unit: '', description: 'replies with other data than their request, which is enough by itself' },
    rewritten: { default: 3, unit: '', description: 'requests with the number of one before and other data, which is enough by itself' },
    high_bytes: { default: 100_000, unit: 'B', description: 'from this much payload on the severity is high' },
  },
  run(context, options) {
    const pairs = new Map<string, EchoPayloads[]>()
    for (const echo of context.observations.echo) {
      const key = `${context.flows.client(echo.flow)} ${context.flows.server(echo.flow)}`
      append(pairs, key, echo)
    }
    const findings: Finding[] = []
    for (const echoes of pairs.values()) {
      const finding = judge(context, echoes, options)
      if (finding !== null) findings.push(finding)
    }
    return findings
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
      { name: 'large payloads', value: large, unit: '', threshold: options.packets },
      { name: 'that change', value: Math.round(share), unit: '%', threshold: options.changing },
      { name: 'replies with other data', value: altered, unit: '', threshold: options.altered },
      { name: 'requests with a number used before and other data', value: rewritten, unit: '', threshold: options.rewritten },
      { name: 'payload', value: payload, unit: 'B', threshold: options.high_bytes },
      { name: 'largest payload', value: most, unit: 'B', threshold: null },
      { name: 'entropy of the payloads', value: Number(entropy.toFixed(2)), unit: 'bits a byte', threshold: null },
    ],
    picture: null,
    flows: FlowSample.of(echoes.map((echo) => echo.flow)),
  }
}
