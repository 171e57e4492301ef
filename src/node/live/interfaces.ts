// The system -> its network interfaces, and the one with the default route.
import { readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'

export interface NetworkInterface {
  name: string
  /** unknown if the system does not say (a tunnel is neither up nor down). */
  state: 'up' | 'down' | 'unknown'
  isLoopback: boolean
  /** Has the default route. */
  isDefault: boolean
  /** Canonical text with prefix length, e.g. 192.0.2.7/24. */
  addresses: string[]
  /** '' for none. */
  mac: string
}

const CLASS = '/sys/class/net'
/** The kernel's routing tables; an interface may be missing in both. */
const ROUTES = '/proc/net/route'
const ROUTES6 = '/proc/net/ipv6_route'
/** RTF_UP (linux/route.h). */
const ROUTE_UP = 1
const ROUTE_REJECT = 0x200

/** All interfaces, the one with the default route first, then by name. */
export function listInterfaces(): NetworkInterface[] {
  const addresses = networkInterfaces()
  const names = new Set([...readNames(), ...Object.keys(addresses)])
  const leading = defaultInterface()
  const list = [...names].map((name): NetworkInterface => {
    const of = addresses[name] ?? []
    const mac = readText(`${CLASS}/${name}/address`) || of[0]?.mac || ''
    return {
      name,
      state: stateOf(name, of.length > 0),
      isLoopback: of.some(({ internal }) => internal) || readText(`${CLASS}/${name}/type`) === '772', // ARPHRD_LOOPBACK
      isDefault: name === leading,
      addresses: of.map(({ cidr, address }) => cidr ?? address),
      mac: /^(00:?)*$/.test(mac) ? '' : mac,
    }
  })
  return list.sort((a, b) => Number(b.isDefault) - Number(a.isDefault) || (a.name < b.name ? -1 : 1))
}

/** The interface with the default route, else the first that is up and not loopback; null for none. */
export function defaultInterface(): string | null {
  const named = defaultRoute(readText(ROUTES), readText(ROUTES6))
  if (named !== null) return named
  const addresses = Object.entries(networkInterfaces())
  return addresses.find(([, of]) => of?.some(({ internal }) => !internal))?.[0] ?? null
}

/** @param routes the text of /proc/net/route @param routes6 that of /proc/net/ipv6_route */
export function defaultRoute(routes: string, routes6: string): string | null {
  let best: { name: string; metric: number } | null = null
  const consider = (name: string, metric: number, flags: number) => {
    if ((flags & ROUTE_UP) === 0 || (flags & ROUTE_REJECT) !== 0 || name === 'lo') return
    if (best === null || metric < best.metric) best = { name, metric }
  }
  for (const line of routes.split('\n').slice(1)) {
    const [name, target, , flags, , , metric, mask] = line.split('\t')
    if (name && target === '00000000' && mask === '00000000') consider(name.trim(), Number(metric), Number.parseInt(flags, 16))
  }
  if (best !== null) return (best as { name: string }).name
  for (const line of routes6.split('\n')) {
    const [target, prefix, , , , metric, , , flags, name] = line.split(/\s+/)
    if (name && /^0+$/.test(target) && prefix === '00') consider(name, Number.parseInt(metric, 16), Number.parseInt(flags, 16))
  }
  return best === null ? null : (best as { name: string }).name
}

/** Whether the system has an interface of this name. */
export function hasInterface(name: string): boolean {
  const names = readNames()
  return names.length > 0 ? names.includes(name) : name in networkInterfaces()
}

function stateOf(name: string, hasAddress: boolean): NetworkInterface['state'] {
  const state = readText(`${CLASS}/${name}/operstate`)
  if (state === 'up' || state === 'down') return state
  const flags = Number.parseInt(readText(`${CLASS}/${name}/flags`), 16)
  if (Number.isFinite(flags)) return (flags & 1) === 0 ? 'down' : state === 'unknown' ? 'up' : 'unknown' // IFF_UP
  return hasAddress ? 'up' : 'unknown'
}

function readNames(): string[] {
  try {
    return readdirSync(CLASS).filter((name) => name !== 'bonding_masters')
  } catch {
    return [] // not Linux
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
