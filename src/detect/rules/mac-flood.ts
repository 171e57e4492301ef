// Frames from more hardware addresses than a link has machines: a switch whose table is full sends everything to everybody.
import { samplePoints, secondsSince } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { busiest, sessionsOf } from '../methods/grouped-flows.ts'

const WINDOW_US = 10_000_000
/** A longer time without a new address ends a flood. */
const PAUSE_US = 60_000_000

export const macFlood = defineRule({
  id: 'mac-flood',
  version: 1,
  title: 'Frames come from thousands of hardware addresses',
  technique: 'T1040',
  severity: 'high',
  source:
    'macof of dsniff makes up an address for each frame; access switches learn 1,024 to 16,384 addresses (IEEE 802.1D 7.9), and a port has one machine, or a few',
  options: {
    addresses: {
      default: 1000,
      unit: '',
      description: 'hardware addresses that send for the first time within ten seconds, each for one IP address',
    },
  },
  run(context, options) {
    const { flows } = context
    const firstFlows = newcomers(context)
    if (firstFlows.length < options.addresses) return []
    const findings: Finding[] = []
    for (const own of sessionsOf(firstFlows, (flow) => flows.startUs(flow), PAUSE_US)) {
      const { count } = busiest(own, (flow) => flows.startUs(flow), WINDOW_US)
      if (count >= options.addresses) findings.push(describe(context, own, count, options.addresses))
    }
    return findings
  },
})

/** The first conversation of each hardware address that sends for one IP address only, by time: routers send for many. */
function newcomers({ flows, hosts, observations }: Context): Int32Array {
  const { senderMacs } = observations
  const hostOf = new Map<number, number>()
  for (let host = 0; host < hosts.count; host++) {
    const mac = senderMacs.onlyOf(host)
    if (mac !== 0) hostOf.set(mac, hostOf.has(mac) ? SEVERAL : host)
  }
  const ids = [...hostOf.values()].filter((host) => host !== SEVERAL).map((host) => senderMacs.flowOf(host))
  return Int32Array.from(ids).sort((a, b) => flows.startUs(a) - flows.startUs(b) || a - b)
}

const SEVERAL = -1

/** @param ids one of each address, by time */
function describe({ flows }: Context, ids: Int32Array, most: number, threshold: number): Finding {
  const firstUs = flows.startUs(ids[0])
  const lastUs = flows.startUs(ids[ids.length - 1])
  return {
    severity: 'high',
    severityReason:
      'No link has so many machines that begin to speak at once: addresses are made up to fill the table of a switch, so that traffic of others can be read.',
    title: `Frames of ${plural(ids.length, 'hardware address', 'hardware addresses')} came within ${span(lastUs - firstUs)}, each for one IP address of its own.`,
    nextStep: 'Find the port of the switch on which these addresses are learned, and limit how many a port may have.',
    firstUs,
    lastUs,
    source: null,
    target: null,
    observed: [{ name: 'new hardware addresses within ten seconds', value: most, unit: '', threshold }],
    picture: {
      kind: 'steps',
      x: { label: 'Time since the first address', unit: 's' },
      y: { label: 'Hardware addresses', unit: '' },
      points: samplePoints(ids.length, (i) => [secondsSince(firstUs, flows.startUs(ids[i])), i + 1]),
      threshold: { axis: 'y', value: threshold, label: plural(threshold, 'address', 'addresses') },
      caption: 'Each step is another address that sends for the first time.',
    },
    flows: FlowSample.of(ids),
  }
}
