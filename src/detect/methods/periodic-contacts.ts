// Periodic contacts: conversations grouped by client and server, and the periodicity of their starts or of the requests within them.
import { Protocol } from '../../decode/codes.ts'
import type { Context } from '../engine/finding.ts'
import { isFailedAttempt } from './attempts.ts'
import { append } from './lists.ts'
import { findPeriodicity, type Periodicity } from './periodicity.ts'

/** Ids of names and hosts are smaller. Doubled, and combined with a client's id, they stay exact numbers. */
const KEY_STEP = 2 ** 28
/** Last two bits of a key: grouped by name, by address without any answer, or by address. */
const NAMED = 2
const UNANSWERED = 1
const MAX_PORTS = 3
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
  flows: number[]
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
  const resumptionRows = resumptionRowsOf(context)
  for (const group of contacts(context, options.beats)) {
    const contact = contactOf(context, group, resumptionRows, options)
    if (contact !== null) yield contact
  }
}

/** Conversations by client and server name, otherwise by address. Clients with too few contacts are dropped before names are looked up. */
function contacts(context: Context, least: number): Group[] {
  const { flows, hosts, names } = context
  const { resumptions } = flows
  const beats = new Int32Array(hosts.count)
  for (let flow = 0; flow < flows.count; flow++) beats[flows.client(flow)]++
  for (let row = 0; row < resumptions.count; row++) beats[flows.client(resumptions.flow[row])]++
  // A scan has one conversation with each of a million servers; these are not periodic.
  const met = new Int32Array(hosts.count)
  for (let flow = 0; flow < flows.count; flow++) met[flows.server(flow)]++
  const keys = new Float64Array(flows.count + resumptions.count).fill(-1)
  const idOfName = new Map<string, number>()
  for (let flow = 0; flow < flows.count; flow++) {
    const client = flows.client(flow)
    const server = flows.server(flow)
    if (beats[client] < least || hosts.isGroup(server)) continue
    const protocol = flows.protocol(flow)
    if (protocol !== Protocol.tcp && protocol !== Protocol.udp) continue
    const isUnanswered = isNeverAnswered(context, flow)
    if (isUnanswered && met[server] < least) continue
    const name = isUnanswered ? null : names.ofFlow(flow).serverName
    let id = name === null ? 0 : idOfName.get(name)
    if (id === undefined) {
      id = idOfName.size
      idOfName.set(name!, id)
    }
    keys[flow] = client * KEY_STEP + (name === null ? server * 4 + (isUnanswered ? UNANSWERED : 0) : id * 4 + NAMED)
  }
  for (let row = 0; row < resumptions.count; row++) keys[flows.count + row] = keys[resumptions.flow[row]]
  const groups = new Map<number, Group>(
    frequent(keys, least).map((key) => [key, { client: 0, name: null, isUnanswered: false, flows: [] }]),
  )
  if (groups.size === 0) return []
  for (let flow = 0; flow < flows.count; flow++) {
    const group = groups.get(keys[flow])
    if (group === undefined) continue
    if (group.flows.length === 0) {
      group.client = flows.client(flow)
      group.name = keys[flow] % 4 === NAMED ? names.ofFlow(flow).serverName : null
      group.isUnanswered = keys[flow] % 4 === UNANSWERED
    }
    group.flows.push(flow)
  }
  return [...groups.values()]
}

/** Numbers that occur at least `least` times, without negative ones. */
function frequent(numbers: Float64Array, least: number): number[] {
  // Sorting is several times faster than counting in a Map, whose keys would not be small integers.
  const sorted = numbers.slice().sort()
  const found: number[] = []
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++
    if (sorted[from] >= 0 && to - from >= least) found.push(sorted[from])
  }
  return found
}

/** The client asked and never got an answer. */
function isNeverAnswered({ flows }: Context, flow: number): boolean {
  if (flows.protocol(flow) !== Protocol.tcp) return flows.serverPackets(flow) === 0
  return isFailedAttempt(flows, flow) && flows.isOpened(flow) && !flows.isAccepted(flow)
}

