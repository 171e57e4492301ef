// Frames from more hardware addresses than a link has machines: a switch whose table is full sends everything to everybody.
import { conversationsByHost } from '../../flows/totals.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { measured, option } from '../engine/thresholds.ts'
import { plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { busiest, columnOf, sessionsOf } from '../methods/grouped-flows.ts'

const WINDOW_US = 10_000_000
/** A longer time without a new address ends a flood. */
const PAUSE_US = 60_000_000

export const macFlood = defineRule({
  id: 'mac-flood',
  version: 1,
  readsObservations: true,
  title: 'Frames come from thousands of hardware addresses',
  technique: 'T1040',
  severity: 'high',
  source:
    'macof of dsniff makes up an address for each frame; access switches learn 1,024 to 16,384 addresses (IEEE 802.1D 7.9), and a port has one machine, or a few',
  options: {
    addresses: option(
      1000,
      '',
      'hardware addresses that begin to send within ten seconds, each for one IP address that has one conversation and no answer',
    ),
  },
  run(context, options) {
    const { flows } = context
    const findings: Finding[] = []
    for (const own of sessionsOf(madeUp(context, options.addresses), (flow) => flows.startUs(flow), PAUSE_US)) {
      const { count } = busiest(
        columnOf(own, (flow) => flows.startUs(flow)),
        WINDOW_US,
      )
      if (count >= options.addresses) findings.push(describe(context, own, count, options.addresses))
    }
    return findings
  },
})

/**
 * The only conversation of each hardware address that sends for one IP address only, which has one conversation and no answer, by time. Routers send
 * for many addresses; machines, of which a link may show thousands when a capture begins, are answered, or go on to speak.
 */
function madeUp({ flows, hosts, observations }: Context, least: number): Int32Array {
  const senders = observations.unansweredSenders
  if (senders.length < least) return new Int32Array(0)
  // Of several captures, another may have more of the same address, an answer, or other conversations of the host.
  const times = new Map<string, number>()
  for (const { mac } of senders) times.set(mac, (times.get(mac) ?? 0) + 1)
  const conversations = conversationsByHost(flows.table, hosts.count)
  const ids = senders
    .filter(({ flow, host, mac }) => times.get(mac) === 1 && conversations[host] === 1 && flows.otherPackets(flow) === 0)
    .map(({ flow }) => flow)
  return Int32Array.from(ids).sort((a, b) => flows.startUs(a) - flows.startUs(b) || a - b)
}

/** @param ids one of each address, by time */
function describe({ flows }: Context, ids: Int32Array, most: number, threshold: number): Finding {
  const firstUs = flows.startUs(ids[0])
  const lastUs = flows.startUs(ids[ids.length - 1])
  return {
    severity: 'high',
    severityReason:
      'No link has so many machines that begin to speak at once: addresses are made up to fill the table of a switch, so that traffic of others can be read.',
    title: `Frames of ${plural(ids.length, 'hardware address', 'hardware addresses')} came within ${span(lastUs - firstUs)}, each for one IP address of its own, and none was answered.`,
    nextStep: 'Find the port of the switch on which these addresses are learned, and limit how many a port may have.',
    firstUs,
    lastUs,
    source: null,
    target: null,
    observed: [measured('new hardware addresses within ten seconds', most, threshold)],
    picture: overTime('steps', 'address', firstUs, ids.length, (i) => [flows.startUs(ids[i]), i + 1], {
      y: { label: 'Hardware addresses', unit: '' },
      threshold: { axis: 'y', value: threshold, label: plural(threshold, 'address', 'addresses') },
      caption: 'Each step is another address that sends for the first time.',
    }),
    flows: FlowSample.of(ids),
  }
}
