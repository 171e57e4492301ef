// ARP and frames -> the hardware addresses of hosts on the captured link; a router's is never taken for that of a host behind it.
import type { HostIdentity, Identity } from '../../names/identity-log.ts'
import type { Context } from '../engine/finding.ts'
import { HostIndex } from '../engine/host-index.ts'
import { macOfNumber } from '../observe/sender-macs.ts'

/** A hardware address that claims more addresses in ARP answers for others (RFC 1027, proxy ARP). */
const MAX_CLAIMED = 8

/** DHCP and Neighbor Discovery say it in packets of conversations: the log of identities has these. */
export function macsOf(context: Context): HostIdentity[] {
  const found = fromArp(context)
  const known = new Set(found.map(({ host }) => host))
  return [...found, ...fromFrames(context, known)]
}

function fromArp({ hosts, observations }: Context): HostIdentity[] {
  const claimed = new Map<string, number>()
  for (const { claims } of observations.arp) for (const { mac } of claims) claimed.set(mac, (claimed.get(mac) ?? 0) + 1)
  const index = new HostIndex(hosts)
  const found = new Map<string, HostIdentity>()
  for (const { ip, claims } of observations.arp) {
    const host = index.find(ip)
    if (host === null) continue
    for (const { mac, packets, repeats, firstUs, frame, capture } of claims) {
      if (repeats === packets || (claimed.get(mac) ?? 0) > MAX_CLAIMED) continue
      const identity = { host, ...macOf(mac, 'arp'), firstUs, count: packets - repeats, flow: null, frame, capture }
      // A host may claim its address in several VLANs, or with a tag and without: a list of claims each.
      const key = `${host} ${mac}`
      const known = found.get(key)
      if (known === undefined) found.set(key, identity)
      else found.set(key, { ...(firstUs < known.firstUs ? identity : known), count: known.count + identity.count })
    }
  }
  return [...found.values()]
}

/** Frames of a local host that come from a hardware address which sends for no other IPv4 host and for no public one. */
function fromFrames({ hosts, flows, names, observations: { senderMacs } }: Context, known: ReadonlySet<number>): HostIdentity[] {
  const senders = new Map<number, number>()
  const routers = new Set<number>()
  for (let host = 0; host < hosts.count; host++) {
    const mac = senderMacs.onlyOf(host)
    if (mac === 0) continue
    if (!hosts.isLocal(host)) routers.add(mac)
    else if (hosts.ip(host).includes('.')) senders.set(mac, (senders.get(mac) ?? 0) + 1)
  }
  const found: HostIdentity[] = []
  for (let host = 0; host < hosts.count; host++) {
    const mac = senderMacs.onlyOf(host)
    if (mac === 0 || known.has(host) || !hosts.isLocal(host) || routers.has(mac) || (senders.get(mac) ?? 0) > 1) continue
    if (names.identitiesOf(host).some(({ kind }) => kind === 'mac')) continue
    const flow = senderMacs.flowOf(host)
    const place = { frame: flows.firstFrame(flow), capture: flows.firstCapture(flow) - 1 }
    found.push({ host, ...macOf(macOfNumber(mac), 'frames'), firstUs: flows.startUs(flow), count: 1, flow, ...place })
  }
  return found
}

function macOf(value: string, source: string): Pick<Identity, 'kind' | 'value' | 'source'> {
  return { kind: 'mac', value, source }
}
