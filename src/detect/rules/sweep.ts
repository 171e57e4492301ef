// Failed attempts on one port of many hosts, or on many ports of many hosts; and many hosts that are pinged one after the other.
import { Protocol } from '../../decode/codes.ts'
import { samplePoints, secondsSince } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { list, plural, span } from '../engine/wording.ts'
import { type Attempts, attemptsBySource, isFailedAttempt, type Probe, victimOf, victimPortOf } from '../methods/attempts.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupFlows, NO_GROUP, sessionsOf } from '../methods/grouped-flows.ts'
import { MAX_SCANNED_HOSTS, portScan, scannedHosts } from './port-scan.ts'

const ECHO_REQUEST = 8
const ECHO_REQUEST_V6 = 128
/** Number of conversations that are checked for names. */
const NAMED_SAMPLE = 64

export const sweep = defineRule({
  id: 'sweep',
  version: 1,
  title: 'One host tries many others for the same ports, or pings them',
  technique: 'T1018',
  severity: 'high',
  source:
    'Zeek misc/scan (addr_scan, 25 hosts) and ncsa/bro-simple-scan (failed attempts only, 15 minutes of memory); Snort 3 port_scan (ICMP sweep)',
  options: {
    hosts: { default: 25, unit: '', description: 'different hosts tried in vain on one port, or pinged (Zeek: 25)' },
    high_hosts: { default: 100, unit: '', description: 'from this many hosts on the severity is high when the scanner is inside' },
    memory: { default: 900, unit: 's', description: 'a longer pause between two attempts begins a new sweep (bro-simple-scan: 15 min)' },
    success: {
      default: 50,
      unit: '%',
      description: 'no sweep when at least this share of the hosts asked on the port meanwhile let it in: peers, not victims',
    },
  },
  run(context, options) {
    const findings: Finding[] = []
    const swept: { attempts: Attempts; ports: number[] }[] = []
    for (const attempts of attemptsBySource(context, options.hosts, options.memory * 1e6)) {
      const scanned = scannedHosts(context.flows, attempts, portScan.options.ports.default)
      if (scanned.length > MAX_SCANNED_HOSTS) findings.push(describeScan(context, attempts, scanned.length, options))
      else {
        const ports = sweptPorts(context, attempts, options.hosts).filter((port) => isNameless(context, attempts, port))
        if (ports.length > 0) swept.push({ attempts, ports })
      }
    }
    const made = conversationsMade(context, new Set(swept.map(({ attempts }) => attempts.source)))
    for (const { attempts, ports } of swept) {
      const inVain = ports.filter((port) => {
        if (isOddProbe(attempts.probe)) return true
        const { victims, peers } = hostsOn(context, attempts, port, made.get(keyOf(attempts.source, port)) ?? [])
        return peers * 100 < options.success * (victims + peers)
      })
      if (inVain.length > 0) findings.push(describeSweep(context, attempts, inVain, options))
    }
    return [...findings, ...pingSweeps(context, options)]
  },
})

/** Ports that were tried on at least `least` different hosts, ascending. */
function sweptPorts({ flows }: Context, { flows: ids, probe }: Attempts, least: number): number[] {
  const pairs = new Float64Array(ids.length)
  for (let i = 0; i < ids.length; i++) pairs[i] = victimPortOf(flows, ids[i], probe) * 2 ** 32 + victimOf(flows, ids[i], probe)
  pairs.sort()
  const ports: number[] = []
  for (let i = 0; i < pairs.length; ) {
    const port = Math.floor(pairs[i] / 2 ** 32)
    let different = 0
    for (let previous = -1; i < pairs.length && Math.floor(pairs[i] / 2 ** 32) === port; previous = pairs[i++]) {
      if (pairs[i] !== previous) different++
    }
    if (different >= least) ports.push(port)
  }
  return ports
}

function attemptsOn({ flows }: Context, { flows: ids, probe }: Attempts, port: number): Int32Array {
  return ids.filter((flow) => victimPortOf(flows, flow, probe) === port)
}

