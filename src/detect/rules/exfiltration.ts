// An inside host that sends much more to an outside destination than it receives (producer-consumer ratio).
import { Protocol } from '../../decode/codes.ts'
import { numberRows } from '../../names/flow-names.ts'
import { samplePoints, secondsSince } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, list, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'

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
    const isUpload = (sent: number, received: number) => sent >= options.size && (sent - received) / (sent + received) >= options.ratio
    return uploads(context, options.size, isUpload).map((upload) => describe(context, upload, options))
  },
})

interface Upload {
  client: number
  name: string | null
  sent: number
  received: number
  flows: number[]
}

/**
 * What inside hosts sent to outside destinations, in conversations that they opened: what a server sends was requested.
 * @param least hosts that sent fewer bytes in total are left out
 * @param isWanted by the bytes of one host and one destination
 */
function uploads({ flows, hosts, names }: Context, least: number, isWanted: (sent: number, received: number) => boolean): Upload[] {
  const sentBy = new Float64Array(hosts.count)
  const isOutward = (flow: number) =>
    (flows.protocol(flow) === Protocol.tcp || flows.protocol(flow) === Protocol.udp) &&
    flows.serverPackets(flow) > 0 &&
    hosts.isLocal(flows.client(flow)) &&
    !hosts.isLocal(flows.server(flow)) &&
    !hosts.isGroup(flows.server(flow))
  const outward: number[] = []
  for (let flow = 0; flow < flows.count; flow++) {
    if (flows.clientBytes(flow) < HEADER_BYTES * 4 || !isOutward(flow)) continue
    outward.push(flow)
    sentBy[flows.client(flow)] += flows.clientBytes(flow)
  }
  const chosen = outward.filter((flow) => sentBy[flows.client(flow)] >= least)
  const clients = Int32Array.from(chosen, (flow) => flows.client(flow))
  const idOfName = new Map<string, number>()
  const destinations = Int32Array.from(chosen, (flow) => {
    const name = names.ofFlow(flow).serverName
    if (name !== null && !idOfName.has(name)) idOfName.set(name, idOfName.size)
    return name === null ? flows.server(flow) * 2 : idOfName.get(name)! * 2 + 1
  })
  const sent: number[] = []
  const received: number[] = []
  const pairs = numberRows([clients, destinations], chosen.length, () => {
    received.push(0)
    return sent.push(0) - 1
  })
  for (const [i, flow] of chosen.entries()) {
    sent[pairs[i]] += Math.max(0, flows.clientBytes(flow) - HEADER_BYTES * flows.clientPackets(flow))
    received[pairs[i]] += Math.max(0, flows.serverBytes(flow) - HEADER_BYTES * flows.serverPackets(flow))
  }
  const wanted = new Map<number, Upload>()
  for (const [i, flow] of chosen.entries()) {
    const pair = pairs[i]
    if (!isWanted(sent[pair], received[pair])) continue
    const upload = wanted.get(pair)
    if (upload) upload.flows.push(flow)
    else
      wanted.set(pair, {
        client: clients[i],
        name: names.ofFlow(flow).serverName,
        sent: sent[pair],
        received: received[pair],
        flows: [flow],
      })
  }
  return [...wanted.values()]
}

function describe(context: Context, { client, name, sent, received, flows: ids }: Upload, options: Record<string, number>): Finding {
  const { flows, hosts } = context
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
  const ratio = (sent - received) / (sent + received)
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
      measured('producer/consumer ratio', Number(ratio.toFixed(3)), options.ratio),
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

function runningTotal({ flows }: Context, ids: number[], firstUs: number): [number, number][] {
  let total = 0
  const byEnd = [...ids].sort((a, b) => flows.endUs(a) - flows.endUs(b))
  const totals = byEnd.map((flow) => (total += Math.max(0, flows.clientBytes(flow) - HEADER_BYTES * flows.clientPackets(flow))))
  return samplePoints(byEnd.length, (i) => [secondsSince(firstUs, flows.endUs(byEnd[i])), totals[i]])
}
