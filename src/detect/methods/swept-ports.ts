// Failed attempts of one source -> the ports that it swept: many hosts, fewer within a second, or few from outside over hours.
import type { Conversations } from '../engine/conversations.ts'
import type { Context } from '../engine/finding.ts'
import { type Attempts, victimOf, victimPortOf } from './attempts.ts'
import { busiest } from './grouped-flows.ts'

/** Number of conversations that are checked for names. */
const NAMED_SAMPLE = 64
/** Time in which a fast scan tries its ports or hosts. */
const FAST_US = 1_000_000
/** Most different ports of a slow sweep. */
const SLOW_PORTS = 5

/** Ports that were tried on enough hosts, or on fewer within a second. */
export function portsTried(context: Context, attempts: Attempts, options: Record<string, number>): number[] {
  const isNew = (port: number): boolean => isNameless(context, attempts, port)
  const ports = sweptPorts(context, attempts, options.hosts).filter(isNew)
  if (attempts.probe !== 'SYN') return ports
  const fast = sweptPorts(context, attempts, options.fast_hosts).filter(
    (port) => !ports.includes(port) && isAtOnce(context, attemptsOn(context, attempts, port), options.fast_hosts) && isNew(port),
  )
  return [...ports, ...fast].sort((one, other) => one - other)
}

function isAtOnce(context: Context, own: Int32Array, least: number): boolean {
  const { flows } = context
  return new Set(Array.from(triedAtOnce(flows, own), (flow) => victimOf(flows, flow, 'SYN'))).size >= least
}

/** The most attempts within a second, of single packets that nothing or a single packet answered. A program that lost its network asks again. */
export function triedAtOnce(flows: Conversations, own: Int32Array): Int32Array {
  const single = own.filter((flow) => flows.clientPackets(flow) === 1 && flows.serverPackets(flow) <= 1)
  const { count, at } = busiest(single, (flow) => flows.startUs(flow), FAST_US)
  return single.subarray(at, at + count)
}

/** SYNs from outside to hosts inside, a few ports on each, seldom enough not to be noticed. */
export function isOutsideSweep(context: Context, attempts: Attempts, options: Record<string, number>): boolean {
  const { flows, hosts } = context
  const { source, probe, flows: own } = attempts
  if (probe !== 'SYN' || hosts.isLocal(source)) return false
  const victims = new Set(Array.from(own, (flow) => flows.server(flow)))
  if (victims.size < options.slow_hosts || ![...victims].every((host) => hosts.isLocal(host))) return false
  const ports = allPorts(context, attempts)
  return ports.length <= SLOW_PORTS && ports.every((port) => isNameless(context, attempts, port))
}

export function allPorts({ flows }: Context, { flows: own, probe }: Attempts): number[] {
  return [...new Set(Array.from(own, (flow) => victimPortOf(flows, flow, probe)))].sort((a, b) => a - b)
}

/** Ports that were tried on at least `least` different hosts, ascending. */
function sweptPorts({ flows }: Context, { flows: ids, probe }: Attempts, least: number): number[] {
  const pairs = new Float64Array(ids.length)
  for (let i = 0; i < ids.length; i++) pairs[i] = victimPortOf(flows, ids[i], probe) * 2 ** 32 + victimOf(flows, ids[i], probe)
  pairs.sort()
  const ports: number[] = []
  for (let i = 0; i < pairs.length; ) {
    const port = Math.floor(pairs[i] / 2 ** 32)
    let different = 0
    for (let previous = -1; i < pairs.length && Math.floor(pairs[i] / 2 ** 32) === port; previous = pairs[i++]) {
      if (pairs[i] !== previous) different++
    }
    if (different >= least) ports.push(port)
  }
  return ports
}

export function attemptsOn({ flows }: Context, { flows: ids, probe }: Attempts, port: number): Int32Array {
  return ids.filter((flow) => victimPortOf(flows, flow, probe) === port)
}

/** Whether the source did not look up the names of its targets. One that does is using services. */
function isNameless(context: Context, attempts: Attempts, port: number): boolean {
  const own = attemptsOn(context, attempts, port)
  const step = Math.ceil(own.length / NAMED_SAMPLE)
  const sample = own.filter((_, i) => i % step === 0)
  return sample.filter((flow) => context.names.ofFlow(flow).serverName !== null).length * 2 < sample.length
}
