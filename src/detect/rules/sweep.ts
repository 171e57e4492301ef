// Failed attempts on one port of many hosts, or on many ports of many hosts; and many hosts that are pinged one after the other.
import { Protocol } from '../../decode/codes.ts'
import { applicationOfPort } from '../../flows/services.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural, span } from '../engine/wording.ts'
import { type Attempts, attemptsBySource, isFailedAttempt, type Probe, transportOf } from '../methods/attempts.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { busiest, differentOf, groupFlows, NO_GROUP, sessionsOf, timesOf } from '../methods/grouped-flows.ts'
import { hostOrder } from '../methods/host-order.ts'
import { append } from '../methods/lists.ts'
import { peerHosts } from '../methods/peer-to-peer.ts'
import { allPorts, isOutsideSweep, portsTried } from '../methods/swept-ports.ts'
import { MAX_SCANNED_HOSTS, portScan, scannedHosts } from './port-scan.ts'

/** Echo, timestamp and address mask (RFC 792, RFC 950): nmap -PE, -PP and -PM. */
const REQUESTS = new Set([8, 13, 17])
const ECHO_REQUEST_V6 = 128

export const sweep = defineRule({
  id: 'sweep',
  version: 5,
  title: 'One host tries many others for the same ports, or pings them',
  technique: 'T1018',
  severity: 'high',
  source:
    'Zeek misc/scan (addr_scan, 25 hosts) and ncsa/bro-simple-scan (failed attempts only, 15 minutes of memory); Snort 3 port_scan (ICMP sweep)',
  options: {
    hosts: option(25, '', 'different hosts tried in vain on one port, or pinged (Zeek: 25)'),
    high_hosts: option(100, '', 'from this many hosts on the severity is high when the scanner is inside'),
    memory: option(900, 's', 'a longer pause between two attempts begins a new sweep (bro-simple-scan: 15 min)'),
    fast_hosts: option(10, '', 'hosts on one port, when they are tried within a second, once each'),
    slow_hosts: option(8, '', 'hosts inside, tried on a few ports by somebody outside who never gets anywhere, however slowly'),
    slow_memory: option(7200, 's', 'a longer pause between two such attempts begins a new sweep'),
    success: option(25, '%', 'no sweep when at least this share of the hosts asked on the port meanwhile let it in: peers, not victims'),
  },
  run(context, options) {
    const findings: Finding[] = []
    const swept: Swept[] = []
    const least = Math.min(options.hosts, options.fast_hosts, options.slow_hosts)
    for (const slow of attemptsBySource(context, least, Math.max(options.memory, options.slow_memory) * 1e6)) {
      let isFound = false
      for (const attempts of slow.sessions(options.memory * 1e6)) {
        const scanned = scannedHosts(attempts, portScan.options.ports.default)
        const ports = attempts.length < least ? [] : portsTried(context, attempts, options)
        if (scanned.length > MAX_SCANNED_HOSTS) findings.push(describeScan(context, attempts, scanned.length, options))
        else if (ports.length > 0) swept.push({ attempts, ports })
        isFound ||= scanned.length > 0 || ports.length > 0
      }
      if (!isFound && isOutsideSweep(context, slow, options)) swept.push({ attempts: slow, ports: allPorts(slow), isSlow: true })
    }
    const made = conversationsMade(context, swept)
    const mayBePeers = swept.filter(({ attempts: { probe }, ports }) => !isOddProbe(probe) && ports.some((port) => isOfPeers(probe, port)))
    const peersToPeers = peerHosts(context, new Set(mayBePeers.map(({ attempts }) => attempts.source)))
    for (const { attempts, ports, isSlow = false } of swept) {
      const { source, probe } = attempts
      if (isSlow && ports.some((port) => made.has(keyOf(source, port)))) continue
      const inVain = ports.filter((port) => {
        if (isSlow) return true
        if (isOddProbe(probe)) return !mayBeLeftover(probe) || isFromFewPorts(context, attempts.on(port))
        if (isOfPeers(probe, port) && peersToPeers.has(source)) return false
        const reached = made.get(keyOf(source, port)) ?? []
        const own = attempts.on(port)
        if (isVictims(context, own, reached, options)) return true
        // Behind one address of a site, others reach many hosts on this port in the longer time.
        const minute = busiestMinute(own)
        if (hostsTried(context, minute) >= options.hosts && isVictims(context, minute, reached, options))
          findings.push(describeSweep(context, minute, [port], options))
        return false
      })
      if (inVain.length > 0) findings.push(describeSweep(context, attempts, inVain, options))
    }
    return [...findings, ...pingSweeps(context, options)]
  },
})

