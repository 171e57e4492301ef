// Names and DNS messages in logs of other programs -> names of hosts and conversations, found by the ends and times that the logs have.
import type { LogNames } from '../capture/flow-records/log-names.ts'
import type { LogEnds, LogHostName, LogMessage } from '../capture/flow-records/record.ts'
import { Protocol } from '../decode/codes.ts'
import type { HostTable } from '../flows/hosts.ts'
import type { FlowTable } from '../flows/table.ts'
import { applicationCode } from './applications.ts'
import { type DnsMessage, MAX_ANSWERS } from './dns.ts'
import { answersOf, compareAnswers, type DnsAnswer } from './dns-answers.ts'
import type { FlowLabels } from './flow-labels.ts'
import { cleanName } from './text.ts'

/** Names by multicast are asked for in the same form (RFC 6762, RFC 4795). */
const BY_PORT = new Map<number, 'mdns' | 'llmnr'>([
  [5353, 'mdns'],
  [5355, 'llmnr'],
])
/** NetBIOS asks for names in messages like those of DNS (RFC 1002, 4.2). */
const NETBIOS_NAMES = 137
/** Programs write the time of a name and those of its conversation with different precision. */
const TOLERANCE_US = 1_000_000
const NO_FLOWS: readonly number[] = []
const DTLS = applicationCode('dtls')

/**
 * Call once, after the last record: names may be read before their conversations.
 * @param logs of any order
 * @returns answers by which conversations are yet to be named, by time
 */
export function addLoggedNames(logs: readonly LogNames[], flows: FlowTable, hosts: HostTable, labels: FlowLabels): DnsAnswer[] {
  const names = logs.flatMap(({ list }) => list).sort((a, b) => a.atUs - b.atUs)
  const messages = logs.flatMap((log) => log.messages).sort((a, b) => a.atUs - b.atUs || Number(a.isResponse) - Number(b.isResponse))
  const ofHosts = logs.flatMap((log) => log.ofHosts)
  if (names.length + messages.length + ofHosts.length === 0) return []
  const wanted = new WantedEnds(hosts)
  const flowsOfNames = names.map(({ ends }) => (ends === null ? NO_FLOWS : wanted.add(ends)))
  // Zeek's ssl.log has sessions over UDP (QUIC, DTLS of an unknown version), too, without saying so.
  const overUdp = names.map(({ ends, source }) =>
    ends?.protocol === Protocol.tcp && source === 'tls' ? wanted.add({ ...ends, protocol: Protocol.udp }) : NO_FLOWS,
  )
  const flowsOfMessages = messages.map(({ ends }) => wanted.add(ends))
  for (let flow = 0; flow < flows.count; flow++) if (!flows.isAggregate(flow)) wanted.find(flow, flows)?.push(flow)
  for (const found of wanted.all()) found.sort((a, b) => flows.startUs(a) - flows.startUs(b))
  for (const [i, { ends, name: text, ja4, source, atUs, address }] of names.entries()) {
    const name = cleanName(text)
    const fingerprint = cleanName(ja4)
    if (name === '' && fingerprint === '') continue
    if (ends === null) labels.hostNames.addDnsRecord(address, name, source, atUs)
    const overTcp = nearest(flowsOfNames[i], atUs, flows)
    const flow = overTcp >= 0 ? overTcp : nearest(overUdp[i], atUs, flows)
    if (flow < 0) continue
    const isFirst = flows.firstPort(flow) === ends!.clientPort && hosts.ip(flows.firstHost(flow)) === ends!.client
    const direction = isFirst ? 0 : 1
    // The log of names has its own lines; the one that a report can name is that of the conversation.
    const line = { frame: flows.firstFrame(flow), capture: flows.firstCapture(flow) }
    if (fingerprint !== '') labels.setJa4(flow, direction, fingerprint, atUs, line)
    if (name === '') continue
    labels.nameReceiver(flow, direction, name, flow === overTcp ? source : labels.application[flow] === DTLS ? 'dtls' : 'quic', atUs)
  }
  const ids = new MessageIds()
  for (const [i, logged] of messages.entries()) {
    const flow = nearest(flowsOfMessages[i], logged.atUs, flows)
    if (flow < 0) continue
    const message = logged.id < 0 ? { ...logged, id: ids.idOf(flow, logged) } : logged
    const isNetbios = message.ends.protocol === Protocol.udp && message.ends.serverPort === NETBIOS_NAMES
    if (message.tellsApplication && isNetbios) labels.setApplication(flow, 'nbns')
    if (message.tellsApplication && !isNetbios)
      labels.addDns(flow, dnsOf(message), BY_PORT.get(message.ends.serverPort) ?? 'dns', message.atUs)
    else labels.dns.add(flow, message.atUs, dnsOf(message))
  }
  const answers = messages.filter(({ namesHosts }) => namesHosts === true).flatMap((message) => answersIn(message, hosts))
  const answered = new Map<string, LogHostName>()
  for (const { host, name, atUs } of answers.sort(compareAnswers)) {
    const known = answered.get(`${host} ${name}`)
    if (known === undefined) answered.set(`${host} ${name}`, { address: hosts.ip(host), name, source: 'dns', firstUs: atUs, count: 1 })
    else known.count++
  }
  for (const row of answered.values()) labels.hostNames.setCounted(hosts.findText(row.address), row.address, row)
  for (const row of ofHosts) {
    const host = hosts.findText(row.address)
    const name = cleanName(row.name)
    if (host < 0 || name === '') continue
    // A capture with the answer, but without a packet of the host, has no such row.
    const { firstUs, count } = (row.source === 'dns' && answered.get(`${host} ${name}`)) || row
    labels.hostNames.setCounted(host, row.address, {
      ...{ name, source: row.source },
      firstUs: Math.min(firstUs, row.firstUs),
      count: Math.max(count, row.count),
    })
  }
  return answers
}

