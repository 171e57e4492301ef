// Two MAC addresses claim the same IP address in ARP, or one claims the addresses of others unasked: a duplicate address, or ARP spoofing.
import { compare } from '../../compare.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { HostIndex } from '../engine/host-index.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { flowsOfHosts } from '../methods/flows-of-hosts.ts'
import { append } from '../methods/lists.ts'
import type { ArpClaim, ArpClaims, FramePlace } from '../observe/observations.ts'

/** MAC addresses of redundant routers, which share an IP address on purpose: VRRP (RFC 9568 7.3), HSRP (RFC 2281 5.3, and version 2), GLBP, CARP. */
const SHARED_MACS = ['00:00:5e:00:01:', '00:00:5e:00:02:', '00:00:0c:07:ac:', '00:00:0c:9f:f', '00:07:b4:', '00:05:73:a0:']
/** Ports of one network card have hardware addresses in a row. */
const MOST_PORTS = 4
/** Hyper-V numbers its machines in a row, too. */
const HYPER_V = '00:15:5d:'

export const arpSpoofing = defineRule({
  id: 'arp-spoofing',
  version: 5,
  readsObservations: true,
  title: 'Several hardware addresses claim the same address',
  technique: 'T1557.002',
  severity: 'high',
  source: 'RFC 5227 (address conflicts); arpwatch (changed address, flip flop) and Snort arpspoof',
  options: {
    changes: option(3, '', 'changes from one hardware address to another and back; fewer are a device that was replaced'),
    claims: option(2, '', 'ARP packets of each of the two'),
    addresses: option(2, '', 'addresses one hardware address takes from others, from which on the severity is high'),
    unasked: option(
      4,
      '',
      'replies to a single host that nobody asked for, about each of so many addresses (arpspoof sends one in two seconds)',
    ),
  },
  run(context, options) {
    const conflicts = context.observations.arp.map((claims) => conflictOf(claims, options)).filter((conflict) => conflict !== null)
    // The device that came later is assumed to be the attacker; the severity depends on the share of traffic it receives.
    const taken = new Map<string, number>()
    for (const { intruder } of conflicts) taken.set(intruder.mac, (taken.get(intruder.mac) ?? 0) + 1)
    const index = new HostIndex(context.hosts)
    const hostOf = ({ ip }: Conflict) => index.find(ip)
    const unasked = takeovers(context, index, options)
    // Of an attacker who takes several addresses, only those whose owners also speak are in conflict; the others count, too.
    for (const { mac, ips } of unasked) if (taken.has(mac)) taken.set(mac, Math.max(taken.get(mac)!, ips.length))
    const takenOver = unasked.filter(({ mac }) => !taken.has(mac))
    const disputed = [...conflicts.map(hostOf).filter((host) => host !== null), ...takenOver.flatMap(({ hosts }) => hosts)]
    const byHost = flowsOfHosts(context.flows, new Set(disputed))
    const { flows } = context
    const flowsOf: FlowsOf = (host, firstUs, lastUs) =>
      byHost(host).filter((flow) => flows.endUs(flow) >= firstUs && flows.startUs(flow) <= lastUs)
    return [
      ...conflicts.map((conflict) => describe(conflict, hostOf(conflict), flowsOf, taken.get(conflict.intruder.mac)!, options)),
      ...takenOver.map((takeover) => describeTakeover(takeover, flowsOf, options)),
    ]
  },
})

/** Conversations of a disputed address in that time. */
type FlowsOf = (host: number, firstUs: number, lastUs: number) => number[]

interface Conflict {
  ip: string
  owner: ArpClaim
  intruder: ArpClaim
  claims: ArpClaim[]
  /** Times at which the claiming device changed, ascending. */
  changesUs: number[]
}

function conflictOf({ ip, claims }: ArpClaims, options: Record<string, number>): Conflict | null {
  const own = claims
    .filter((claim) => claim.packets >= options.claims && !isShared(claim.mac) && !isBridge(claim))
    .sort((a, b) => a.firstUs - b.firstUs || compare(a.mac, b.mac))
  if (own.length < 2) return null
  const [owner, ...others] = own
  // If one claim ends before the other begins, the address moved to another device, which is normal.
  const intruder = others.reduce((most, claim) => (claim.packets > most.packets ? claim : most))
  const changesUs = takenUs(claims, own).slice(1)
  return changesUs.length < options.changes ? null : { ip, owner, intruder, claims: own, changesUs }
}

/** Times at which one of these took the address from another claim, the first time included. Of several captures, one may begin with the same as before. */
function takenUs(claims: readonly ArpClaim[], own: readonly ArpClaim[]): number[] {
  return claims
    .flatMap((claim) => claim.takenUs.map((atUs) => ({ atUs, claim })))
    .sort((a, b) => a.atUs - b.atUs)
    .filter(({ claim }, i, all) => claim !== all[i - 1]?.claim && own.includes(claim))
    .map(({ atUs }) => atUs)
}

function isShared(mac: string): boolean {
  return SHARED_MACS.some((shared) => mac.startsWith(shared))
}

/** Hardware addresses that were burned into the ports of one card, as far as addresses tell: a server that spreads its traffic over them. */
function areOfOneCard(macs: readonly string[]): boolean {
  const numbers = macs.map((mac) => Number.parseInt(mac.replaceAll(':', ''), 16))
  const isBurnedIn = macs.every((mac) => (Number.parseInt(mac.slice(0, 2), 16) & 2) === 0 && !mac.startsWith(HYPER_V))
  return isBurnedIn && Math.max(...numbers) - Math.min(...numbers) < MOST_PORTS
}

