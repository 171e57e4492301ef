// A host that was no router sends router advertisements and can receive the network's IPv6 traffic, by accident (connection sharing) or on purpose.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import type { Ipv6Router } from '../observe/observations.ts'

export const rogueRouter = defineRule({
  id: 'rogue-router',
  version: 1,
  readsObservations: true,
  title: 'A second IPv6 router announces itself, or a flood of them',
  technique: 'T1557',
  severity: 'high',
  source: 'RFC 6104 (rogue router advertisements); THC-IPv6 fake_router and flood_router',
  options: {
    routers: option(2, '', 'default routers announced'),
    flood: option(20, '', 'routers announced, from which on it is a flood'),
  },
  run(context, options) {
    const routers = context.observations.ipv6Routers.filter(({ lifetimeS }) => lifetimeS > 0)
    const addresses = new Set(routers.map(({ ip }) => ip))
    if (addresses.size < options.routers) return []
    if (addresses.size >= options.flood) return [describeFlood(context, routers, addresses.size, options.flood)]
    const [first, ...others] = [...routers].sort((a, b) => a.firstUs - b.firstUs)
    return others
      .filter(({ ip, mac }) => ip !== first.ip && mac !== first.mac)
      .map((router) => describe(context, first, router, addresses.size, options))
  },
})

function describe({ flows }: Context, first: Ipv6Router, router: Ipv6Router, count: number, options: Record<string, number>): Finding {
  const isOther =
    router.prefixes.some((prefix) => !first.prefixes.includes(prefix)) ||
    router.dnsServers.some((server) => !first.dnsServers.includes(server))
  const isPreferred = router.preference === 'high' && first.preference !== 'high'
  return {
    severity: isOther || isPreferred ? 'high' : 'low',
    severityReason:
      isOther || isPreferred
        ? `It announces other prefixes or name servers than ${first.ip}, or a higher preference: hosts may send everything to it.`
        : 'It announces the same as the first one: probably a second router for when that one fails.',
    title: `${router.ip}${router.mac === '' ? '' : ` (${router.mac})`} announces itself as IPv6 router beside ${first.ip}.`,
    nextStep: `Ask who runs ${router.mac || router.ip}, and turn on RA guard (RFC 6105) at its port if nobody does.`,
    firstUs: router.firstUs,
    lastUs: router.lastUs,
    source: senderOf(flows, router),
    target: null,
    observed: [
      measured('default routers', count, options.routers),
      fact('advertisements', router.packets),
      fact('prefixes', list(router.prefixes, 8) || 'none'),
      fact('prefixes of the first router', list(first.prefixes, 8) || 'none'),
      fact('preference', router.preference),
      fact('lifetime', router.lifetimeS, 's'),
    ],
    picture: null,
    flows: FlowSample.of(new Set([router.flow, first.flow])),
  }
}

function describeFlood(_context: Context, routers: Ipv6Router[], count: number, threshold: number): Finding {
  const macs = [...new Set(routers.map(({ mac }) => mac).filter((mac) => mac !== ''))]
  return {
    severity: 'high',
    severityReason: 'Hosts that believe them all run out of memory or of time.',
    title: `${plural(count, 'IPv6 router')} announced themselves, which no network has: a flood of forged advertisements.`,
    nextStep: `Find who sends them${macs.length === 1 ? ` (${macs[0]})` : ''}, and turn on RA guard (RFC 6105) at the switch.`,
    firstUs: Math.min(...routers.map(({ firstUs }) => firstUs)),
    lastUs: Math.max(...routers.map(({ lastUs }) => lastUs)),
    source: null,
    target: null,
    observed: [
      measured('routers', count, threshold),
      fact(
        'advertisements',
        routers.reduce((sum, { packets }) => sum + packets, 0),
      ),
      fact('hardware addresses', macs.length),
    ],
    picture: null,
    flows: FlowSample.of(new Set(routers.map(({ flow }) => flow))),
  }
}

function senderOf(flows: Context['flows'], { flow }: Ipv6Router): number {
  return flows.firstHost(flow)
}