function answersIn({ name, type, answers, atUs }: LogMessage, hosts: HostTable): DnsAnswer[] {
  return answersOf(cleanName(name), type.toUpperCase(), answers, atUs, hosts)
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
  return {
    id,
    isResponse,
    responseCode: cleanName(responseCode).toUpperCase(),
    questions,
    answers: text,
    alias: '',
    addresses: [],
    payload: null,
  }
}

/** Messages whose id the log does not have, in order of time -> one id for a question and its answer, which is for the first that is open. */
class MessageIds {
  private next = 1
  /** By conversation, name and type. */
  private readonly open = new Map<string, number[]>()

  idOf(flow: number, { isResponse, name, type }: LogMessage): number {
    const key = `${flow} ${type} ${name.toLowerCase()}`
    const asked = this.open.get(key) ?? []
    const first = isResponse ? asked.shift() : undefined
    if (first !== undefined) return first
    const id = this.next
    this.next = id === 0xffff ? 1 : id + 1
    if (!isResponse) asked.push(id)
    this.open.set(key, asked)
    return id
  }
}

/** Ends of conversations in a log -> the conversations between them. Few of millions of conversations are wanted: most are told by their hosts alone. */
class WantedEnds {
  private readonly hosts: HostTable
  private readonly isWanted: Uint8Array
  private readonly flows = new Map<string, number[]>()

  constructor(hosts: HostTable) {
    this.hosts = hosts
    this.isWanted = new Uint8Array(hosts.count)
  }

  /** @returns the list that gets the conversations between these ends, in either direction */
  add({ protocol, client, clientPort, server, serverPort }: LogEnds): readonly number[] {
    const [from, to] = [this.hosts.findText(client), this.hosts.findText(server)]
    if (from < 0 || to < 0) return NO_FLOWS
    this.isWanted[from] = this.isWanted[to] = 1
    const key = keyOf(protocol, from, clientPort, to, serverPort)
    const known = this.flows.get(key) ?? []
    this.flows.set(key, known)
    return known
  }

  /** The list for a conversation, if one is wanted. */
  find(flow: number, flows: FlowTable): number[] | undefined {
    const [first, other] = [flows.firstHost(flow), flows.otherHost(flow)]
    if (this.isWanted[first] === 0 || this.isWanted[other] === 0) return undefined
    return this.flows.get(keyOf(flows.protocol(flow), first, flows.firstPort(flow), other, flows.otherPort(flow)))
  }

  all(): Iterable<number[]> {
    return this.flows.values()
  }
}

/** The same for both directions. */
function keyOf(protocol: number, a: number, aPort: number, b: number, bPort: number): string {
  return a < b || (a === b && aPort < bPort) ? `${protocol} ${a} ${aPort} ${b} ${bPort}` : `${protocol} ${b} ${bPort} ${a} ${aPort}`
}
