// Segments with flags that no connection has, of several kinds at once: their answers, or silence, tell operating systems apart.
import { Protocol, TcpFlag } from '../../decode/codes.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { sessionsOfPairs, timesOf } from '../methods/grouped-flows.ts'

/** The probes T2, T3 and T7 of nmap (nmap.org/book/osdetect-methods.html); others are sent with flags that are used elsewhere, too. */
const PROBES = new Map<number, string>([
  [0, 'no flags'],
  [TcpFlag.syn | TcpFlag.fin | TcpFlag.psh | TcpFlag.urg, 'SYN, FIN, PSH and URG'],
  [TcpFlag.fin | TcpFlag.psh | TcpFlag.urg, 'FIN, PSH and URG'],
])
/** nmap repeats its series at most five times. */
const MOST_PROBES = 40
const SESSION_US = 60_000_000

export const osScan = defineRule({
  id: 'os-scan',
  version: 1,
  title: 'One host finds out the operating system of another',
  technique: 'T1046',
  severity: 'medium',
  source: 'The series of nmap -O: segments without flags, with SYN and FIN together, and others, within seconds',
  options: {
    probes: option(2, '', 'different sets of flags that no connection has, in segments to one host within a minute'),
  },
  run(context, options) {
    const { flows } = context
    const isProbe = (flow: number) =>
      flows.protocol(flow) === Protocol.tcp &&
      flows.otherPort(flow) >= 0 &&
      PROBES.has(flows.firstFlags(flow)) &&
      flows.firstPackets(flow) > 0
    const findings: Finding[] = []
    for (const session of sessionsOfPairs(flows, isProbe, SESSION_US)) {
      const kinds = new Set(Array.from(session, (flow) => flows.firstFlags(flow)))
      if (kinds.size >= options.probes && session.length <= MOST_PROBES) findings.push(describe(context, session, kinds, options.probes))
    }
    return findings
  },
})

function describe({ flows, hosts }: Context, session: Int32Array, kinds: ReadonlySet<number>, threshold: number): Finding {
  const [source, target] = [flows.firstHost(session[0]), flows.otherHost(session[0])]
  const { firstUs, lastUs } = timesOf(flows, session)
  return {
    severity: 'medium',
    severityReason: 'No program needs such segments; whoever sends them explores.',
    title: `${hosts.ip(source)} sent ${hosts.ip(target)} ${plural(session.length, 'probe')} with flags that no connection has, in ${span(lastUs - firstUs)}, to find out its operating system.`,
    nextStep: `Ask who runs a scanner on ${hosts.ip(source)}, and look for later connections from it that carried data.`,
    firstUs,
    lastUs,
    source,
    target,
    observed: [
      measured('sets of flags', kinds.size, threshold),
      fact('flags', list([...kinds].sort((a, b) => a - b).map((flags) => PROBES.get(flags)!))),
    ],
    picture: null,
    flows: FlowSample.of(session),
    ports: [...new Set(Array.from(session, (flow) => flows.otherPort(flow)))],
  }
}
