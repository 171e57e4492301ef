// The same host or name contacted by the clock: how implants ask for orders, and how much else that waits behaves.
import { Protocol } from '../../decode/codes.ts'
import { isFruitless } from '../attempts.ts'
import { expectedReason } from '../expected.ts'
import { type Context, defineRule, type Finding, type Picture, type Severity } from '../finding.ts'
import { FlowSample } from '../flow-sample.ts'
import { findRhythm, type Rhythm } from '../rhythm.ts'
import { ritaScore } from '../rita.ts'
import { bytes, list, plural, span } from '../wording.ts'

const BARS = 40
/** Ids of names and hosts fit below it; doubled and beside a client's id they stay exact numbers. */
const KEY_STEP = 2 ** 28
/** Last two bits of a key: by name, by address without an answer, else by address. */
const NAMED = 2
const UNANSWERED = 1
/** What a keep-alive sends at most, with all headers: a segment of some bytes and an acknowledgment. */
const KEEP_ALIVE_BYTES = 200
/** Hosts named in a finding about what is expected. */
const MAX_NAMED_HOSTS = 3
const MAX_UNANSWERED_PORTS = 3

export const beacon = defineRule({
  id: 'beacon',
  version: 1,
  title: 'A host contacts the same name or address by the clock',
  technique: 'T1071',
  severity: 'medium',
  source:
    'Spread of the intervals, with limits that hold on captures of minutes; the score of RITA v5 (analysis/beacons.go) is told beside it',
  options: {
    beats: { default: 8, unit: '', description: 'contacts needed when they are very regular' },
    spread: {
      default: 0.25,
      unit: '',
      description: 'standard deviation of the intervals over their mean, at most (0.6 times that below nine contacts)',
    },
    jittery_beats: { default: 12, unit: '', description: 'contacts needed when they are less regular' },
    jittery_spread: {
      default: 0.45,
      unit: '',
      description: 'standard deviation of the intervals over their mean, at most, with so many contacts',
    },
    near: { default: 60, unit: '%', description: 'share of the intervals within 30 % of the median, at least, with so many contacts' },
    interval: { default: 5, unit: 's', description: 'shorter mean intervals are no waiting' },
    size: { default: 100_000, unit: 'B', description: 'more than this a contact, both ways, is a transfer in pieces or a stream' },
  },
  run(context, options) {
    const findings: Finding[] = []
    const expected = new Map<string, Beating[]>()
    const wakeRows = wakeRowsOf(context)
    for (const group of contacts(context, options.beats)) {
      const beating = beatOf(context, group, wakeRows, options)
      if (beating === null) continue
      const reason = reasonOf(context, beating)
      if (reason === null) findings.push(describe(context, beating, options))
      else expected.set(reason, [...(expected.get(reason) ?? []), beating])
    }
    for (const [reason, beatings] of expected) findings.push(describeExpected(context, reason, beatings))
    return findings
  },
})

interface Group {
  client: number
  /** Null: by address. */
  name: string | null
  /** Never answered. */
  isUnanswered: boolean
  flows: number[]
}

interface Beating extends Group {
  rhythm: Rhythm
  /** Beats are requests within conversations, not begins of them. */
  isInside: boolean
  /** Mean bytes that the client sends a beat. */
  beatBytes: number
}

/** Conversations of each client by the server's name, else its address. Clients with too few beats of any kind are left out before names are asked for. */
function contacts(context: Context, least: number): Group[] {
  const { flows, hosts, names } = context
  const { wakes } = flows.table
  const beats = new Int32Array(hosts.count)
  for (let flow = 0; flow < flows.count; flow++) beats[flows.client(flow)]++
  for (let row = 0; row < wakes.count; row++) beats[flows.client(wakes.flow[row])]++
  // A scan has one conversation with each of a million servers: those have no rhythm.
  const met = new Int32Array(hosts.count)
  for (let flow = 0; flow < flows.count; flow++) met[flows.server(flow)]++
  const keys = new Float64Array(flows.count + wakes.count).fill(-1)
  const idOfName = new Map<string, number>()
  for (let flow = 0; flow < flows.count; flow++) {
    const client = flows.client(flow)
    const server = flows.server(flow)
    if (beats[client] < least || hosts.isGroup(server)) continue
    const protocol = flows.protocol(flow)
    if (protocol !== Protocol.tcp && protocol !== Protocol.udp) continue
    const isUnanswered = isInVain(context, flow)
    if (isUnanswered && met[server] < least) continue
    const name = isUnanswered ? null : names.ofFlow(flow).serverName
    let id = name === null ? 0 : idOfName.get(name)
    if (id === undefined) {
      id = idOfName.size
      idOfName.set(name!, id)
    }
    keys[flow] = client * KEY_STEP + (name === null ? server * 4 + (isUnanswered ? UNANSWERED : 0) : id * 4 + NAMED)
  }
  for (let row = 0; row < wakes.count; row++) keys[flows.count + row] = keys[wakes.flow[row]]
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

/** Numbers that stand at least `least` times among those given, negative ones not counted. */
function frequent(numbers: Float64Array, least: number): number[] {
  // Sorting is several times faster than counting in a Map whose keys are no small integers.
  const sorted = numbers.slice().sort()
  const found: number[] = []
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++
    if (sorted[from] >= 0 && to - from >= least) found.push(sorted[from])
  }
  return found
}

