// Periodic contacts: conversations grouped by client and server, and the periodicity of their starts or of the requests within them.
import { Protocol } from '../../decode/codes.ts'
import type { Context } from '../engine/finding.ts'
import { isFailedAttempt } from './attempts.ts'
import { columnOf, groupRows, NO_GROUP, splitter } from './grouped-flows.ts'
import { NameNumbers } from './name-numbers.ts'
import { findPeriodicity, type Periodicity } from './periodicity.ts'

/** What a destination is, added to three times the number of its host or name: an address, one without any answer, a name. */
const ADDRESS = 0
const UNANSWERED = 1
const NAME = 2
const KINDS = 3
const MAX_PORTS = 3
const NONE = new Int32Array(0)
/** Contacts that are closer together need to be more. */
const SHORT_US = 5_000_000
/** Mean size of a contact, in units of the largest median, from which on it is a transfer all the same. */
const MEAN_FACTOR = 10

interface Group {
  client: number
  /** Name of the server; null: grouped by address. */
  name: string | null
  /** Whether no conversation was answered. */
  isUnanswered: boolean
  /** Ascending. */
  flows: Int32Array
  /** Rows of flows/idle-resumptions.ts within these conversations. */
  resumptions: Int32Array
}

export interface PeriodicContact extends Group {
  rhythm: Periodicity
  /** Whether the contacts are requests within conversations, not starts of conversations. */
  isInside: boolean
  /** Median of the bytes that the client sends in each contact. */
  beatBytes: number
}

/** All periodic groups. @param options those of the rule beacon */
export function* periodicContacts(context: Context, options: Record<string, number>): Generator<PeriodicContact> {
  const nextOf = nextResumptions(context)
  for (const group of contacts(context, options.beats)) {
    const contact = contactOf(context, group, nextOf, options)
    if (contact !== null) yield contact
  }
}

/** Conversations by client and server name, otherwise by address. Clients with too few contacts are dropped before names are looked up. */
function* contacts(context: Context, least: number): Generator<Group> {
  const { flows, hosts, names } = context
  const { resumptions } = flows
  const beats = new Int32Array(hosts.count)
  for (let flow = 0; flow < flows.count; flow++) beats[flows.client(flow)]++
  for (let row = 0; row < resumptions.count; row++) beats[flows.client(resumptions.flow[row])]++
  const numbers = new NameNumbers(names)
  const destinations = new Int32Array(flows.count).fill(NO_GROUP)
  for (let flow = 0; flow < flows.count; flow++) {
    const server = flows.server(flow)
    if (beats[flows.client(flow)] < least || hosts.isGroup(server)) continue
    const protocol = flows.protocol(flow)
    if (protocol !== Protocol.tcp && protocol !== Protocol.udp) continue
    const isUnanswered = isNeverAnswered(context, flow)
    const name = isUnanswered ? -1 : numbers.of(flow)
    destinations[flow] = name < 0 ? server * KINDS + (isUnanswered ? UNANSWERED : ADDRESS) : name * KINDS + NAME
  }
  // Resumptions are contacts, too: their rows follow those of the conversations.
  const flowOf = (row: number): number => (row < flows.count ? row : resumptions.flow[row - flows.count])
  const destinationOf = (row: number): number => destinations[flowOf(row)]
  // A scan has one conversation with each of a million servers; these are not periodic.
  const met = new Int32Array(KINDS * Math.max(hosts.count, numbers.count))
  for (let row = 0; row < flows.count + resumptions.count; row++) if (destinationOf(row) >= 0) met[destinationOf(row)]++
  const clientOf = (row: number): number => {
    const destination = destinationOf(row)
    return destination >= 0 && met[destination] >= least ? flows.client(flowOf(row)) : NO_GROUP
  }
  const split = splitter(met.length, destinationOf, () => 1, least)
  for (const { key: client, ids } of groupRows(flows.count + resumptions.count, hosts.count, clientOf, least)) {
    for (const rows of split(ids)) {
      const kind = destinationOf(rows[0]) % KINDS
      const inside = rows.findIndex((row) => row >= flows.count)
      yield {
        client,
        name: kind === NAME ? names.ofFlow(rows[0]).serverName : null,
        isUnanswered: kind === UNANSWERED,
        flows: inside < 0 ? rows : rows.subarray(0, inside),
        resumptions: inside < 0 ? NONE : rows.subarray(inside).map((row) => row - flows.count),
      }
    }
  }
}

/** The client asked and never got an answer. */
function isNeverAnswered({ flows }: Context, flow: number): boolean {
  if (flows.protocol(flow) !== Protocol.tcp) return flows.serverPackets(flow) === 0
  return isFailedAttempt(flows, flow) && flows.isOpened(flow) && !flows.isAccepted(flow)
}

