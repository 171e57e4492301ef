// Frames and first packets -> hosts that are routers: gateways, by whose packets come from their hardware address; NAT, by the systems behind an address.
import type { HostIdentity } from '../../names/identity-log.ts'
import type { Context } from '../engine/finding.ts'
import { HostIndex } from '../engine/host-index.ts'
import { append } from '../methods/lists.ts'
import { macOfNumber } from '../observe/sender-macs.ts'

/** Public hosts whose packets come from one hardware address: one or two could be forged, or a neighbour with a public address. */
const LEAST_PUBLIC = 3
/** A hardware address that claims more addresses answers for others (proxy ARP, RFC 1027). */
const MAX_CLAIMED = 8
const SYN_SOURCE = 'tcp syn'

type RoleOf = (host: number, value: string, source: string, flow: number, count: number) => HostIdentity

export function routersOf(context: Context, roleOf: RoleOf): HostIdentity[] {
  return [...gateways(context, roleOf), ...translators(context)]
}

/** The local host that owns a hardware address from which packets of several public hosts come. */
function gateways({ hosts, observations: { arp, senderMacs } }: Context, roleOf: RoleOf): HostIdentity[] {
  const publicHosts = new Map<number, { count: number; flow: number }>()
  const localHosts = new Map<number, number[]>()
  for (let host = 0; host < hosts.count; host++) {
    const mac = senderMacs.onlyOf(host)
    if (mac === 0) continue
    if (hosts.isLocal(host)) append(localHosts, mac, host)
    else if (hosts.scope(host) === 'public') {
      const known = publicHosts.get(mac)
      const flow = senderMacs.flowOf(host)
      publicHosts.set(mac, { count: (known?.count ?? 0) + 1, flow: Math.min(known?.flow ?? flow, flow) })
    }
  }
  const claimed = new Map<string, string[]>()
  for (const { ip, claims } of arp) for (const { mac } of claims) append(claimed, mac, ip)
  const index = new HostIndex(hosts)
  return [...publicHosts].flatMap(([mac, { count, flow }]) => {
    if (count < LEAST_PUBLIC) return []
    const claims = claimed.get(macOfNumber(mac)) ?? []
    const owners = claims.length > MAX_CLAIMED ? [] : claims.map((ip) => index.find(ip)).filter((host) => host !== null)
    // Without ARP, the only local address that comes from it as well is its own; of several, most are of another network behind it.
    const found = owners.length > 0 ? owners : (localHosts.get(mac) ?? []).filter((host) => hosts.ip(host).includes('.'))
    return owners.length === 0 && found.length > 1 ? [] : found.map((host) => roleOf(host, 'gateway', 'frames', flow, count))
  })
}

/** Local addresses whose connections are opened by several operating systems, as their first segments tell. */
function translators({ hosts, names, observations: { senderMacs } }: Context): HostIdentity[] {
  const found: HostIdentity[] = []
  for (let host = 0; host < hosts.count; host++) {
    // With several hardware addresses it may be several machines, one after the other.
    if (!hosts.isLocal(host) || senderMacs.of(host).length > 1) continue
    const systems = names.identitiesOf(host).filter(({ kind, source }) => kind === 'os' && source.startsWith(SYN_SOURCE))
    const other = systems.find(({ value }) => value !== systems[0].value)
    if (other === undefined) continue
    const values = [...new Set(systems.map(({ value }) => value.replace(/, likely$/, '')))]
    found.push({ ...other, host, kind: 'role', value: 'NAT', source: `systems: ${values.join(', ')}`, count: systems.length })
  }
  return found
}
