// Failed connection attempts by source: the input of all scan rules.
import { Protocol, TcpFlag } from '../../decode/codes.ts'
import type { Conversations } from '../engine/conversations.ts'
import type { Context } from '../engine/finding.ts'
import { groupFlows, NO_GROUP, sessionRanges } from './grouped-flows.ts'

/** Kinds of probes, with nmap's names. */
const PROBES = ['SYN', 'FIN', 'NULL', 'XMAS', 'UDP', 'ACK', 'Maimon', 'SCTP'] as const
export type Probe = (typeof PROBES)[number]

const NO_PROBE = -1
const SYN_PROBE = 0
const FIN_PROBE = 1
const NULL_PROBE = 2
const XMAS_PROBE = 3
const UDP_PROBE = 4
const ACK_PROBE = 5
const MAIMON_PROBE = 6
const SCTP_PROBE = 7
const KINDS = PROBES.length

/** FIN, PSH and URG: nmap's Xmas scan sets these flags. */
const XMAS = TcpFlag.fin | TcpFlag.psh | TcpFlag.urg
/** nmap sends each of these probes twice at most; connections whose beginning was not captured have more packets. */
const ACK_PROBE_PACKETS = 2
/** SYN, the client's handshake ACK, and RST: a connect scan that finds an open port sends no data. */
const HANDSHAKE_PACKETS = 4
/** Largest frame without payload: Ethernet with a VLAN tag, IPv6, TCP with options. */
const EMPTY_FRAME_BYTES = 100
/** A UDP probe is repeated a few times at most. */
const UDP_PROBE_PACKETS = 3
/** An INIT or COOKIE ECHO, and the ABORT that refuses it (RFC 9260 8.4); a server that listens answers with more: its cookie. */
const SCTP_PROBE_PACKETS = 3
/** Ports that traceroute sends to; these probes are expected to fail. */
const TRACEROUTE_FIRST_PORT = 33_434
const TRACEROUTE_LAST_PORT = 33_534

/** By attempt. Rules ask for these again and again, and each record of a flow would be read from elsewhere in memory. */
interface AttemptColumns {
  flows: Int32Array
  startsUs: Float64Array
  victims: Int32Array
  /** The ports that were tried. */
  ports: Int32Array
  /** 1 for a single packet that nothing or a single packet answered. */
  isSingle: Uint8Array
}

/** Attempts of one source and kind, by start time. */
export class Attempts {
  readonly source: number
  readonly probe: Probe
  readonly length: number
  private readonly columns: AttemptColumns
  private readonly from: number

  constructor(source: number, probe: Probe, columns: AttemptColumns, from: number, to: number) {
    this.source = source
    this.probe = probe
    this.columns = columns
    this.from = from
    this.length = to - from
  }

  get flows(): Int32Array {
    return this.columns.flows.subarray(this.from, this.from + this.length)
  }
  get startsUs(): Float64Array {
    return this.columns.startsUs.subarray(this.from, this.from + this.length)
  }
  get victims(): Int32Array {
    return this.columns.victims.subarray(this.from, this.from + this.length)
  }
  get ports(): Int32Array {
    return this.columns.ports.subarray(this.from, this.from + this.length)
  }
  get isSingle(): Uint8Array {
    return this.columns.isSingle.subarray(this.from, this.from + this.length)
  }

  part(from: number, to: number): Attempts {
    return new Attempts(this.source, this.probe, this.columns, this.from + from, this.from + to)
  }

  /** Those on one port. */
  on(port: number): Attempts {
    const { ports } = this
    return this.where((i) => ports[i] === port)
  }

