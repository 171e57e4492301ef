// Failed attempts on many ports of one host.

import { overTime } from '../engine/chart-points.ts'
import type { Conversations } from '../engine/conversations.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural, span } from '../engine/wording.ts'
import { type Attempts, attemptsBySource } from '../methods/attempts.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { timesOf } from '../methods/grouped-flows.ts'
import { allPorts, triedAtOnce } from '../methods/swept-ports.ts'

/** More scanned hosts are one finding of the rule `sweep`, not one finding each. */
export const MAX_SCANNED_HOSTS = 5

/** nmap's UDP payloads have at most about 200 bytes; floods use large datagrams. */
const UDP_PROBE_BYTES = 300
const FLOODING_SOURCES = 5

export const portScan = defineRule({
  id: 'port-scan',
  version: 3,
  title: 'One host tries many ports of another',
  technique: 'T1046',
  severity: 'high',
  source:
    'Zeek misc/scan (port_scan, 15 ports) and ncsa/bro-simple-scan (failed attempts only, 15 minutes of memory); probes as nmap names them',
  options: {
    ports: option(15, '', 'different ports of one host tried in vain (Zeek: 15)'),
    fast_ports: option(10, '', 'ports, when they are tried within a second, once each'),
    high_ports: option(100, '', 'from this many ports on the severity is high when the scanner is inside'),
    memory: option(900, 's', 'a longer pause between two attempts begins a new scan (bro-simple-scan: 15 min)'),
  },
  run(context, options) {
    const scans: { attempts: Attempts; scan: ScannedHost }[] = []
    const udpSources = new Map<number, number>()
    for (const attempts of attemptsBySource(context, Math.min(options.ports, options.fast_ports), options.memory * 1e6)) {
      const usual = scannedHosts(attempts, options.ports)
      const fast = fastScans(attempts, options.fast_ports)
      const scanned = [...usual, ...fast.filter(({ victim }) => !usual.some((own) => own.victim === victim))]
      if (scanned.length > MAX_SCANNED_HOSTS) continue
      for (const scan of scanned) {
        if (attempts.probe === 'UDP' && fillsDatagrams(context.flows, attempts, scan.victim)) continue
        scans.push({ attempts, scan })
        if (attempts.probe === 'UDP') udpSources.set(scan.victim, (udpSources.get(scan.victim) ?? 0) + 1)
      }
    }
    // Many sources that seem to scan the same host by UDP are a flood.
    const isFlood = ({ attempts, scan }: (typeof scans)[number]) =>
      attempts.probe === 'UDP' && udpSources.get(scan.victim)! >= FLOODING_SOURCES
    return scans.filter((scan) => !isFlood(scan)).map(({ attempts, scan }) => describe(context, attempts, scan, options))
  },
})

/** Hosts whose ports were tried by single SYNs within a second. */
function fastScans(attempts: Attempts, least: number): ScannedHost[] {
  return attempts.probe === 'SYN' ? scannedHosts(triedAtOnce(attempts, least), least) : []
}

function fillsDatagrams(flows: Conversations, { flows: ids, victims }: Attempts, victim: number): boolean {
  let packets = 0
  let bytes = 0
  for (let i = 0; i < ids.length; i++) {
    if (victims[i] !== victim) continue
    packets += flows.clientPackets(ids[i])
    bytes += flows.clientBytes(ids[i])
  }
  return bytes > packets * UDP_PROBE_BYTES
}

export interface ScannedHost {
  victim: number
  /** Different ports, ascending. */
  ports: number[]
}

/** Hosts on which at least `least` different ports were tried. */
export function scannedHosts({ victims, ports, length }: Attempts, least: number): ScannedHost[] {
  if (length < least) return []
  // Victim and port as one number: sorting puts the ports of each victim, and equal ports, next to each other.
  const pairs = new Float64Array(length)
  for (let i = 0; i < length; i++) pairs[i] = victims[i] * 65_536 + ports[i]
  pairs.sort()
  const scanned: ScannedHost[] = []
  for (let i = 0; i < length; ) {
    const victim = Math.floor(pairs[i] / 65_536)
    const end = (victim + 1) * 65_536
    const from = i
    let different = 0
    for (let previous = -1; i < length && pairs[i] < end; previous = pairs[i++]) {
      if (pairs[i] !== previous) different++
    }
    if (different >= least) scanned.push({ victim, ports: [...new Set(pairs.subarray(from, i))].map((pair) => pair % 65_536) })
  }
  return scanned
}

function describe(context: Context, attempts: Attempts, { victim, ports }: ScannedHost, options: Record<string, number>): Finding {
  const { flows, hosts } = context
  const { source, probe } = attempts
  const { victims } = attempts
  const onVictim = attempts.where((i) => victims[i] === victim)
  const { flows: own, startsUs, ports: tried } = onVictim
  const openPorts = allPorts(onVictim.where((i) => flows.isAccepted(own[i])))
  const { firstUs, lastUs } = timesOf(flows, own)
  const { severity, severityReason } = gravity(hosts.isLocal(source), ports.length, options)
  const kind = probe === 'SYN' ? '' : ` by ${probe} probes`
  return {
    severity,
    severityReason,
    title: `${hosts.ip(source)} tried ${plural(ports.length, 'port')} of ${hosts.ip(victim)}${kind} in ${span(lastUs - firstUs)}${openPorts.length > 0 ? ` and found ${list(openPorts)} open` : ''}.`,
    nextStep:
      openPorts.length > 0
        ? `Look for later connections from ${hosts.ip(source)} to ${hosts.ip(victim)} on the open ports, and ask who runs a scanner there.`
        : `Ask who runs a scanner on ${hosts.ip(source)}, and look for later connections from it that carried data.`,
    firstUs,
    lastUs,
    source,
    target: victim,
    observed: [
      measured('ports tried in vain', ports.length, options.ports),
      fact('probe', probe),
      fact('ports found open', openPorts.length === 0 ? 'none seen' : list(openPorts, 20)),
      fact('attempts a second', rate(own.length, lastUs - firstUs), '1/s'),
    ],
    picture: overTime('dots', 'attempt', firstUs, own.length, (i) => [startsUs[i], tried[i]], {
      y: { label: 'Port', unit: '' },
      threshold: null,
      caption: `Each dot is an attempt. ${plural(ports.length, 'port')}; ${options.ports} make a finding.`,
    }),
    flows: FlowSample.of(own),
    ports,
  }
}

function gravity(isInside: boolean, ports: number, options: Record<string, number>): { severity: Severity; severityReason: string } {
  if (!isInside)
    return { severity: 'medium', severityReason: 'Scans from outside are everyday, but this one reached a host that was captured.' }
  if (ports < options.high_ports)
    return { severity: 'medium', severityReason: `The scanner is inside, but tried fewer than ${options.high_ports} ports.` }
  return { severity: 'high', severityReason: `The scanner is inside and tried ${options.high_ports} ports or more.` }
}

/** Attempts per second, rounded to two digits. */
function rate(count: number, us: number): number {
  return us > 0 ? Number(((count * 1e6) / us).toPrecision(2)) : count
}
