// Many requests at once that never end: a web server keeps a worker for each, and has none left for others.
import { overTime } from '../engine/chart-points.ts'
import type { Conversations } from '../engine/conversations.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { distinct, groupFlows, NO_GROUP, sessionsOf, timesOf } from '../methods/grouped-flows.ts'
import { groupBy } from '../methods/lists.ts'

/** A longer time without a new request begins another attack. */
const PAUSE_US = 60_000_000

export const slowRequests = defineRule({
  id: 'slow-requests',
  version: 1,
  readsObservations: true,
  title: 'A web server is made to wait for requests that do not end',
  technique: 'T1499.002',
  severity: 'medium',
  source:
    'CVE-2007-6750 (Slowloris); slowhttptest opens 50 connections and sends a piece of each request every 10 s; Apache has 256 workers (MaxRequestWorkers)',
  options: {
    connections: option(50, '', 'requests to one port that are sent in pieces and not answered, at the same time'),
    duration: option(10, 's', 'how long each of them takes at least'),
  },
  run(context, options) {
    const { flows, hosts, observations } = context
    const slow = new Uint8Array(flows.count)
    for (const { flow } of observations.slowRequests) if (flows.lengthUs(flow) >= options.duration * 1e6) slow[flow] = 1
    const keyOf = (flow: number): number => (slow[flow] === 1 ? flows.server(flow) : NO_GROUP)
    const findings: Finding[] = []
    for (const { ids } of groupFlows(flows, hosts.count, keyOf, options.connections)) {
      for (const ofOnePort of groupBy(ids, (flow) => flows.serverPort(flow)).values()) {
        for (const own of sessionsOf(Int32Array.from(ofOnePort), (flow) => flows.startUs(flow), PAUSE_US)) {
          const open = openAtOnce(flows, own)
          if (open.some((count) => count >= options.connections)) findings.push(describe(context, own, open, options))
        }
      }
    }
    return findings
  },
})

/** How many of the connections are open when each of them begins. @param ids by start time */
function openAtOnce(flows: Conversations, ids: Int32Array): Int32Array {
  const ends = Float64Array.from(ids, (flow) => flows.endUs(flow)).sort()
  let ended = 0
  return Int32Array.from(ids, (flow, begun) => {
    while (ended < ends.length && ends[ended] < flows.startUs(flow)) ended++
    return begun + 1 - ended
  })
}

/** @param ids by start time @param open by position in `ids` */
function describe({ flows, hosts }: Context, ids: Int32Array, open: Int32Array, options: Record<string, number>): Finding {
  const [first] = ids
  const target = flows.server(first)
  const port = flows.serverPort(first)
  const { firstUs, lastUs } = timesOf(flows, ids)
  const sources = distinct(ids, (flow) => flows.client(flow), hosts.count)
  const most = open.reduce((high, count) => Math.max(high, count), 0)
  const from = sources === 1 ? hosts.ip(flows.client(first)) : plural(sources, 'address', 'addresses')
  return {
    severity: 'medium',
    severityReason: 'Browsers send a request at once; whoever sends many in pieces wants the server to wait.',
    title: `${from} kept ${plural(most, 'request')} to ${hosts.ip(target)} port ${port} open at once, for ${span(lastUs - firstUs)}, without an end to any.`,
    nextStep: `Ask whether ${hosts.ip(target)} answered others meanwhile, limit how long it waits for a request, and ask who tests it from ${hosts.ip(flows.client(first))}.`,
    firstUs,
    lastUs,
    source: sources === 1 ? flows.client(first) : null,
    target,
    observed: [measured('requests open at once', most, options.connections), fact('requests', ids.length), fact('senders', sources)],
    picture: overTime('steps', 'request', firstUs, ids.length, (i) => [flows.startUs(ids[i]), open[i]], {
      y: { label: 'Requests open', unit: '' },
      threshold: { axis: 'y', value: options.connections, label: plural(options.connections, 'request') },
      caption: 'Each step is another request that begins.',
    }),
    flows: FlowSample.of(ids),
    ports: [port],
  }
}