/** A Wi-Fi bridge or repeater sends the claims of others on, milliseconds later, with its own hardware address. */
function isBridge({ packets, repeats }: ArpClaim): boolean {
  return repeats * 2 >= packets
}

/** A hardware address that told single hosts, unasked, that several addresses are its own. */
interface Takeover {
  mac: string
  ips: string[]
  /** Addresses that others name, or that sent IP packets, by another hardware address. */
  foreign: { ip: string; owners: string[] }[]
  replies: number
  firstUs: number
  lastUs: number
  hosts: number[]
  place: FramePlace
}

/** The owners need not speak ARP: replies of others name their hardware addresses, and their own packets come from them. */
function takeovers(context: Context, index: HostIndex, options: Record<string, number>): Takeover[] {
  const byMac = new Map<string, { row: ArpClaims; claim: ArpClaim }[]>()
  for (const row of context.observations.arp) {
    for (const claim of row.claims) {
      if (claim.unasked < options.unasked || isShared(claim.mac) || isBridge(claim)) continue
      append(byMac, claim.mac, { row, claim })
    }
  }
  const found: Takeover[] = []
  for (const [mac, own] of byMac) {
    if (own.length < options.addresses) continue
    own.sort((a, b) => a.claim.firstUs - b.claim.firstUs || compare(a.row.ip, b.row.ip))
    const foreign = own
      .map(({ row: { ip, named, senders, claims } }) => ({
        ip,
        owners: [...new Set([...named, ...senders, ...claims.map((claim) => claim.mac)])].filter((owner) => owner !== mac).sort(),
      }))
      .filter(({ owners }) => owners.length > 0)
    // A machine with several addresses says the same of them, and nobody contradicts.
    if (foreign.length === 0) continue
    const hosts = own.map(({ row }) => index.find(row.ip)).filter((host) => host !== null)
    const firstUs = Math.min(...own.map(({ claim }) => claim.firstUs))
    const lastUs = Math.max(...own.map(({ claim }) => claim.lastUs))
    const { frame, capture } = own.find(({ claim }) => claim.firstUs === firstUs)!.claim
    found.push({
      mac,
      ips: own.map(({ row }) => row.ip),
      foreign,
      replies: own.reduce((sum, { claim }) => sum + claim.unasked, 0),
      firstUs,
      lastUs,
      hosts,
      place: { frame, capture },
    })
  }
  return found
}

function describeTakeover(
  { mac, ips, foreign, replies, firstUs, lastUs, hosts, place }: Takeover,
  flowsOf: FlowsOf,
  options: Record<string, number>,
): Finding {
  const owner = foreign[0]
  return {
    severity: 'high',
    severityReason: `${owner.ip} is ${list(owner.owners)} to others: the traffic between these addresses may go through ${mac}.`,
    title: `${mac} told other hosts ${plural(replies, 'time')}, unasked, that the addresses ${list(ips)} are its own, in ${span(lastUs - firstUs)}.`,
    nextStep: `Find the port of ${mac} in the switch's table, and what the device is; look at the ARP tables of ${list(ips)}.`,
    firstUs,
    lastUs,
    source: null,
    target: hosts.length === 1 ? hosts[0] : null,
    observed: [
      measured('replies nobody asked for', replies, options.unasked),
      measured('addresses claimed', ips.length, options.addresses),
      ...foreign.slice(0, 4).map(({ ip, owners }) => fact(`hardware address of ${ip}`, list(owners))),
    ],
    picture: null,
    flows: FlowSample.of([...new Set(hosts.flatMap((host) => flowsOf(host, firstUs, lastUs)))].sort((a, b) => a - b)),
    place,
  }
}

function describe(
  { ip, owner, intruder, claims, changesUs }: Conflict,
  host: number | null,
  flowsOf: FlowsOf,
  taken: number,
  options: Record<string, number>,
): Finding {
  const firstUs = intruder.firstUs
  const lastUs = Math.max(...claims.map((claim) => claim.lastUs))
  const isSpoofing = taken >= options.addresses && intruder.replies > 0
  const isOneCard = areOfOneCard(claims.map(({ mac }) => mac))
  return {
    severity: isSpoofing ? 'high' : isOneCard ? 'low' : 'medium',
    severityReason: isSpoofing
      ? `${intruder.mac} takes ${plural(taken, 'address', 'addresses')} from others and answers for them: traffic may go through it.`
      : isOneCard
        ? 'Only one address is in dispute, and the hardware addresses follow each other: most likely the ports of one card (bonding).'
        : 'Only one address is in dispute: two devices may have been given the same one.',
    title: `${intruder.mac} claims the address ${ip} of ${owner.mac}: it changed hands ${plural(changesUs.length, 'time')} in ${span(lastUs - owner.firstUs)}.`,
    nextStep: `Find the port of ${intruder.mac} in the switch's table, and what the device is.`,
    firstUs,
    lastUs,
    source: null,
    target: host,
    observed: [
      measured('changes of hands', changesUs.length, options.changes),
      fact(
        'hardware addresses',
        list(
          claims.map(({ mac }) => mac),
          8,
        ),
      ),
      measured('addresses taken by the same device', taken, options.addresses),
      fact('answers of that device', intruder.replies),
    ],
    picture: overTime('steps', 'claim', owner.firstUs, changesUs.length, (i) => [changesUs[i], i + 1], {
      y: { label: 'Changes of hands', unit: '' },
      threshold: { axis: 'y', value: options.changes, label: `${options.changes} changes` },
      caption: `Each step is a claim of ${ip} by another hardware address than before.`,
    }),
    flows: FlowSample.of(host === null ? [] : flowsOf(host, firstUs, lastUs)),
    place: { frame: intruder.frame, capture: intruder.capture },
  }
}