interface Swept {
  attempts: Attempts
  ports: number[]
  isSlow?: boolean
}

/** Probes that no normal client sends. */
function isOddProbe(probe: Probe): boolean {
  return probe !== 'SYN' && probe !== 'UDP'
}

/** Peers listen on ports of no service, or on that of BitTorrent; behind one address of a site, others may scan services. */
function isOfPeers(probe: Probe, port: number): boolean {
  const home = applicationOfPort(probe === 'UDP' ? Protocol.udp : Protocol.tcp, port)
  return home === null || home === 'bittorrent'
}

/** A machine that wakes up acknowledges or ends what it had open with many servers. */
function mayBeLeftover(probe: Probe): boolean {
  return probe === 'ACK' || probe === 'Maimon'
}

/** Connections each have a port of their own; scanners send from one or a few. @param own attempts on one port */
function isFromFewPorts({ flows }: Context, own: Attempts): boolean {
  return new Set(Array.from(own.flows, (flow) => flows.firstPort(flow))).size * 4 <= own.length
}

function keyOf(source: number, port: number): number {
  return source * 65_536 + port
}

/** Successful conversations of the sources on the ports that they swept, by source and port. */
function conversationsMade({ flows, hosts }: Context, swept: readonly Swept[]): Map<number, number[]> {
  const made = new Map<number, number[]>()
  const isSource = new Uint8Array(hosts.count)
  for (const { attempts } of swept) isSource[attempts.source] = 1
  const wanted = new Set(swept.flatMap(({ attempts: { source }, ports }) => ports.map((port) => keyOf(source, port))))
  for (let flow = 0; flow < flows.count && wanted.size > 0; flow++) {
    if (isSource[flows.client(flow)] === 0 || flows.clientPackets(flow) === 0) continue
    const isMade = flows.protocol(flow) === Protocol.tcp ? !isFailedAttempt(flows, flow) : flows.serverPackets(flow) > 0
    const key = keyOf(flows.client(flow), flows.serverPort(flow))
    if (isMade && flows.serverPort(flow) >= 0 && wanted.has(key)) append(made, key, flow)
  }
  return made
}

/**
 * Whether few of the hosts that were asked on a port let the source in: an office behind one address reaches many.
 * @param own attempts in vain on the port @param made conversations of the source on the port
 */
function isVictims(context: Context, own: Attempts, made: number[], options: Record<string, number>): boolean {
  const { flows } = context
  const victims = hostsTried(context, own)
  const { startsUs } = own
  const firstUs = startsUs[0]
  const lastUs = startsUs[own.length - 1]
  const peers = new Set<number>()
  const areFew = () => peers.size * 100 < options.success * (victims + peers.size)
  for (const flow of made) {
    if (flows.startUs(flow) < firstUs || flows.startUs(flow) > lastUs) continue
    peers.add(flows.server(flow))
    if (!areFew()) return false // more of them change nothing, and an office has thousands
  }
  return areFew()
}

function hostsTried({ hosts }: Context, { victims }: Attempts): number {
  return differentOf(victims, hosts.count)
}

/** The most attempts within a minute. */
function busiestMinute(own: Attempts): Attempts {
  const { count, at } = busiest(own.startsUs, 60_000_000)
  return own.part(at, at + count)
}

function describeSweep(context: Context, attempts: Attempts, ports: number[], options: Record<string, number>): Finding {
  const { hosts } = context
  const { source, probe, ports: tried } = attempts
  const isSwept = new Uint8Array(65_536)
  for (const port of ports) isSwept[port] = 1
  const own = attempts.where((i) => isSwept[tried[i]] === 1)
  const what = `${transportOf(probe)} port${ports.length > 1 ? 's' : ''} ${list(ports)}`
  const by = isOddProbe(probe) ? ` by ${probe} probes` : ''
  return finding(context, own.flows, source, own.victims, options, {
    title: (time, victims) => `${hosts.ip(source)} tried ${what} on ${plural(victims, 'host')}${by} in ${time}, without getting anywhere.`,
    kind: probe,
    ports,
    technique: 'T1046',
  })
}