function contactOf(
  context: Context,
  group: Group,
  resumptionRows: ResumptionRows,
  options: Record<string, number>,
): PeriodicContact | null {
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
  const isInward = group.flows.every((flow) => hosts.isLocal(flows.server(flow))) && !hosts.isLocal(group.client)
  const ports = group.isUnanswered ? new Set(group.flows.map((flow) => flows.serverPort(flow))).size : 0
  if (isInward || ports > MAX_PORTS) return null
  const starts = group.flows.map((flow) => flows.startUs(flow)).sort((a, b) => a - b)
  const rhythm = findPeriodicity(starts, limits)
  if (rhythm !== null && (rhythm.meanUs >= SHORT_US || isShortBeacon(context, group, rhythm, options))) {
    if (
      isTransfer(
        group.flows.map((flow) => flows.clientBytes(flow) + flows.serverBytes(flow)),
        options.size,
      )
    )
      return null
    return { ...group, rhythm, isInside: false, beatBytes: median(group.flows.map((flow) => flows.clientBytes(flow))) }
  }
  const inside = group.isUnanswered ? [] : group.flows.flatMap((flow) => resumptionsOf(context, flow, resumptionRows))
  if (inside.length === 0) return null
  const times = [...starts, ...inside.map(({ atUs }) => atUs)].sort((a, b) => a - b)
  const whole = findPeriodicity(times, limits)
  if (
    whole === null ||
    !isSteady(whole, options) ||
    isTransfer(
      inside.map(({ exchanged }) => exchanged),
      options.size,
    )
  )
    return null
  return { ...group, rhythm: whole, isInside: true, beatBytes: median(inside.map(({ sent }) => sent)) }
}

/** Contacts that follow each other this fast are a timer's only if they are many, on a port or a few: FTP opens another one for every file. */
function isShortBeacon({ flows }: Context, group: Group, { beatsUs }: Periodicity, options: Record<string, number>): boolean {
  return beatsUs.length >= options.short_beats && new Set(group.flows.map((flow) => flows.serverPort(flow))).size <= MAX_PORTS
}

/** Within connections, programs wait for many reasons; only long or very regular series tell a timer. */
function isSteady({ beatsUs, spread, meanUs }: Periodicity, options: Record<string, number>): boolean {
  if (meanUs < SHORT_US && beatsUs.length < options.short_beats) return false
  return beatsUs.length >= options.inside_jittery_beats || (beatsUs.length >= options.inside_beats && spread <= options.inside_spread)
}

/** A transfer in pieces, or a stream; one large answer among many small ones (a new command, a program) is none. */
function isTransfer(sizes: number[], limit: number): boolean {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  return median(sizes) > limit || total > MEAN_FACTOR * limit * sizes.length
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}

interface Resumption {
  atUs: number
  /** Bytes sent by the client, and by both, until the next idle time. */
  sent: number
  exchanged: number
}

/** Rows of flows/idle-resumptions.ts, by flow. */
type ResumptionRows = ReadonlyMap<number, number[]>

function resumptionRowsOf({ flows }: Context): ResumptionRows {
  const { resumptions } = flows
  const byFlow = new Map<number, number[]>()
  for (let row = 0; row < resumptions.count; row++) {
    append(byFlow, resumptions.flow[row], row)
  }
  return byFlow
}

/** When a conversation became active again after an idle time. */
function resumptionsOf({ flows }: Context, flow: number, byFlow: ResumptionRows): Resumption[] {
  const { resumptions } = flows
  const rows = byFlow.get(flow) ?? []
  const { forwardBytes, backwardBytes } = resumptions
  const [client, server] = flows.isForward[flow] === 1 ? [forwardBytes, backwardBytes] : [backwardBytes, forwardBytes]
  return rows.map((row, i) => {
    const next = i + 1 < rows.length ? rows[i + 1] : -1
    const sent = (next < 0 ? flows.clientBytes(flow) : client[next]) - client[row]
    return { atUs: resumptions.timeUs[row], sent, exchanged: sent + (next < 0 ? flows.serverBytes(flow) : server[next]) - server[row] }
  })
}
