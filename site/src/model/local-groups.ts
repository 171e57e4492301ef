// Addresses of hosts -> groups: networks by prefix, the internet, multicast, broadcast. A capture does not tell netmasks, so a group is
// the usual one (/24, /64), or a wider one where there would be too many. Pure.
import { formatKey, isKey4 } from '../../../src/filter/address.ts'
import type { GroupKind } from './local-map.ts'

/** What is read of a host. */
export interface GroupedHosts {
  count: number
  /** 32 hexadecimal digits, see filter/address.ts; "" for the rows that stand for all other hosts. */
  key: string[]
  scope: string[]
  /** The country by which the internet is divided: its code and its name; null where it is not known. */
  country(host: number): { code: string; name: string } | null
}

export interface HostGroup {
  id: string
  label: string
  kind: GroupKind
  /** The filter term for flows with an end in it, and what `from:` and `to:` take for it; "" for none. */
  term: string
  end: string
  /** Row numbers, ascending by address. */
  hosts: number[]
}

/** Hexadecimal digits of a key that hosts of one network share, widest first: /8, /16, /24 and /32, /48, /64. */
const DIGITS = { 4: [26, 28, 30], 6: [8, 12, 16] }

/** Networks side by side at most, before a wider prefix is taken. */
const MOST_NETWORKS = 40

/** Hosts of a group shown one by one at most. */
export const MOST_NODES = 256

const UNSPECIFIED = new Set(['00000000000000000000ffff00000000', '0'.repeat(32)])

/** All groups of the first level, in a fixed order: networks by address, then the others. */
export function groupHosts(hosts: GroupedHosts): HostGroup[] {
  const byAddress = Array.from({ length: hosts.count }, (_, host) => host).sort((a, b) => (hosts.key[a] < hosts.key[b] ? -1 : 1))
  const local: Record<'4' | '6', number[]> = { 4: [], 6: [] }
  const own: HostGroup[] = [
    { id: 'internet', label: 'Internet', kind: 'internet', term: 'scope:public', end: 'public', hosts: [] },
    { id: 'multicast', label: 'Multicast', kind: 'multicast', term: 'scope:multicast', end: 'multicast', hosts: [] },
    { id: 'broadcast', label: 'Broadcast', kind: 'broadcast', term: 'scope:broadcast', end: 'broadcast', hosts: [] },
    { id: 'none', label: 'No address yet', kind: 'none', term: '', end: '', hosts: [] },
    { id: 'more', label: 'Hosts without a row', kind: 'none', term: '', end: '', hosts: [] },
  ]
  const [internet, multicast, broadcast, unspecified, more] = own
  for (const host of byAddress) {
    const key = hosts.key[host]
    const scope = hosts.scope[host]
    if (key === '') more.hosts.push(host)
    else if (scope === 'public') internet.hosts.push(host)
    else if (scope === 'multicast') multicast.hosts.push(host)
    else if (scope === 'broadcast') broadcast.hosts.push(host)
    else if (UNSPECIFIED.has(key)) unspecified.hosts.push(host)
    else local[isKey4(key) ? 4 : 6].push(host)
  }
  unspecified.end = unspecified.hosts.map((host) => formatKey(hosts.key[host])).join(',')
  unspecified.term = `ip:${unspecified.end}`
  const networks = ([4, 6] as const).flatMap((family) => networksOf(hosts, local[family], family))
  return [...networks, ...own.filter((group) => group.hosts.length > 0)]
}

/** The parts of an open group that has more hosts than can be shown one by one; empty where there are none. */
export function divideGroup(hosts: GroupedHosts, group: HostGroup): HostGroup[] {
  if (group.hosts.length <= MOST_NODES) return []
  const parts = group.kind === 'internet' ? countriesOf(hosts, group) : group.kind === 'subnet' ? narrower(hosts, group) : []
  return parts.length > 1 && parts.length <= MOST_NODES ? parts : []
}

function networksOf(hosts: GroupedHosts, rows: number[], family: 4 | 6): HostGroup[] {
  const [widest, ...rest] = DIGITS[family].map((digits) => byPrefix(hosts, rows, digits))
  return rest.reduce((best, finer) => (finer.length <= MOST_NETWORKS ? finer : best), widest)
}

function narrower(hosts: GroupedHosts, group: HostGroup): HostGroup[] {
  for (const digits of DIGITS[isKey4(hosts.key[group.hosts[0]]) ? 4 : 6]) {
    const parts = byPrefix(hosts, group.hosts, digits)
    if (parts.length > 1) return parts
  }
  return []
}

function byPrefix(hosts: GroupedHosts, rows: number[], digits: number): HostGroup[] {
  const groups = new Map<string, number[]>()
  for (const host of rows) {
    const prefix = hosts.key[host].slice(0, digitsOf(hosts.scope[host], hosts.key[host], digits))
    const known = groups.get(prefix)
    if (known) known.push(host)
    else groups.set(prefix, [host])
  }
  return [...groups].map(([prefix, members]) => {
    const key = prefix.padEnd(32, '0')
    const id = `${formatKey(key)}/${prefix.length * 4 - (isKey4(key) ? 96 : 0)}`
    return { id, label: labelOf(id, hosts.scope[members[0]]), kind: 'subnet', term: `ip:${id}`, end: id, hosts: members }
  })
}

/** Loopback and link-local addresses are one network each, whatever their digits. */
function digitsOf(scope: string, key: string, digits: number): number {
  if (scope === 'loopback') return isKey4(key) ? 26 : 31
  if (scope === 'link-local') return isKey4(key) ? 28 : 16
  return digits
}

function labelOf(id: string, scope: string): string {
  return scope === 'loopback' || scope === 'link-local' ? `${id} (${scope})` : id
}

function countriesOf(hosts: GroupedHosts, group: HostGroup): HostGroup[] {
  const countries = new Map<string, HostGroup>()
  for (const host of group.hosts) {
    const { code, name } = hosts.country(host) ?? { code: '', name: 'Place not known' }
    let country = countries.get(code)
    if (!country) {
      const term = code && `scope:public country:${code}`
      country = { id: `internet/${code}`, label: name, kind: 'internet', term, end: code, hosts: [] }
      countries.set(code, country)
    }
    country.hosts.push(host)
  }
  return [...countries.values()].sort((a, b) => (a.label < b.label ? -1 : 1))
}
