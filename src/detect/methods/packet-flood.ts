// Conversations of one host at the time of too many packets -> their numbers, and the finding of a flood.
import { overTime } from '../engine/chart-points.ts'
import type { Context, Finding } from '../engine/finding.ts'
import { fact } from '../engine/thresholds.ts'
import { bytes, plural, span } from '../engine/wording.ts'
import { FlowSample } from './flow-sample.ts'
import { distinct, timesOf } from './grouped-flows.ts'
import type { Surge } from './rate.ts'

/** A shorter duration counts as this long, so that a few packets at once are no flood. */
const LEAST_US = 1_000_000

export type Options = Record<string, number>

/** Answers to a flood of requests are not counted in it. */
export const packetsOf = ({ flows }: Context, flow: number): number => Math.max(flows.clientPackets(flow), flows.serverPackets(flow))

/** Conversations that started during the flood, or that overlap it and last at most twice as long. */
export function during({ flows }: Context, ids: Int32Array, { firstUs, lastUs }: Surge): Int32Array {
  const isBrief = (flow: number): boolean => flows.endUs(flow) - flows.startUs(flow) <= 2 * (lastUs - firstUs)
  return ids.filter(
    (flow) => flows.startUs(flow) <= lastUs && flows.endUs(flow) >= firstUs && (isBrief(flow) || flows.startUs(flow) >= firstUs),
  )
}

export interface Measured {
  packets: number
  bytes: number
  firstUs: number
  lastUs: number
  /** Packets per second over the whole duration, at least one second. */
  rate: number
}

export function measure(context: Context, ids: Int32Array): Measured {
  const { flows } = context
  let packets = 0
  let bytes = 0
  for (const flow of ids) {
    packets += packetsOf(context, flow)
    bytes += Math.max(flows.clientBytes(flow), flows.serverBytes(flow))
  }
  const { firstUs, lastUs } = timesOf(flows, ids)
  return { packets, bytes, firstUs, lastUs, rate: Math.round((packets * 1e6) / Math.max(LEAST_US, lastUs - firstUs)) }
}

export interface FloodWords {
  what: string
  technique: string
  observed: Finding['observed']
  /** The value divided by its threshold. */
  factor: number
  ports: number[]
}

export function describeFlood(
  context: Context,
  target: number,
  ids: Int32Array,
  measured: Measured,
  options: Options,
  words: FloodWords,
): Finding {
  const { flows, hosts } = context
  const { firstUs, lastUs } = measured
  const isReflection = words.technique === 'T1498.002'
  const senderOf = (flow: number) => (flows.client(flow) === target ? flows.server(flow) : flows.client(flow))
  const sources = distinct(ids, senderOf, hosts.count)
  const from = isReflection ? '' : ` from ${sources === 1 ? hosts.ip(senderOf(ids[0])) : plural(sources, 'address', 'addresses')}`
  const isHigh = words.factor >= options.high_factor
  return {
    severity: isHigh ? 'high' : 'medium',
    severityReason: `${isHigh ? 'At least' : 'Less than'} ${options.high_factor} times the threshold.`,
    title: `${hosts.ip(target)} got ${plural(measured.packets, 'packet')} (${bytes(measured.bytes)}) of ${words.what}${from} in ${span(lastUs - firstUs)}.`,
    nextStep: isReflection
      ? `Ask the provider of ${hosts.ip(target)} to filter this service, and look for who sends questions in its name.`
      : `Check whether ${hosts.ip(target)} still served others at that time, and ask the provider to filter.`,
    firstUs,
    lastUs,
    source: sources === 1 ? senderOf(ids[0]) : null,
    target,
    technique: words.technique,
    observed: [...words.observed, fact('senders', sources)],
    picture: overTime(
      'dots',
      'packet',
      firstUs,
      ids.length,
      (i) => [flows.startUs(ids[i]), flows.clientPackets(ids[i]) + flows.serverPackets(ids[i])],
      {
        y: { label: 'Packets in the conversation', unit: '' },
        threshold: null,
        caption: 'Each dot is a conversation, by its begin and its packets.',
      },
    ),
    flows: FlowSample.of(ids),
    ports: words.ports,
  }
}
