// Packet rates above normal use: UDP and ICMP floods, and reflection (answers that the target did not request).
import { Protocol, TcpFlag } from '../../decode/codes.ts'
import { applicationOfPort } from '../../flows/services.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { measured, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { flowsOfHosts } from '../methods/flows-of-hosts.ts'
import { busiest, columnOf, distinct, groupFlows, NO_GROUP } from '../methods/grouped-flows.ts'
import { describeFlood, during, type Measured, measure, type Options, packetsOf } from '../methods/packet-flood.ts'
import { surges } from '../methods/rate.ts'

const SECOND_US = 1_000_000
/** Most segments of no connection from one port: a program that floods takes another port for each. */
const STRAY_PACKETS = 2
/** Fewer to a port are a scan. */
const STRAY_PER_PORT = 10
/** Error messages, which a scanner gets many of: unreachable, time exceeded, parameter problem (RFC 792); also packet too big (RFC 4443). */
const ERRORS = new Set([3, 11, 12])
const ERRORS_V6 = new Set([1, 2, 3, 4])
/** UDP services with answers larger than the question, sent to a possibly forged sender (CISA TA14-017A, and later reports). */
const REFLECTORS = new Set([
  17, 19, 53, 69, 111, 123, 137, 161, 177, 389, 427, 520, 623, 1434, 1900, 3283, 3389, 3478, 3702, 5093, 5353, 5683, 10_001, 11_211, 27_015,
  37_810,
])

export const flood = defineRule({
  id: 'flood',
  version: 4,
  title: 'A host is flooded with UDP, ICMP or TCP segments of no connection, or with answers it did not ask for',
  technique: 'T1498',
  severity: 'high',
  source: 'ntopng (ICMP flood 250/s, flow flood 256/s); reflection as in CISA TA14-017A: many servers of one service, no questions',
  options: {
    icmp_rate: option(250, '1/s', 'ICMP packets to one host (ntopng: 250)'),
    udp_rate: option(5000, '1/s', 'unanswered UDP packets to one host'),
    udp_conversations: option(500, '1/s', 'unanswered UDP conversations with one host begun in the busiest second'),
    tcp_conversations: option(
      500,
      '1/s',
      'ports from which segments of no connection (ACK, FIN, RST, PSH, URG) were sent to one host in the busiest second',
    ),
    reflectors: option(10, '', 'servers of one service that answer a host which asked nothing'),
    reflected_packets: option(500, '', 'packets of such answers'),
    reflected_size: option(200, 'B', 'mean size of such answers: reflection is about size'),
    high_factor: option(10, '', 'from this many times a threshold on, the severity is high'),
  },
  run(context, options) {
    return [
      ...icmpFloods(context, options),
      ...udpFloods(context, options),
      ...strayFloods(context, options),
      ...reflections(context, options),
      ...synAckReflections(context, options),
    ]
  },
})

function* icmpFloods(context: Context, options: Options): Generator<Finding> {
  const { flows, hosts } = context
  const keyOf = (flow: number): number => {
    const protocol = flows.protocol(flow)
    if (protocol !== Protocol.icmp && protocol !== Protocol.icmpv6) return NO_GROUP
    return hosts.isGroup(flows.server(flow)) ? NO_GROUP : flows.server(flow)
  }
  const flowsOf = flowsOfHosts(flows, hostsWithErrors(context, options.icmp_rate))
  const packets = (flow: number): number => packetsOf(context, flow)
  for (const { key: target, ids } of groupFlows(flows, hosts.count, keyOf, options.icmp_rate, packets)) {
    for (const surge of surges(flows, ids, packets, options.icmp_rate)) {
      const own = during(context, ids, surge)
      const volume = measure(context, own)
      // A handful of packets on top of a long conversation can reach the rate without being a flood.
      if (volume.packets < options.icmp_rate || isAnswerToScan(context, target, own, flowsOf(target), volume)) continue
      const peak = Math.round(surge.peak)
      yield describeFlood(context, target, own, volume, options, {
        what: 'ICMP',
        technique: 'T1498.001',
        observed: [measured('ICMP packets a second', peak, options.icmp_rate, '1/s')],
        factor: peak / options.icmp_rate,
        ports: [],
      })
    }
  }
}

/** Hosts that got enough error messages for a flood. */
function hostsWithErrors(context: Context, least: number): Set<number> {
  const { flows } = context
  const errors = new Map<number, number>()
  for (let flow = 0; flow < flows.count; flow++)
    if (isError(context, flow)) errors.set(flows.server(flow), (errors.get(flows.server(flow)) ?? 0) + packetsOf(context, flow))
  return new Set([...errors].filter(([, packets]) => packets * 2 >= least).map(([host]) => host))
}

