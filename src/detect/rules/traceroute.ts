// Routers report that the hop limit of packets was exceeded: a host traces the route to a target.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { HostIndex } from '../engine/host-index.ts'
import { measured, option } from '../engine/thresholds.ts'
import { plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupBy } from '../methods/lists.ts'
import type { TimeExceeded } from '../observe/observations.ts'

export const traceroute = defineRule({
  id: 'traceroute',
  version: 1,
  readsObservations: true,
  title: 'A host measures the way to another',
  technique: 'T1016',
  severity: 'low',
  source: 'Zeek misc/detect-traceroute: three ICMP time exceeded messages in three minutes',
  options: {
    routers: option(3, '', 'different routers that answered'),
    targets: option(10, '', 'targets of one host, from which on the severity is low instead of info'),
  },
  run(context, options) {
    const traces = context.observations.timeExceeded.filter(({ routers }) => routers >= options.routers)
    const bySource = groupBy(traces, ({ source }) => source)
    const index = new HostIndex(context.hosts)
    return [...bySource].map(([source, own]) => describe(context, index, source, own, options))
  },
})

function describe({ hosts }: Context, index: HostIndex, source: number, traces: TimeExceeded[], options: Record<string, number>): Finding {
  const most = traces.reduce((best, trace) => (trace.routers > best.routers ? trace : best))
  const firstUs = Math.min(...traces.map((trace) => trace.firstUs))
  const lastUs = Math.max(...traces.map((trace) => trace.lastUs))
  const isMapping = traces.length >= options.targets
  return {
    severity: isMapping ? 'low' : 'info',
    severityReason: isMapping
      ? 'So many ways are measured by monitoring, or by somebody who draws a map of the network.'
      : 'Administrators and programs do this every day.',
    title: `${hosts.ip(source)} measured the way to ${traces.length === 1 ? most.target : plural(traces.length, 'target')} (${plural(most.routers, 'router')} answered) in ${span(lastUs - firstUs)}.`,
    nextStep: `Ask the user of ${hosts.ip(source)} if nobody there is known to look after the network.`,
    firstUs,
    lastUs,
    source,
    target: traces.length === 1 ? index.find(most.target) : null,
    observed: [measured('routers that answered', most.routers, options.routers), measured('targets', traces.length, options.targets)],
    picture: null,
    flows: FlowSample.of(new Set(traces.flatMap(({ flows }) => flows))),
  }
}