function describeScan(context: Context, attempts: Attempts, scanned: number, options: Record<string, number>): Finding {
  const { hosts } = context
  const { source, probe } = attempts
  const ports = allPorts(attempts)
  return finding(context, attempts.flows, source, attempts.victims, options, {
    title: (time) =>
      `${hosts.ip(source)} tried ${plural(ports.length, `${transportOf(probe)} port`)} on ${plural(scanned, 'host')} in ${time}, in vain.`,
    kind: probe,
    ports,
    technique: 'T1046',
  })
}

function* pingSweeps(context: Context, options: Record<string, number>): Generator<Finding> {
  const { flows, hosts } = context
  const pinger = (flow: number): number => (isPing(context, flow) ? flows.client(flow) : NO_GROUP)
  for (const { key: source, ids } of groupFlows(flows, hosts.count, pinger, options.hosts)) {
    for (const own of sessionsOf(ids, (flow) => flows.startUs(flow), options.memory * 1e6)) {
      const pinged = own.map((flow) => flows.server(flow))
      if (differentOf(pinged, hosts.count) < options.hosts) continue
      yield finding(context, own, source, pinged, options, {
        title: (time, victims) => `${hosts.ip(source)} pinged ${plural(victims, 'host')} in ${time}.`,
        kind: 'ping',
        ports: [],
        technique: 'T1018',
      })
    }
  }
}

function isPing({ flows, hosts }: Context, flow: number): boolean {
  const protocol = flows.protocol(flow)
  const type = flows.icmpType(flow)
  const isRequest = (protocol === Protocol.icmp && REQUESTS.has(type)) || (protocol === Protocol.icmpv6 && type === ECHO_REQUEST_V6)
  return isRequest && !hosts.isGroup(flows.server(flow))
}

interface Wording {
  title(time: string, victims: number): string
  kind: string
  ports: number[]
  technique: string
}

/** @param own conversations @param tried the host of each */
function finding(
  context: Context,
  own: Int32Array,
  source: number,
  tried: Int32Array,
  options: Record<string, number>,
  words: Wording,
): Finding {
  const { flows, hosts } = context
  const order = hostOrder(context, tried)
  const victims = order.size
  const { firstUs, lastUs } = timesOf(flows, own)
  const { severity, severityReason } = gravity(hosts.isLocal(source), victims, words.kind, options)
  return {
    severity,
    severityReason,
    title: words.title(span(lastUs - firstUs), victims),
    nextStep: `Ask who runs a scanner or a monitor on ${hosts.ip(source)}, and look for later connections from it that carried data.`,
    firstUs,
    lastUs,
    source,
    target: null,
    technique: words.technique,
    observed: [
      measured(words.kind === 'ping' ? 'hosts pinged' : 'hosts tried in vain', victims, options.hosts),
      fact('probe', words.kind),
      ...(words.ports.length > 0 ? [fact('ports', list(words.ports, 20))] : []),
    ],
    picture: overTime('dots', 'attempt', firstUs, own.length, (i) => [flows.startUs(own[i]), order.of(tried[i])], {
      y: { label: 'Hosts, in the order they were first tried', unit: '' },
      threshold: { axis: 'y', value: options.hosts, label: plural(options.hosts, 'host') },
      caption: `Each dot is an attempt. ${plural(victims, 'host')}; ${options.hosts} make a finding.`,
    }),
    flows: FlowSample.of(own),
    ports: words.ports,
  }
}

function gravity(
  isInside: boolean,
  victims: number,
  kind: string,
  options: Record<string, number>,
): { severity: Severity; severityReason: string } {
  if (kind === 'ping') return { severity: 'low', severityReason: 'Monitors ping many hosts too, and no port was tried.' }
  if (!isInside)
    return { severity: 'medium', severityReason: 'Sweeps from outside are everyday, but this one reached hosts that were captured.' }
  if (victims < options.high_hosts)
    return { severity: 'medium', severityReason: `The scanner is inside, but tried fewer than ${options.high_hosts} hosts.` }
  return { severity: 'high', severityReason: `The scanner is inside and tried ${options.high_hosts} hosts or more.` }
}