/** Whether most of the packets are errors that the target's own unanswered packets caused. @param ofTarget its conversations */
function isAnswerToScan(
  context: Context,
  target: number,
  ids: Int32Array,
  ofTarget: readonly number[],
  { packets, firstUs, lastUs }: Measured,
): boolean {
  const { flows } = context
  const errors = ids.reduce((sum, flow) => sum + (isError(context, flow) ? packetsOf(context, flow) : 0), 0)
  if (errors * 2 < packets) return false
  let sent = 0
  for (const flow of ofTarget) {
    if (sent * 2 >= errors) break
    const isUnanswered = flows.serverPackets(flow) === 0 && flows.client(flow) === target && !isError(context, flow)
    if (isUnanswered && flows.startUs(flow) <= lastUs && flows.endUs(flow) >= firstUs - SECOND_US) sent += flows.clientPackets(flow)
  }
  return sent * 2 >= errors
}

function isError({ flows }: Context, flow: number): boolean {
  const errors = flows.protocol(flow) === Protocol.icmp ? ERRORS : flows.protocol(flow) === Protocol.icmpv6 ? ERRORS_V6 : null
  return errors?.has(flows.icmpType(flow)) ?? false
}

function* udpFloods(context: Context, options: Options): Generator<Finding> {
  const { flows, hosts } = context
  // The target is the side that sent nothing: a random port of the sender may look like a service's port.
  const keyOf = (flow: number): number => {
    if (flows.protocol(flow) !== Protocol.udp) return NO_GROUP
    const target = flows.serverPackets(flow) === 0 ? flows.server(flow) : flows.clientPackets(flow) === 0 ? flows.client(flow) : NO_GROUP
    return target === NO_GROUP || hosts.isGroup(target) || isReflected(context, flow) ? NO_GROUP : target
  }
  const packets = (flow: number): number => packetsOf(context, flow)
  const least = Math.min(options.udp_rate, options.udp_conversations)
  for (const { key: target, ids } of groupFlows(flows, hosts.count, keyOf, least, (flow) => Math.max(1, packets(flow)))) {
    // A flood has enough packets or enough conversations; only one of the two is reported.
    const byPackets = surges(flows, ids, packets, options.udp_rate)
    const found = byPackets.length > 0 ? byPackets : surges(flows, ids, () => 1, options.udp_conversations)
    for (const surge of found) {
      const own = during(context, ids, surge)
      const begun = busiest(
        columnOf(own, (flow) => flows.startUs(flow)),
        SECOND_US,
      ).count
      const volume = measure(context, own)
      if (byPackets.length > 0 ? volume.packets < options.udp_rate : own.length < options.udp_conversations) continue
      const peak = byPackets.length > 0 ? Math.round(surge.peak) : volume.rate
      const ports = [...new Set(Array.from(own.subarray(0, 10_000), (flow) => flows.serverPort(flow)))].sort((a, b) => a - b)
      yield describeFlood(context, target, own, volume, options, {
        what: `unanswered UDP (port${ports.length > 1 ? 's' : ''} ${list(ports)})`,
        technique: 'T1498.001',
        observed: [
          measured('unanswered UDP packets a second', peak, options.udp_rate, '1/s'),
          measured('conversations begun in the busiest second', begun, options.udp_conversations, '1/s'),
        ],
        factor: Math.max(byPackets.length > 0 ? peak / options.udp_rate : 0, begun / options.udp_conversations),
        ports,
      })
    }
  }
}

/** TCP segments that belong to no connection (ACK and FIN floods): nothing answers them but RST. */
function* strayFloods(context: Context, options: Options): Generator<Finding> {
  const { flows, hosts } = context
  const least = options.tcp_conversations
  const keyOf = (flow: number): number => (isStray(context, flow) ? flows.otherHost(flow) : NO_GROUP)
  for (const { key: target, ids } of groupFlows(flows, hosts.count, keyOf, least)) {
    for (const surge of surges(flows, ids, () => 1, least)) {
      const own = during(context, ids, surge)
      const begun = busiest(
        columnOf(own, (flow) => flows.startUs(flow)),
        SECOND_US,
      ).count
      const ports = [...new Set(Array.from(own, (flow) => flows.otherPort(flow)))].sort((a, b) => a - b)
      // A scan sends such segments to many ports, a few to each; connections captured from their middle on all begin at once.
      if (begun < least || own.length < 2 * begun || ports.length * STRAY_PER_PORT > own.length) continue
      yield describeFlood(context, target, own, measure(context, own), options, {
        what: `TCP segments of no connection (port${ports.length > 1 ? 's' : ''} ${list(ports)})`,
        technique: 'T1498.001',
        observed: [measured('ports that sent in the busiest second', begun, least, '1/s')],
        factor: begun / least,
        ports,
      })
    }
  }
}