function contactOf(context: Context, group: Group, nextOf: Int32Array, options: Record<string, number>): PeriodicContact | null {
  const limits = {
    beats: options.beats,
    spread: options.spread,
    jitteryBeats: options.jittery_beats,
    jitterySpread: options.jittery_spread,
    near: options.near / 100,
    gapUs: options.interval * 1e6,
  }
  const { flows, hosts } = context
  // Malware contacts outside hosts; periodic contacts from outside are monitoring or password guessing. Many ports without answer are a scan.
  const isInward = !hosts.isLocal(group.client) && group.flows.every((flow) => hosts.isLocal(flows.server(flow)))
  const ports = group.isUnanswered ? flows.serverPorts(group.flows).length : 0
  if (isInward || ports > MAX_PORTS) return null
  const starts = columnOf(group.flows, (flow) => flows.startUs(flow))
  const rhythm = findPeriodicity(flows.isInOrder ? starts : starts.sort(), limits)
  if (rhythm !== null && (rhythm.meanUs >= SHORT_US || isShortBeacon(context, group, rhythm, options))) {
    const sizes = columnOf(group.flows, (flow) => flows.clientBytes(flow) + flows.serverBytes(flow))
    if (isTransfer(sizes, options.size)) return null
    return { ...group, rhythm, isInside: false, beatBytes: median(columnOf(group.flows, (flow) => flows.clientBytes(flow))) }
  }
  if (group.isUnanswered || group.resumptions.length === 0) return null
  const inside = Array.from(group.resumptions, (row) => resumptionOf(context, row, nextOf[row]))
  const times = Float64Array.from([...starts, ...inside.map(({ atUs }) => atUs)]).sort()
  const whole = findPeriodicity(times, limits)
  if (whole === null || !isSteady(whole, options)) return null
  const exchanged = Float64Array.from(inside, (resumption) => resumption.exchanged)
  if (isTransfer(exchanged, options.size)) return null
  return { ...group, rhythm: whole, isInside: true, beatBytes: median(Float64Array.from(inside, ({ sent }) => sent)) }
}

/** Contacts that follow each other this fast are a timer's only if they are many, on a port or a few: FTP opens another one for every file. */
function isShortBeacon({ flows }: Context, group: Group, { beatsUs }: Periodicity, options: Record<string, number>): boolean {
  return beatsUs.length >= options.short_beats && flows.serverPorts(group.flows).length <= MAX_PORTS
}

/** Within connections, programs wait for many reasons; only long or very regular series tell a timer. */
function isSteady({ beatsUs, spread, meanUs }: Periodicity, options: Record<string, number>): boolean {
  if (meanUs < SHORT_US && beatsUs.length < options.short_beats) return false
  return beatsUs.length >= options.inside_jittery_beats || (beatsUs.length >= options.inside_beats && spread <= options.inside_spread)
}

/** A transfer in pieces, or a stream; one large answer among many small ones (a new command, a program) is none. */
function isTransfer(sizes: Float64Array, limit: number): boolean {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  return median(sizes) > limit || total > MEAN_FACTOR * limit * sizes.length
}

function median(values: Float64Array): number {
  return values.slice().sort()[values.length >> 1]
}

interface Resumption {
  atUs: number
  /** Bytes sent by the client, and by both, until the next idle time. */
  sent: number
  exchanged: number
}

/** By row of a resumption: the next one of the same conversation, -1 after the last. */
function nextResumptions({ flows: { resumptions } }: Context): Int32Array {
  const next = new Int32Array(resumptions.count).fill(-1)
  const last = new Map<number, number>()
  for (let row = 0; row < resumptions.count; row++) {
    const flow = resumptions.flow[row]
    const before = last.get(flow)
    if (before !== undefined) next[before] = row
    last.set(flow, row)
  }
  return next
}

/** How a conversation went on after an idle time. */
function resumptionOf({ flows }: Context, row: number, next: number): Resumption {
  const { resumptions } = flows
  const { forwardBytes, backwardBytes } = resumptions
  const flow = resumptions.flow[row]
  const [client, server] = flows.isForward[flow] === 1 ? [forwardBytes, backwardBytes] : [backwardBytes, forwardBytes]
  const sent = (next < 0 ? flows.clientBytes(flow) : client[next]) - client[row]
  return { atUs: resumptions.timeUs[row], sent, exchanged: sent + (next < 0 ? flows.serverBytes(flow) : server[next]) - server[row] }
}