/** Asked for, and never answered. */
function isInVain({ flows }: Context, flow: number): boolean {
  if (flows.protocol(flow) !== Protocol.tcp) return flows.serverPackets(flow) === 0
  return isFruitless(flows, flow) && flows.isOpened(flow) && !flows.isAccepted(flow)
}

function beatOf(context: Context, group: Group, wakeRows: WakeRows, options: Record<string, number>): Beating | null {
  const limits = {
    beats: options.beats,
    spread: options.spread,
    jitteryBeats: options.jittery_beats,
    jitterySpread: options.jittery_spread,
    near: options.near / 100,
    gapUs: options.interval * 1e6,
  }
  const { flows, hosts } = context
  // Implants call out; who calls in by the clock is a monitor, or guesses passwords. One host and many ports in vain is a scan.
  const isInward = group.flows.every((flow) => hosts.isLocal(flows.server(flow))) && !hosts.isLocal(group.client)
  const ports = group.isUnanswered ? new Set(group.flows.map((flow) => flows.serverPort(flow))).size : 0
  if (isInward || ports > MAX_UNANSWERED_PORTS) return null
  const total = group.flows.reduce((sum, flow) => sum + flows.clientBytes(flow) + flows.serverBytes(flow), 0)
  const starts = group.flows.map((flow) => flows.startUs(flow)).sort((a, b) => a - b)
  const rhythm = findRhythm(starts, limits)
  if (rhythm !== null) {
    if (total > options.size * group.flows.length) return null
    const sent = group.flows.reduce((sum, flow) => sum + flows.clientBytes(flow), 0)
    return { ...group, rhythm, isInside: false, beatBytes: sent / group.flows.length }
  }
  const inside = group.isUnanswered ? [] : group.flows.flatMap((flow) => wakesOf(context, flow, wakeRows))
  if (inside.length === 0) return null
  const times = [...starts, ...inside.map(({ atUs }) => atUs)].sort((a, b) => a - b)
  const whole = findRhythm(times, limits)
  if (whole === null || total > options.size * times.length) return null
  return { ...group, rhythm: whole, isInside: true, beatBytes: inside.reduce((sum, wake) => sum + wake.sent, 0) / inside.length }
}

interface Wake {
  atUs: number
  /** By the client, until the next silence. */
  sent: number
}

/** Rows of flows/wakes.ts, by flow. */
type WakeRows = ReadonlyMap<number, number[]>

function wakeRowsOf({ flows }: Context): WakeRows {
  const { wakes } = flows.table
  const byFlow = new Map<number, number[]>()
  for (let row = 0; row < wakes.count; row++) {
    const rows = byFlow.get(wakes.flow[row])
    if (rows === undefined) byFlow.set(wakes.flow[row], [row])
    else rows.push(row)
  }
  return byFlow
}

/** When a conversation spoke again after a silence. */
function wakesOf({ flows }: Context, flow: number, byFlow: WakeRows): Wake[] {
  const { wakes } = flows.table
  const rows = byFlow.get(flow) ?? []
  const before = flows.isForward[flow] === 1 ? wakes.forwardBytes : wakes.backwardBytes
  return rows.map((row, i) => ({
    atUs: wakes.timeUs[row],
    sent: (i + 1 < rows.length ? before[rows[i + 1]] : flows.clientBytes(flow)) - before[row],
  }))
}

/** Why the rhythm is normal, or null. */
function reasonOf({ flows, names }: Context, { flows: ids, name, isInside, beatBytes }: Beating): string | null {
  const [flow] = ids
  const reason = expectedReason(names.ofFlow(flow).application, name, flows.serverPort(flow))
  return reason ?? (isInside && beatBytes < KEEP_ALIVE_BYTES ? 'keep-alive of a connection' : null)
}

