// Conversations -> the order in which their hosts were first seen.
import type { Context } from '../engine/finding.ts'

/** Above this many attempts, an array over all hosts of the capture costs less than a Map. */
const MANY = 10_000

/** Numbers of hosts, from 1, in the order in which they were first tried. */
export interface HostOrder {
  size: number
  of(host: number): number
}

export function hostOrder({ hosts }: Context, ids: Int32Array, hostOf: (flow: number) => number): HostOrder {
  if (ids.length < MANY) {
    const order = new Map<number, number>()
    for (const flow of ids) if (!order.has(hostOf(flow))) order.set(hostOf(flow), order.size + 1)
    return { size: order.size, of: (host) => order.get(host) ?? 0 }
  }
  const numbers = new Int32Array(hosts.count)
  let size = 0
  for (const flow of ids) {
    const host = hostOf(flow)
    if (numbers[host] === 0) numbers[host] = ++size
  }
  return { size, of: (host) => numbers[host] }
}