/** Whether the source did not look up the names of its targets. One that does is using services. */
function isNameless(context: Context, attempts: Attempts, port: number): boolean {
  const own = attemptsOn(context, attempts, port)
  const step = Math.ceil(own.length / NAMED_SAMPLE)
  const sample = own.filter((_, i) => i % step === 0)
  return sample.filter((flow) => context.names.ofFlow(flow).serverName !== null).length * 2 < sample.length
}

/** Probes that no normal client sends. */
function isOddProbe(probe: Probe): boolean {
  return probe !== 'SYN' && probe !== 'UDP'
}

function keyOf(source: number, port: number): number {
  return source * 65_536 + port
}

/** Successful conversations of the sources, by source and port. */
function conversationsMade({ flows }: Context, sources: ReadonlySet<number>): Map<number, number[]> {
  const made = new Map<number, number[]>()
  if (sources.size === 0) return made
  for (let flow = 0; flow < flows.count; flow++) {
    if (!sources.has(flows.client(flow)) || flows.serverPort(flow) < 0 || flows.clientPackets(flow) === 0) continue
    const isMade = flows.protocol(flow) === Protocol.tcp ? !isFailedAttempt(flows, flow) : flows.serverPackets(flow) > 0
    if (!isMade) continue
    const key = keyOf(flows.client(flow), flows.serverPort(flow))
    const known = made.get(key)
    if (known === undefined) made.set(key, [flow])
    else known.push(flow)
  }
  return made
}

/** Hosts that failed on the port, and hosts that were reached on it in the same time: an office behind one address reaches many. */
function hostsOn(context: Context, attempts: Attempts, port: number, made: number[]): { victims: number; peers: number } {
  const { flows } = context
  const own = attemptsOn(context, attempts, port)
  const victims = hostOrder(context, own, (flow) => victimOf(flows, flow, attempts.probe))
  const firstUs = flows.startUs(own[0])
  const lastUs = flows.startUs(own[own.length - 1])
  const meanwhile = made.filter((flow) => flows.startUs(flow) >= firstUs && flows.startUs(flow) <= lastUs)
  return { victims: victims.size, peers: new Set(meanwhile.map((flow) => flows.server(flow))).size }
}

function describeSweep(context: Context, attempts: Attempts, ports: number[], options: Record<string, number>): Finding {
  const { flows, hosts } = context
  const { source, probe } = attempts
  const isSwept = new Uint8Array(65_536)
  for (const port of ports) isSwept[port] = 1
  const own = attempts.flows.filter((flow) => isSwept[victimPortOf(flows, flow, probe)] === 1)
  const victims = hostOrder(context, own, (flow) => victimOf(flows, flow, probe))
  const transport = probe === 'UDP' ? 'UDP' : 'TCP'
  const what = `${transport} port${ports.length > 1 ? 's' : ''} ${list(ports)}`
  const by = isOddProbe(probe) ? ` by ${probe} probes` : ''
  return finding(context, own, source, victims.size, options, {
    title: (time) => `${hosts.ip(source)} tried ${what} on ${plural(victims.size, 'host')}${by} in ${time}, without getting anywhere.`,
    kind: probe,
    ports,
    technique: 'T1046',
    point: (flow) => victims.of(victimOf(flows, flow, probe)),
  })
}

function describeScan(context: Context, attempts: Attempts, scanned: number, options: Record<string, number>): Finding {
  const { flows, hosts } = context
  const { source, probe } = attempts
  const victims = hostOrder(context, attempts.flows, (flow) => victimOf(flows, flow, probe))
  const isTried = new Uint8Array(65_536)
  for (const flow of attempts.flows) isTried[victimPortOf(flows, flow, probe)] = 1
  const ports = [...isTried.keys()].filter((port) => isTried[port] === 1)
  return finding(context, attempts.flows, source, victims.size, options, {
    title: (time) =>
      `${hosts.ip(source)} tried ${plural(ports.length, `${probe === 'UDP' ? 'UDP' : 'TCP'} port`)} on ${plural(scanned, 'host')} in ${time}, in vain.`,
    kind: probe,
    ports,
    technique: 'T1046',
    point: (flow) => victims.of(victimOf(flows, flow, probe)),
  })
}

