// Two hosts between which many TCP segments are sent again: the network loses packets, or there is no room in it.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { repeatedSegments, type SegmentCount } from '../methods/tcp-segments.ts'

/** More than this is not a lossy path, but a capture that has packets twice (mirror port): then half of all segments look repeated. */
const MOST_PERCENT = 30

interface Path extends SegmentCount {
  /** Of its first conversation. */
  client: number
  server: number
  conversations: number[]
}

export const lossyPath = defineRule({
  id: 'lossy-path',
  version: 1,
  title: 'Many TCP segments between two hosts are sent again',
  technique: null,
  severity: 'info',
  source:
    'ITU-T Y.1541: networks lose at most 0.1 % of packets; Mathis et al. 1997: at 2 % and 100 ms of round-trip time a TCP connection carries 1 Mbit/s',
  options: {
    share: option(2, '%', 'of the segments with data are sent again'),
    segments: option(20, '', 'segments sent again: fewer are chance'),
  },
  run(context, options) {
    return [...pathsOf(context)]
      .filter((path) => path.repeated >= options.segments)
      .filter((path) => percentOf(path) >= options.share && percentOf(path) <= MOST_PERCENT)
      .map((path) => describe(context, path, options))
  },
})

/** Of hosts that sent something again: most pairs did not, and there may be a million of them. */
function pathsOf({ flows, hosts, tcp }: Context): Iterable<Path> {
  const keyOf = (flow: number): number => {
    const [client, server] = [flows.client(flow), flows.server(flow)]
    return Math.min(client, server) * hosts.count + Math.max(client, server)
  }
  const lossy = new Set<number>()
  const isEnd = new Uint8Array(hosts.count)
  for (let flow = 0; flow < flows.count; flow++) {
    if (!tcp.has(flow) || repeatedSegments(tcp, flow).repeated <= 0) continue
    lossy.add(keyOf(flow))
    isEnd[flows.client(flow)] = 1
    isEnd[flows.server(flow)] = 1
  }
  const paths = new Map<number, Path>()
  for (let flow = 0; flow < flows.count && lossy.size > 0; flow++) {
    if (isEnd[flows.client(flow)] === 0 || isEnd[flows.server(flow)] === 0 || !tcp.has(flow)) continue
    const key = keyOf(flow)
    if (!lossy.has(key)) continue
    const { sent, repeated } = repeatedSegments(tcp, flow)
    if (sent === 0) continue
    let path = paths.get(key)
    if (path === undefined) {
      path = { client: flows.client(flow), server: flows.server(flow), sent: 0, repeated: 0, conversations: [] }
      paths.set(key, path)
    }
    path.sent += sent
    path.repeated += repeated
    if (repeated > 0) path.conversations.push(flow)
  }
  return paths.values()
}

function percentOf({ sent, repeated }: SegmentCount): number {
  return (100 * repeated) / sent
}

function describe({ flows, hosts }: Context, path: Path, options: Record<string, number>): Finding {
  const { client, server, conversations, sent, repeated } = path
  const percent = Number(percentOf(path).toPrecision(2))
  return {
    severity: 'info',
    severityReason: 'It says how good the network is; nobody did anything.',
    title: `Between ${hosts.ip(client)} and ${hosts.ip(server)}, ${percent} % of ${plural(sent, 'TCP segment')} with data were sent again.`,
    nextStep: `See in the Health view whether other hosts near ${hosts.ip(server)}, or all that ${hosts.ip(client)} contacts, have the same losses.`,
    firstUs: conversations.reduce((us, flow) => Math.min(us, flows.startUs(flow)), Number.POSITIVE_INFINITY),
    lastUs: conversations.reduce((us, flow) => Math.max(us, flows.endUs(flow)), 0),
    source: client,
    target: server,
    observed: [
      measured('sent again', percent, options.share, '%'),
      measured('segments sent again', repeated, options.segments),
      fact('conversations with repeated segments', conversations.length),
    ],
    picture: null,
    flows: FlowSample.of(conversations),
    ports: flows.serverPorts(conversations),
  }
}
