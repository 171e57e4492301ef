// Conversations of some hosts, found in one pass: a pass for each host takes minutes where hostile traffic names thousands of them.
import { append } from './lists.ts'

interface Ends {
  count: number
  client(flow: number): number
  server(flow: number): number
}

const NONE: readonly number[] = []

/** @returns ids of the conversations of a wanted host, ascending */
export function flowsOfHosts(flows: Ends, wanted: ReadonlySet<number>): (host: number) => readonly number[] {
  const byHost = new Map<number, number[]>()
  const add = (host: number, flow: number) => {
    if (!wanted.has(host)) return
    append(byHost, host, flow)
  }
  for (let flow = 0; flow < flows.count && wanted.size > 0; flow++) {
    const [client, server] = [flows.client(flow), flows.server(flow)]
    add(client, flow)
    if (server !== client) add(server, flow)
  }
  return (host) => byHost.get(host) ?? NONE
}