function* pingSweeps(context: Context, options: Record<string, number>): Generator<Finding> {
  const { flows, hosts } = context
  const pinger = (flow: number): number => (isPing(context, flow) ? flows.client(flow) : NO_GROUP)
  for (const { key: source, ids } of groupFlows(flows.count, hosts.count, pinger, options.hosts, (flow) => flows.startUs(flow))) {
    for (const own of sessionsOf(ids, (flow) => flows.startUs(flow), options.memory * 1e6)) {
      const victims = hostOrder(context, own, (flow) => flows.server(flow))
      if (victims.size < options.hosts) continue
      yield finding(context, own, source, victims.size, options, {
        title: (time) => `${hosts.ip(source)} pinged ${plural(victims.size, 'host')} in ${time}.`,
        kind: 'ping',
        ports: [],
        technique: 'T1018',
        point: (flow) => victims.of(flows.server(flow)),
      })
    }
  }
}

function isPing({ flows, hosts }: Context, flow: number): boolean {
  const protocol = flows.protocol(flow)
  const type = flows.icmpType(flow)
  const isRequest = (protocol === Protocol.icmp && type === ECHO_REQUEST) || (protocol === Protocol.icmpv6 && type === ECHO_REQUEST_V6)
  return isRequest && !hosts.isGroup(flows.server(flow))
}

/** Above this many attempts, an array over all hosts of the capture costs less than a Map. */
const MANY = 10_000

/** Numbers of hosts, from 1, in the order in which they were first tried. */
interface HostOrder {
  size: number
  of(host: number): number
}

function hostOrder({ hosts }: Context, ids: Int32Array, hostOf: (flow: number) => number): HostOrder {
  if (ids.length < MANY) {
    const order = new Map<number, number>()
    for (const flow of ids) if (!order.has(hostOf(flow))) order.set(hostOf(flow), order.size + 1)
    return { size: order.size, of: (host) => order.get(host) ?? 0 }
  }
  const numbers = new Int32Array(hosts.count)
  let size = 0
  for (const flow of ids) {
    const host = hostOf(flow)
    if (numbers[host] === 0) numbers[host] = ++size
  }
  return { size, of: (host) => numbers[host] }
}

interface Wording {
  title(time: string): string
  kind: string
  ports: number[]
  technique: string
  /** Number of the host that a conversation tried. */
  point(flow: number): number
}

function finding(
  context: Context,
  own: Int32Array,
  source: number,
  victims: number,
  options: Record<string, number>,
  words: Wording,
): Finding {
  const { flows, hosts } = context
  const firstUs = flows.startUs(own[0])
  const lastUs = own.reduce((last, flow) => Math.max(last, flows.endUs(flow)), firstUs)
  const { severity, severityReason } = gravity(hosts.isLocal(source), victims, words.kind, options)
  return {
    severity,
    severityReason,
    title: words.title(span(lastUs - firstUs)),
    nextStep: `Ask who runs a scanner or a monitor on ${hosts.ip(source)}, and look for later connections from it that carried data.`,
    firstUs,
    lastUs,
    source,
    target: null,
    technique: words.technique,
    observed: [
      { name: words.kind === 'ping' ? 'hosts pinged' : 'hosts tried in vain', value: victims, unit: '', threshold: options.hosts },
      { name: 'probe', value: words.kind, unit: '', threshold: null },
      ...(words.ports.length > 0 ? [{ name: 'ports', value: list(words.ports, 20), unit: '', threshold: null }] : []),
    ],
    picture: {
      kind: 'dots',
      x: { label: 'Time since the first attempt', unit: 's' },
      y: { label: 'Hosts, in the order they were first tried', unit: '' },
      points: samplePoints(own.length, (i) => [secondsSince(firstUs, flows.startUs(own[i])), words.point(own[i])]),
      threshold: { axis: 'y', value: options.hosts, label: plural(options.hosts, 'host') },
      caption: `Each dot is an attempt. ${plural(victims, 'host')}; ${options.hosts} make a finding.`,
    },
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