function describe(context: Context, beating: Beating, options: Record<string, number>): Finding {
  const { flows, hosts } = context
  const { client, name, rhythm, isInside, isUnanswered, flows: ids } = beating
  const { beatsUs } = rhythm
  const servers = [...new Set(ids.map((flow) => flows.server(flow)))]
  const ports = [...new Set(ids.map((flow) => flows.serverPort(flow)))].sort((a, b) => a - b)
  const server = servers[0]
  const who = name ?? hosts.ip(server)
  const firstUs = beatsUs[0]
  const lastUs = beatsUs[beatsUs.length - 1]
  const times = ids.map((flow) => Math.floor(flows.startUs(flow) / 1e6)).sort((a, b) => a - b)
  const sizes = ids.map((flow) => flows.clientBytes(flow))
  const score = ritaScore(times, sizes, Math.floor(context.firstUs / 1e6), Math.floor(context.lastUs / 1e6))
  const isJittery = rhythm.spread > options.spread
  return {
    ...gravity(context, server, isUnanswered),
    title: `${hosts.ip(client)} ${isUnanswered ? 'tried to reach' : 'contacted'} ${who}${
      name === null
        ? ''
        : ` (${list(
            servers.map((host) => hosts.ip(host)),
            2,
          )})`
    } port ${list(ports, 3)} every ${span(rhythm.medianUs)}, ${plural(beatsUs.length, 'time')} in ${span(lastUs - firstUs)}${isInside ? ', within connections kept open' : ''}${isUnanswered ? ', without an answer' : ''}.`,
    nextStep: `Find the program on ${hosts.ip(client)} that talks to ${who}, and since when; a timer that nobody knows of is a reason to look closer.`,
    firstUs,
    lastUs,
    source: client,
    target: server,
    observed: [
      { name: 'contacts', value: beatsUs.length, unit: '', threshold: isJittery ? options.jittery_beats : options.beats },
      {
        name: 'spread of the intervals',
        value: Number(rhythm.spread.toFixed(3)),
        unit: '',
        threshold: isJittery ? options.jittery_spread : options.spread,
      },
      { name: 'intervals near the median', value: Math.round(rhythm.near * 100), unit: '%', threshold: isJittery ? options.near : null },
      { name: 'mean interval', value: Number((rhythm.meanUs / 1e6).toPrecision(4)), unit: 's', threshold: options.interval },
      { name: 'missed beats', value: rhythm.missed, unit: '', threshold: null },
      { name: 'sent each time', value: bytes(beating.beatBytes), unit: '', threshold: null },
      { name: 'RITA score', value: score ?? 'too few connections', unit: '', threshold: null },
    ],
    picture: histogram(rhythm),
    flows: FlowSample.of(ids),
    ports,
    names: name === null ? [] : [name],
  }
}

function gravity({ hosts }: Context, server: number, isUnanswered: boolean): { severity: Severity; severityReason: string } {
  if (isUnanswered)
    return { severity: 'low', severityReason: 'Nobody answers: a service that is gone, or a control server that was taken down.' }
  if (hosts.isLocal(server)) {
    return { severity: 'low', severityReason: 'Both ends are inside, where monitors and clients poll servers all day.' }
  }
  return { severity: 'medium', severityReason: 'A rhythm to the outside that is not known as a service that keeps one.' }
}

/** Of the intervals; the median is drawn in. */
function histogram({ gapsUs, medianUs }: Rhythm): Picture {
  const width = (2 * medianUs) / BARS
  const counts: number[] = new Array(BARS + 1).fill(0)
  for (const gap of gapsUs) counts[Math.min(BARS, Math.floor(gap / width))]++
  return {
    kind: 'bars',
    x: { label: 'Interval', unit: 's' },
    y: { label: 'How often', unit: '' },
    points: counts.map((count, i): [number, number] => [Number(((i * width) / 1e6).toPrecision(4)), count]),
    threshold: { axis: 'x', value: Number((medianUs / 1e6).toPrecision(4)), label: `median ${span(medianUs)}` },
    caption: `Each bar is ${span(width)} wide; the last one holds all longer intervals. Random contacts would spread over the whole width.`,
  }
}

function describeExpected(context: Context, reason: string, beatings: Beating[]): Finding {
  const { flows, hosts } = context
  const ids = beatings.flatMap((beating) => beating.flows)
  const clients = [...new Set(beatings.map(({ client }) => client))]
  const servers = [...new Set(ids.map((flow) => flows.server(flow)))]
  const peers = [...new Set(beatings.map(({ name, flows: own }) => name ?? hosts.ip(flows.server(own[0]))))]
  const medians = beatings.map(({ rhythm }) => rhythm.medianUs).sort((a, b) => a - b)
  const between = medians[0] === medians.at(-1) ? `every ${span(medians[0])}` : `every ${span(medians[0])} to ${span(medians.at(-1)!)}`
  const who = clients.map((client) => hosts.ip(client))
  return {
    severity: 'info',
    severityReason: 'Periodic by design.',
    title: `Expected rhythm, ${reason}: ${list(who, MAX_NAMED_HOSTS)} and ${list(peers, MAX_NAMED_HOSTS)}, ${between}.`,
    nextStep: 'Nothing, unless this service is not used here.',
    firstUs: beatings.reduce((us, { rhythm }) => Math.min(us, rhythm.beatsUs[0]), Number.POSITIVE_INFINITY),
    lastUs: beatings.reduce((us, { rhythm }) => Math.max(us, rhythm.beatsUs.at(-1)!), 0),
    source: clients.length === 1 ? clients[0] : null,
    target: servers.length === 1 ? servers[0] : null,
    observed: [{ name: 'pairs with this rhythm', value: beatings.length, unit: '', threshold: null }],
    picture: beatings.length === 1 ? histogram(beatings[0].rhythm) : null,
    flows: FlowSample.of(ids),
    ports: [...new Set(ids.map((flow) => flows.serverPort(flow)))],
    names: peers,
  }
}
