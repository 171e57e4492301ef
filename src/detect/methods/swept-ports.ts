// Failed attempts of one source -> the ports that it swept: many hosts, fewer within a second, or few from outside over hours.
import type { Context } from '../engine/finding.ts'
import type { Attempts } from './attempts.ts'
import { busiest } from './grouped-flows.ts'

/** Number of conversations that are checked for names. */
const NAMED_SAMPLE = 64
/** Time in which a fast scan tries its ports or hosts. */
const FAST_US = 1_000_000
/** Most different ports of a slow sweep. */
const SLOW_PORTS = 5

/** Ports that were tried on enough hosts, or on fewer within a second. */
export function portsTried(context: Context, attempts: Attempts, options: Record<string, number>): number[] {
  const isFastKind = attempts.probe === 'SYN'
  const least = isFastKind ? Math.min(options.hosts, options.fast_hosts) : options.hosts
  return sweptPorts(attempts, least)
    .filter(({ port, hosts }) => {
      if (hosts < options.hosts && !(hosts >= options.fast_hosts && isFastKind)) return false
      const own = attempts.on(port)
      return (hosts >= options.hosts || isAtOnce(own, options.fast_hosts)) && isNameless(context, own)
    })
    .map(({ port }) => port)
}

function isAtOnce(own: Attempts, least: number): boolean {
  return new Set(triedAtOnce(own, least).victims).size >= least
}

/**
 * The most attempts within a second, of single packets that nothing or a single packet answered. A program that lost its network asks again.
 * @param least if there are not so many within a second, none
 */
export function triedAtOnce(attempts: Attempts, least: number): Attempts {
  if (busiest(attempts.startsUs, FAST_US).count < least) return attempts.part(0, 0)
  const { isSingle } = attempts
  const single = attempts.where((i) => isSingle[i] === 1)
  const { count, at } = busiest(single.startsUs, FAST_US)
  return single.part(at, at + count)
}

/** SYNs from outside to hosts inside, a few ports on each, seldom enough not to be noticed. */
export function isOutsideSweep(context: Context, attempts: Attempts, options: Record<string, number>): boolean {
  const { hosts } = context
  if (attempts.probe !== 'SYN' || hosts.isLocal(attempts.source)) return false
  const victims = new Set(attempts.victims)
  if (victims.size < options.slow_hosts || ![...victims].every((host) => hosts.isLocal(host))) return false
  const ports = allPorts(attempts)
  return ports.length <= SLOW_PORTS && ports.every((port) => isNameless(context, attempts.on(port)))
}

export function allPorts({ ports }: Attempts): number[] {
  return [...new Set(ports)].sort((a, b) => a - b)
}

/** Ports that were tried on at least `least` different hosts, ascending. */
function sweptPorts({ victims, ports, length }: Attempts, least: number): { port: number; hosts: number }[] {
  if (length < least) return []
  const pairs = new Float64Array(length)
  for (let i = 0; i < length; i++) pairs[i] = ports[i] * 2 ** 32 + victims[i]
  pairs.sort()
  const swept: { port: number; hosts: number }[] = []
  for (let i = 0; i < length; ) {
    const port = Math.floor(pairs[i] / 2 ** 32)
    const end = (port + 1) * 2 ** 32
    let hosts = 0
    for (let previous = -1; i < length && pairs[i] < end; previous = pairs[i++]) {
      if (pairs[i] !== previous) hosts++
    }
    if (hosts >= least) swept.push({ port, hosts })
  }
  return swept
}

/** Whether the source did not look up the names of its targets. One that does is using services. @param own attempts on one port */
function isNameless(context: Context, own: Attempts): boolean {
  const step = Math.ceil(own.length / NAMED_SAMPLE)
  const sample = own.flows.filter((_, i) => i % step === 0)
  return sample.filter((flow) => context.names.ofFlow(flow).serverName !== null).length * 2 < sample.length
}
