// SYNs at a rate above normal use, nearly all without an established connection.
import { Protocol } from '../../decode/codes.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { plural, span } from '../engine/wording.ts'
import { isFailedAttempt } from '../methods/attempts.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { busiest, columnOf, distinct, groupFlows, NO_GROUP, sessionsOf, timesOf } from '../methods/grouped-flows.ts'

const WINDOW_US = 10_000_000
const SECOND_US = 1_000_000
/** A flood has few target ports. */
const FLOODED_PORTS = 3
/** If more than this share of the SYNs have different sources, the sources are most likely forged. */
const FORGED_SHARE = 0.9
const MAX_BARS = 500

export const synFlood = defineRule({
  id: 'syn-flood',
  version: 1,
  title: 'A service is asked for more connections than are ever made',
  technique: 'T1499.001',
  severity: 'high',
  source:
    'RFC 4987 (half-open connections); thresholds between those of ntopng (256 unanswered SYN/min), FortiADC and Junos, with a completion ratio',
  options: {
    half_open: option(200, '', 'connections to one port, asked for and never made, in ten seconds'),
    completion: option(10, '%', 'no flood when at least this share of the connections was made'),
    high_rate: option(1000, '1/s', 'from this rate on, in the busiest second, the severity is high'),
  },
  run(context, options) {
    const { flows, hosts } = context
    const keyOf = (flow: number): number => (flows.protocol(flow) === Protocol.tcp && flows.isOpened(flow) ? flows.server(flow) : NO_GROUP)
    const findings: Finding[] = []
    const isHalfOpen = (flow: number): number => (isFailedAttempt(flows, flow) ? 1 : 0)
    for (const { key: target, ids } of groupFlows(flows, hosts.count, keyOf, options.half_open, isHalfOpen)) {
      const halfOpen = ids.filter((flow) => isFailedAttempt(flows, flow))
      for (const port of floodedPorts(context, halfOpen, options.half_open)) {
        const own = halfOpen.filter((flow) => flows.serverPort(flow) === port)
        const made = Float64Array.from(
          ids.filter((flow) => flows.serverPort(flow) === port && !isFailedAttempt(flows, flow)),
          (flow) => flows.startUs(flow),
        ).sort()
        for (const burst of sessionsOf(own, (flow) => flows.startUs(flow), WINDOW_US)) {
          const finding = describe(context, { target, port, halfOpen: burst, made }, options)
          if (finding !== null) findings.push(finding)
        }
      }
    }
    return findings
  },
})

interface Flood {
  target: number
  port: number
  halfOpen: Int32Array
  /** Times at which connections to the port were established, ascending. */
  made: Float64Array
}

/** The few ports with enough SYNs for a flood; even a fast scan sends fewer to one port. */
function floodedPorts({ flows }: Context, ids: Int32Array, least: number): number[] {
  const counts = new Map<number, number>()
  for (const flow of ids) counts.set(flows.serverPort(flow), (counts.get(flows.serverPort(flow)) ?? 0) + 1)
  const enough = [...counts].filter(([, count]) => count >= least)
  return enough
    .sort(([a, x], [b, y]) => y - x || a - b)
    .slice(0, FLOODED_PORTS)
    .map(([port]) => port)
}

function describe(context: Context, { target, port, halfOpen: ids, made: times }: Flood, options: Record<string, number>): Finding | null {
  const { flows, hosts } = context
  const startUs = (flow: number) => flows.startUs(flow)
  const { count } = busiest(columnOf(ids, startUs), WINDOW_US)
  if (count < options.half_open) return null
  const { firstUs, lastUs } = timesOf(flows, ids)
  const made = countUpTo(times, lastUs) - countUpTo(times, firstUs - 1)
  const completion = (made * 100) / (made + ids.length)
  if (completion >= options.completion) return null
  const peak = busiest(columnOf(ids, startUs), SECOND_US).count
  const sources = distinct(ids, (flow) => flows.client(flow), hosts.count)
  const isForged = sources > FORGED_SHARE * ids.length
  const isHigh = peak >= options.high_rate
  const from =
    sources === 1 ? hosts.ip(flows.client(ids[0])) : `${plural(sources, 'address', 'addresses')}${isForged ? ', most likely forged,' : ''}`
  return {
    severity: isHigh ? 'high' : 'medium',
    severityReason: isHigh
      ? `In its busiest second there were ${options.high_rate} or more.`
      : `Never ${options.high_rate} in a second, which most servers withstand.`,
    title: `${from} asked ${hosts.ip(target)} port ${port} for ${plural(ids.length, 'connection')} in ${span(lastUs - firstUs)} and completed ${made === 0 ? 'none' : `${completion.toFixed(1)} %`}.`,
    nextStep: `Check whether port ${port} of ${hosts.ip(target)} still answered others, whether SYN cookies are on, and ask the provider to filter.`,
    firstUs,
    lastUs,
    source: sources === 1 ? flows.client(ids[0]) : null,
    target,
    observed: [
      measured('connections never made in ten seconds', count, options.half_open),
      measured('connections made', Number(completion.toFixed(2)), options.completion, '%'),
      measured('in the busiest second', peak, options.high_rate, '1/s'),
      fact('different sources', sources),
    ],
    picture: {
      kind: 'bars',
      x: { label: 'Time since the first SYN', unit: 's' },
      y: { label: 'Connections never made, a bar', unit: '' },
      ...bars(ids, startUs, firstUs, options.half_open),
      caption: 'Connections that were asked for and never made.',
    },
    flows: FlowSample.of(ids),
    ports: [port],
  }
}

/** How many of the ascending numbers are at or below the limit. */
function countUpTo(numbers: Float64Array, limit: number): number {
  let from = 0
  let to = numbers.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (numbers[middle] <= limit) from = middle + 1
    else to = middle
  }
  return from
}

/** Counts in bars of one second, or longer for a long flood; the threshold is for ten seconds. */
function bars(ids: Int32Array, startUs: (flow: number) => number, firstUs: number, perWindow: number) {
  const spanS = Math.floor((startUs(ids[ids.length - 1]) - firstUs) / SECOND_US) + 1
  const widthS = Math.ceil(spanS / MAX_BARS)
  const counts: number[] = new Array(Math.ceil(spanS / widthS)).fill(0)
  for (const flow of ids) counts[Math.min(counts.length - 1, Math.max(0, Math.floor((startUs(flow) - firstUs) / SECOND_US / widthS)))]++
  const value = (perWindow * widthS * SECOND_US) / WINDOW_US
  return {
    points: counts.map((count, i): [number, number] => [i * widthS, count]),
    threshold: { axis: 'y' as const, value, label: `${perWindow} in ten seconds` },
  }
}