/** Segments without SYN to a port, few from each sender's port, that nothing or RST answered. Only a RST of the sender may be the end of a connection. */
function isStray({ flows }: Context, flow: number): boolean {
  if (flows.protocol(flow) !== Protocol.tcp || flows.isOpened(flow) || flows.otherPort(flow) < 0) return false
  const answer = flows.otherFlags(flow)
  return (
    (flows.firstFlags(flow) & TcpFlag.syn) === 0 &&
    flows.firstPackets(flow) <= STRAY_PACKETS &&
    (answer === TcpFlag.rst || answer === (TcpFlag.rst | TcpFlag.ack) || flows.otherPackets(flow) === 0)
  )
}

/** Answers from many servers of one service to a host that did not ask: an attacker sends requests with its address. */
function* reflections(context: Context, options: Options): Generator<Finding> {
  const { flows, hosts } = context
  const keyOf = (flow: number): number => (isReflected(context, flow) && !hosts.isGroup(flows.client(flow)) ? flows.client(flow) : NO_GROUP)
  for (const { key: target, ids } of groupFlows(flows, hosts.count, keyOf, options.reflectors)) {
    for (const port of [...new Set(Array.from(ids, (flow) => flows.serverPort(flow)))].sort((a, b) => a - b)) {
      const own = ids.filter((flow) => flows.serverPort(flow) === port)
      const volume = measure(context, own)
      const servers = distinct(own, (flow) => flows.server(flow), hosts.count)
      const size = volume.bytes / volume.packets
      if (servers < options.reflectors || volume.packets < options.reflected_packets || size < options.reflected_size) continue
      const service = applicationOfPort(Protocol.udp, port) ?? `UDP port ${port}`
      yield describeFlood(context, target, own, volume, options, {
        what: `${service} answers it had not asked for, from ${plural(servers, 'server')}`,
        technique: 'T1498.002',
        observed: [
          measured('servers that answer', servers, options.reflectors),
          measured('packets', volume.packets, options.reflected_packets),
          measured('mean size', Math.round(size), options.reflected_size, 'B'),
        ],
        factor: Math.min(servers / options.reflectors, volume.packets / options.reflected_packets),
        ports: [port],
      })
    }
  }
}

/** SYN-ACKs of many servers for connections that the target never asked for: SYNs were sent in its name. */
function* synAckReflections(context: Context, options: Options): Generator<Finding> {
  const { flows, hosts } = context
  const keyOf = (flow: number): number => (isUnaskedSynAck(context, flow) ? flows.client(flow) : NO_GROUP)
  for (const { key: target, ids } of groupFlows(flows, hosts.count, keyOf, options.reflectors)) {
    const volume = measure(context, ids)
    const servers = distinct(ids, (flow) => flows.server(flow), hosts.count)
    if (servers < options.reflectors || volume.packets < options.reflected_packets) continue
    const ports = [...new Set(Array.from(ids, (flow) => flows.serverPort(flow)))].sort((a, b) => a - b)
    yield describeFlood(context, target, ids, volume, options, {
      what: `SYN-ACK it had not asked for, from ${plural(servers, 'server')}`,
      technique: 'T1498.002',
      observed: [
        measured('servers that answer', servers, options.reflectors),
        measured('packets', volume.packets, options.reflected_packets),
      ],
      factor: Math.min(servers / options.reflectors, volume.packets / options.reflected_packets),
      ports,
    })
  }
}

/** Nothing but SYN-ACK from the server, and nothing but RST from who did not ask. Where one direction is captured alone, servers send more. */
function isUnaskedSynAck({ flows }: Context, flow: number): boolean {
  if (flows.protocol(flow) !== Protocol.tcp || flows.isOpened(flow)) return false
  const answer = flows.clientFlags(flow)
  return (
    flows.serverFlags(flow) === (TcpFlag.syn | TcpFlag.ack) && (answer === 0 ? flows.clientPackets(flow) === 0 : answer === TcpFlag.rst)
  )
}

/** An answer of a service that can be used for reflection. */
function isReflected({ flows }: Context, flow: number): boolean {
  return flows.protocol(flow) === Protocol.udp && flows.clientPackets(flow) === 0 && REFLECTORS.has(flows.serverPort(flow))
}