  /** @param isKept by index */
  where(isKept: (i: number) => boolean): Attempts {
    const { source, probe, columns, from, length } = this
    const kept = new Int32Array(length)
    let count = 0
    for (let i = 0; i < length; i++) if (isKept(i)) kept[count++] = from + i
    const chosen = attemptColumns(count)
    for (let i = 0; i < count; i++) {
      chosen.flows[i] = columns.flows[kept[i]]
      chosen.startsUs[i] = columns.startsUs[kept[i]]
      chosen.victims[i] = columns.victims[kept[i]]
      chosen.ports[i] = columns.ports[kept[i]]
      chosen.isSingle[i] = columns.isSingle[kept[i]]
    }
    return new Attempts(source, probe, chosen, 0, count)
  }

  /** Split where a pause is longer than `pauseUs`. */
  *sessions(pauseUs: number): Generator<Attempts> {
    for (const [from, to] of sessionRanges(this.startsUs, pauseUs)) yield this.part(from, to)
  }
}

function attemptColumns(length: number): AttemptColumns {
  return {
    flows: new Int32Array(length),
    startsUs: new Float64Array(length),
    victims: new Int32Array(length),
    ports: new Int32Array(length),
    isSingle: new Uint8Array(length),
  }
}

/**
 * Failed attempts of every source that made at least `least` of them. The method is that of bro-simple-scan: a set of victims and ports for
 * each source, kept until there was no attempt for 15 minutes. Answers to packets with a forged sender are no attempts of that address.
 * @param memoryUs a longer pause begins a new set
 */
export function* attemptsBySource(context: Context, least: number, memoryUs: number): Generator<Attempts> {
  const shared = Math.min(least, USUAL_LEAST)
  const known = allAttempts.get(context)
  const all = known !== undefined && known.least <= shared ? known.attempts : collectAttempts(context, shared)
  allAttempts.set(context, { least: shared, attempts: all })
  for (const attempts of all) {
    if (attempts.length < least) continue
    for (const own of attempts.sessions(memoryUs)) if (own.length >= least) yield own
  }
}

/** Rules ask for no fewer attempts of a source, unless they are told to. */
const USUAL_LEAST = 8
/** Collected once for all rules about scans. */
const allAttempts = new WeakMap<Context, { least: number; attempts: Attempts[] }>()

function collectAttempts({ flows, hosts }: Context, least: number): Attempts[] {
  const keyOf = (flow: number): number => {
    const kind = probeOf(flows, flow)
    // A broadcast or group address is no host that could be scanned: questions to it are answered by others, or by nobody.
    return kind === NO_PROBE || hosts.isGroup(victimOf(flows, flow, kind)) ? NO_GROUP : prober(flows, flow, kind) * KINDS + kind
  }
  const groups = [...groupFlows(flows, hosts.count * KINDS, keyOf, least)]
  const columns = attemptColumns(groups.reduce((sum, { ids }) => sum + ids.length, 0))
  let at = 0
  return groups.map(({ key, ids }) => {
    const kind = key % KINDS
    const from = at
    for (const flow of ids) {
      columns.flows[at] = flow
      columns.startsUs[at] = flows.startUs(flow)
      columns.victims[at] = victimOf(flows, flow, kind)
      columns.ports[at] = isOfClient(kind) ? flows.serverPort(flow) : flows.otherPort(flow)
      columns.isSingle[at] = flows.clientPackets(flow) === 1 && flows.serverPackets(flow) <= 1 ? 1 : 0
      at++
    }
    return new Attempts(Math.floor(key / KINDS), PROBES[kind], columns, from, at)
  })
}

/** Whether the prober is the client. For probes without SYN it is the first sender, whatever the ports are. */
function isOfClient(kind: number): boolean {
  return kind === SYN_PROBE || kind === UDP_PROBE
}

function victimOf(flows: Conversations, flow: number, kind: number): number {
  return isOfClient(kind) ? flows.server(flow) : flows.otherHost(flow)
}

export function transportOf(probe: Probe): 'TCP' | 'UDP' | 'SCTP' {
  return probe === 'UDP' || probe === 'SCTP' ? probe : 'TCP'
}

function prober(flows: Conversations, flow: number, kind: number): number {
  return isOfClient(kind) ? flows.client(flow) : flows.firstHost(flow)
}

