// Failed connection attempts by source: the input of all scan rules.
import { Protocol, TcpFlag } from '../../decode/codes.ts'
import type { Conversations } from '../engine/conversations.ts'
import type { Context } from '../engine/finding.ts'
import { groupFlows, NO_GROUP, sessionsOf } from './grouped-flows.ts'

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

/** Attempts of one source and kind, without a pause longer than `memoryUs`. */
export interface Attempts {
  source: number
  probe: Probe
  /** Flow ids by start time. */
  flows: Int32Array
}

/**
 * Failed attempts of every source that made at least `least` of them. The method is that of bro-simple-scan: a set of victims and ports for
 * each source, kept until there was no attempt for 15 minutes. Answers to packets with a forged sender are no attempts of that address.
 * @param memoryUs a longer pause begins a new set
 */
export function* attemptsBySource({ flows, hosts }: Context, least: number, memoryUs: number): Generator<Attempts> {
  const keyOf = (flow: number): number => {
    const kind = probeOf(flows, flow)
    // A broadcast or group address is no host that could be scanned: questions to it are answered by others, or by nobody.
    if (kind === NO_PROBE || hosts.isGroup(victimOf(flows, flow, PROBES[kind]))) return NO_GROUP
    return prober(flows, flow, kind) * KINDS + kind
  }
  const startUs = (flow: number) => flows.startUs(flow)
  for (const { key, ids } of groupFlows(flows, hosts.count * KINDS, keyOf, least)) {
    const source = Math.floor(key / KINDS)
    const probe = PROBES[key % KINDS]
    for (const own of sessionsOf(ids, startUs, memoryUs)) {
      if (own.length >= least) yield { source, probe, flows: own }
    }
  }
}

/** The host that was probed. For probes without SYN the first sender is the prober, whatever the ports are. */
export function victimOf(flows: Conversations, flow: number, probe: Probe): number {
  return probe === 'SYN' || probe === 'UDP' ? flows.server(flow) : flows.table.otherHost(flow)
}

export function victimPortOf(flows: Conversations, flow: number, probe: Probe): number {
  return probe === 'SYN' || probe === 'UDP' ? flows.serverPort(flow) : flows.table.otherPort(flow)
}

export function transportOf(probe: Probe): 'TCP' | 'UDP' | 'SCTP' {
  return probe === 'UDP' || probe === 'SCTP' ? probe : 'TCP'
}

function prober(flows: Conversations, flow: number, kind: number): number {
  return kind === SYN_PROBE || kind === UDP_PROBE ? flows.client(flow) : flows.table.firstHost(flow)
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

function isRefusedSctp({ table }: Conversations, flow: number): boolean {
  const packets = table.forwardPackets(flow)
  const answers = table.backwardPackets(flow)
  return (
    table.otherPort(flow) >= 0 &&
    packets <= SCTP_PROBE_PACKETS &&
    answers <= packets &&
    table.forwardBytes(flow) <= packets * EMPTY_FRAME_BYTES &&
    table.backwardBytes(flow) <= answers * EMPTY_FRAME_BYTES
  )
}

function tcpProbeOf(flows: Conversations, flow: number): number {
  if (flows.isOpened(flow)) return isFailedAttempt(flows, flow) ? SYN_PROBE : NO_PROBE
  const { table } = flows
  // Later fragments and headers cut short have no flags because they have no TCP header, and no port that was tried.
  if (table.otherPort(flow) < 0) return NO_PROBE
  const flags = table.forwardFlags(flow)
  const answer = table.backwardFlags(flow)
  const isAnswerTelling = answer === 0 ? table.backwardPackets(flow) === 0 : (answer & TcpFlag.rst) !== 0
  if (!isAnswerTelling || table.forwardPackets(flow) > HANDSHAKE_PACKETS) return NO_PROBE
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
function isLoneAck({ table }: Conversations, flow: number): boolean {
  const packets = table.forwardPackets(flow)
  return (
    packets <= ACK_PROBE_PACKETS &&
    table.backwardPackets(flow) <= packets &&
    table.forwardBytes(flow) <= packets * EMPTY_FRAME_BYTES &&
    table.serverPort(flow) === table.otherPort(flow)
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
