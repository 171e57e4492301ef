// An inside host that sends much more to an outside destination than it receives (producer-consumer ratio).
import { Protocol } from '../../decode/codes.ts'
import { samplePoints, secondsSince } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, list, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupRows, NO_GROUP, splitter } from '../methods/grouped-flows.ts'
import { NameNumbers } from '../methods/name-numbers.ts'

/** Bytes of headers in a frame: Ethernet, IPv4, TCP with time stamps. */
const HEADER_BYTES = 66

export const exfiltration = defineRule({
  id: 'exfiltration',
  version: 1,
  title: 'A host inside sends much to one place outside and gets little back',
  technique: 'T1048',
  severity: 'high',
  source:
    'Producer/consumer ratio (Bullard and Gerth, FloCon 2014): (sent - received) / (sent + received), 1 is a pure push; by server name, else address',
  options: {
    size: option(10_000_000, 'B', 'data sent to one name or address, headers not counted'),
    ratio: option(0.8, '', 'producer/consumer ratio: mail is 0.4, browsing -0.5'),
    high_size: option(1_000_000_000, 'B', 'from this much data on the severity is high'),
  },
  run(context, options) {
    const findings: Finding[] = []
    for (const upload of uploads(context, options.size)) {
      if (ratioOf(upload) >= options.ratio) findings.push(describe(context, upload, options))
    }
    return findings
  },
})

interface Upload {
  client: number
  name: string | null
  sent: number
  received: number
  flows: Int32Array
}

/** Producer/consumer ratio. */
function ratioOf({ sent, received }: Upload): number {
  return (sent - received) / (sent + received)
}

/**
 * What inside hosts sent to outside destinations, in conversations that they opened: what a server sends was requested.
 * @param least names and addresses that were sent fewer bytes are left out
 */
function* uploads(context: Context, least: number): Generator<Upload> {
  const { flows, hosts, names } = context
  const isOutward = (flow: number) =>
    (flows.protocol(flow) === Protocol.tcp || flows.protocol(flow) === Protocol.udp) &&
    hosts.isLocal(flows.client(flow)) &&
    !hosts.isLocal(flows.server(flow)) &&
    !hosts.isGroup(flows.server(flow)) &&
    flows.serverPackets(flow) > 0 &&
    flows.clientBytes(flow) >= HEADER_BYTES * 4
  const sentBy = new Float64Array(hosts.count)
  /** Twice the number of the server, or twice that of its name and one. */
  const destinations = new Int32Array(flows.count).fill(NO_GROUP)
  for (let flow = 0; flow < flows.count; flow++) {
    if (!isOutward(flow)) continue
    destinations[flow] = flows.server(flow) * 2
    sentBy[flows.client(flow)] += flows.clientBytes(flow)
  }
  if (!sentBy.some((sent) => sent >= least)) return
  const numbers = new NameNumbers(names)
  const sentTo = new Float64Array(2 * Math.max(hosts.count, names.byFlow.distinct.length))
  for (let flow = 0; flow < flows.count; flow++) {
    if (destinations[flow] < 0) continue
    if (sentBy[flows.client(flow)] < least) {
      destinations[flow] = NO_GROUP
      continue
    }
    const name = numbers.of(flow)
    if (name >= 0) destinations[flow] = name * 2 + 1
    sentTo[destinations[flow]] += flows.clientBytes(flow)
  }
  const destinationOf = (flow: number) => destinations[flow]
  const split = splitter(sentTo.length, destinationOf, (flow) => sentOf(context, flow), least)
  const clientOf = (flow: number) => (destinations[flow] >= 0 && sentTo[destinations[flow]] >= least ? flows.client(flow) : NO_GROUP)
  for (const { key: client, ids } of groupRows(flows.count, hosts.count, clientOf, 1)) {
    for (const own of split(ids)) {
      const name = destinationOf(own[0]) % 2 === 1 ? names.ofFlow(own[0]).serverName : null
      const sent = own.reduce((sum, flow) => sum + sentOf(context, flow), 0)
      const received = own.reduce((sum, flow) => sum + payload(flows.serverBytes(flow), flows.serverPackets(flow)), 0)
      yield { client, name, sent, received, flows: own }
    }
  }
}

function sentOf({ flows }: Context, flow: number): number {
  return payload(flows.clientBytes(flow), flows.clientPackets(flow))
}

function payload(frameBytes: number, packets: number): number {
  return Math.max(0, frameBytes - HEADER_BYTES * packets)
}

function describe(context: Context, upload: Upload, options: Record<string, number>): Finding {
  const { flows, hosts } = context
  const { client, name, sent, received, flows: ids } = upload
  const servers = flows.servers(ids)
  const ports = flows.serverPorts(ids).sort((a, b) => a - b)
  const [server] = servers
  const firstUs = ids.reduce((us, flow) => Math.min(us, flows.startUs(flow)), Number.POSITIVE_INFINITY)
  const lastUs = ids.reduce((us, flow) => Math.max(us, flows.endUs(flow)), 0)
  const where =
    name === null
      ? hosts.ip(server)
      : `${name} (${list(
          servers.map((host) => hosts.ip(host)),
          2,
        )})`
  const country = hosts.country(server)
  const isHigh = sent >= options.high_size
  const sorted = [...ids].sort((a, b) => flows.startUs(a) - flows.startUs(b))
  return {
    severity: isHigh ? 'high' : 'medium',
    severityReason: isHigh
      ? `${bytes(options.high_size)} or more left.`
      : 'Back-ups and uploads look the same; the size is not extraordinary.',
    title: `${hosts.ip(client)} sent ${bytes(sent)} to ${where}${country === null ? '' : ` in ${country}`} in ${span(lastUs - firstUs)} and got ${bytes(received)} back.`,
    nextStep: `Ask whether ${hosts.ip(client)} should upload to ${name ?? hosts.ip(server)}, and with which program it did.`,
    firstUs,
    lastUs,
    source: client,
    target: server,
    observed: [
      measured('sent', Math.round(sent), options.size, 'B'),
      fact('received', Math.round(received), 'B'),
      measured('producer/consumer ratio', Number(ratioOf(upload).toFixed(3)), options.ratio),
    ],
    picture: {
      kind: 'steps',
      x: { label: 'Time since the first conversation', unit: 's' },
      y: { label: 'Sent so far', unit: 'B' },
      points: runningTotal(context, sorted, firstUs),
      threshold: { axis: 'y', value: options.size, label: bytes(options.size) },
      caption: 'Each step is the end of a conversation.',
    },
    flows: FlowSample.of(sorted),
    ports,
    names: name === null ? [] : [name],
  }
}

function runningTotal(context: Context, ids: number[], firstUs: number): [number, number][] {
  const { flows } = context
  let total = 0
  const byEnd = [...ids].sort((a, b) => flows.endUs(a) - flows.endUs(b))
  const totals = byEnd.map((flow) => (total += sentOf(context, flow)))
  return samplePoints(byEnd.length, (i) => [secondsSince(firstUs, flows.endUs(byEnd[i])), totals[i]])
}
