// Names and DNS messages in logs of other programs -> names of hosts and conversations, found by the ends and times that the logs have.
import type { LogNames } from '../capture/flow-records/log-names.ts'
import type { LogEnds, LogMessage } from '../capture/flow-records/record.ts'
import type { HostTable } from '../flows/hosts.ts'
import type { FlowTable } from '../flows/table.ts'
import { type DnsMessage, MAX_ANSWERS } from './dns.ts'
import type { FlowLabels } from './flow-labels.ts'
import { cleanName } from './text.ts'

/** Names by multicast are asked for in the same form (RFC 6762, RFC 4795). */
const BY_PORT = new Map<number, 'mdns' | 'llmnr'>([
  [5353, 'mdns'],
  [5355, 'llmnr'],
])
/** Programs write the time of a name and those of its conversation with different precision. */
const TOLERANCE_US = 1_000_000

/** @param logs of any order. Call once, after the last record: names may be read before their conversations. */
export function addLoggedNames(logs: readonly LogNames[], flows: FlowTable, hosts: HostTable, labels: FlowLabels): void {
  const names = logs.flatMap(({ list }) => list).sort((a, b) => a.atUs - b.atUs)
  const messages = logs.flatMap((log) => log.messages).sort((a, b) => a.atUs - b.atUs)
  if (names.length + messages.length === 0) return
  const wanted = new Map<string, number[]>()
  for (const { ends } of [...names, ...messages]) if (ends !== null) wanted.set(keyOf(ends), [])
  for (let flow = 0; flow < flows.count; flow++) {
    if (!flows.isAggregate(flow)) wanted.get(keyOf(endsOf(flow, flows, hosts)))?.push(flow)
  }
  for (const found of wanted.values()) found.sort((a, b) => flows.startUs(a) - flows.startUs(b))
  const find = (ends: LogEnds, atUs: number) => nearest(wanted.get(keyOf(ends)) ?? [], atUs, flows)
  for (const { ends, name: text, source, atUs, address } of names) {
    const name = cleanName(text)
    if (name === '') continue
    if (ends === null && source === 'dns') labels.hostNames.addDnsRecord(address, name, source, atUs)
    else if (ends === null) labels.hostNames.add(address, name, source, atUs)
    const flow = ends === null ? -1 : find(ends, atUs)
    if (flow < 0) continue
    const isFirst = flows.firstPort(flow) === ends!.clientPort && hosts.ip(flows.firstHost(flow)) === ends!.client
    labels.nameReceiver(flow, isFirst ? 0 : 1, name, source, atUs)
  }
  for (const message of messages) {
    const flow = find(message.ends, message.atUs)
    if (flow >= 0) labels.addDns(flow, dnsOf(message), BY_PORT.get(message.ends.serverPort) ?? 'dns', message.atUs)
  }
}

/** @param found conversations with the same ends, in order of their beginning. @returns the one of this time, -1 for none */
function nearest(found: readonly number[], atUs: number, flows: FlowTable): number {
  let [low, high] = [0, found.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (flows.startUs(found[middle]) <= atUs) low = middle + 1
    else high = middle
  }
  // Conversations with the same ends follow each other: it is the last one that has begun, or the one after it.
  let best = -1
  let bestUs = TOLERANCE_US + 1
  for (const flow of found.slice(Math.max(0, low - 1), low + 1)) {
    const distanceUs = Math.max(0, flows.startUs(flow) - atUs, atUs - flows.endUs(flow))
    if (distanceUs >= bestUs) continue
    best = flow
    bestUs = distanceUs
  }
  return best
}

/** The addresses of answers are names of their own in the log. */
function dnsOf({ id, isResponse, name, type, responseCode, answers }: LogMessage): DnsMessage {
  let text = ''
  for (const answer of answers.map(cleanName)) {
    if (text.length + answer.length < MAX_ANSWERS) text += text === '' ? answer : ` ${answer}`
  }
  const questions = [{ name: cleanName(name), type: cleanName(type).toUpperCase() }]
  return { id, isResponse, responseCode: cleanName(responseCode).toUpperCase(), questions, answers: text, addresses: [], payload: null }
}

function endsOf(flow: number, flows: FlowTable, hosts: HostTable): LogEnds {
  return {
    client: hosts.ip(flows.firstHost(flow)),
    clientPort: flows.firstPort(flow),
    server: hosts.ip(flows.otherHost(flow)),
    serverPort: flows.otherPort(flow),
    protocol: flows.protocol(flow),
  }
}

/** The same for both directions. */
function keyOf({ protocol, client, clientPort, server, serverPort }: LogEnds): string {
  const ends = [`${client} ${clientPort}`, `${server} ${serverPort}`].sort()
  return `${protocol} ${ends[0]} ${ends[1]}`
}
