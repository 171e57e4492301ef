// Hosts that were tried one after the other -> the order in which they were first tried.
import type { Context } from '../engine/finding.ts'

/** Above this many attempts, an array over all hosts of the capture costs less than a Map. */
const MANY = 10_000

/** Numbers of hosts, from 1, in the order in which they were first tried. */
export interface HostOrder {
  size: number
  of(host: number): number
}

/** @param tried the host of each attempt */
export function hostOrder({ hosts }: Context, tried: Int32Array): HostOrder {
  if (tried.length < MANY) {
    const order = new Map<number, number>()
    for (const host of tried) if (!order.has(host)) order.set(host, order.size + 1)
    return { size: order.size, of: (host) => order.get(host) ?? 0 }
  }
  const numbers = new Int32Array(hosts.count)
  let size = 0
  for (const host of tried) if (numbers[host] === 0) numbers[host] = ++size
  return { size, of: (host) => numbers[host] }
}