function probeOf(flows: Conversations, flow: number): number {
  const protocol = flows.protocol(flow)
  if (protocol === Protocol.tcp) return tcpProbeOf(flows, flow)
  if (protocol === Protocol.sctp) return isRefusedSctp(flows, flow) ? SCTP_PROBE : NO_PROBE
  if (protocol !== Protocol.udp || flows.serverPackets(flow) > 0) return NO_PROBE
  const packets = flows.clientPackets(flow)
  const port = flows.serverPort(flow)
  const isTraceroute = port >= TRACEROUTE_FIRST_PORT && port <= TRACEROUTE_LAST_PORT
  return packets > 0 && packets <= UDP_PROBE_PACKETS && port >= 0 && !isTraceroute ? UDP_PROBE : NO_PROBE
}

function isRefusedSctp(flows: Conversations, flow: number): boolean {
  const packets = flows.firstPackets(flow)
  const answers = flows.otherPackets(flow)
  return (
    flows.otherPort(flow) >= 0 &&
    packets <= SCTP_PROBE_PACKETS &&
    answers <= packets &&
    flows.firstBytes(flow) <= packets * EMPTY_FRAME_BYTES &&
    flows.otherBytes(flow) <= answers * EMPTY_FRAME_BYTES
  )
}

function tcpProbeOf(flows: Conversations, flow: number): number {
  if (flows.isOpened(flow)) return isFailedAttempt(flows, flow) ? SYN_PROBE : NO_PROBE
  // Later fragments and headers cut short have no flags because they have no TCP header, and no port that was tried.
  if (flows.otherPort(flow) < 0) return NO_PROBE
  const flags = flows.firstFlags(flow)
  const answer = flows.otherFlags(flow)
  const isAnswerTelling = answer === 0 ? flows.otherPackets(flow) === 0 : (answer & TcpFlag.rst) !== 0
  if (!isAnswerTelling || flows.firstPackets(flow) > HANDSHAKE_PACKETS) return NO_PROBE
  if (flags === 0) return NULL_PROBE
  if (flags === TcpFlag.fin) return FIN_PROBE
  if (flags === XMAS) return XMAS_PROBE
  const isAckProbe = flags === TcpFlag.ack || flags === (TcpFlag.fin | TcpFlag.ack)
  if (!isAckProbe || !isLoneAck(flows, flow)) return NO_PROBE
  return flags === TcpFlag.ack ? ACK_PROBE : MAIMON_PROBE
}

/**
 * ACK and FIN+ACK also end and keep alive connections whose beginning was not captured. A probe is empty and goes to the port of a service;
 * servers that check on clients which have gone send to the clients' high ports.
 */
function isLoneAck(flows: Conversations, flow: number): boolean {
  const packets = flows.firstPackets(flow)
  return (
    packets <= ACK_PROBE_PACKETS &&
    flows.otherPackets(flow) <= packets &&
    flows.firstBytes(flow) <= packets * EMPTY_FRAME_BYTES &&
    flows.table.serverPort(flow) === flows.otherPort(flow)
  )
}

/** No answer, refused, or reset by the client after it found the port open. */
export function isFailedAttempt(flows: Conversations, flow: number): boolean {
  const flags = flows.clientFlags(flow)
  if ((flags & (TcpFlag.ack | TcpFlag.fin)) === 0) return true
  if (!flows.isAccepted(flow)) return false
  return (
    (flags & TcpFlag.rst) !== 0 &&
    (flags & (TcpFlag.fin | TcpFlag.psh)) === 0 &&
    (flows.serverFlags(flow) & (TcpFlag.fin | TcpFlag.psh)) === 0 &&
    flows.clientPackets(flow) <= HANDSHAKE_PACKETS &&
    flows.clientBytes(flow) <= flows.clientPackets(flow) * EMPTY_FRAME_BYTES
  )
}
