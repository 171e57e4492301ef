// The questions of the DNS log, grouped by client, and split into registrable domain and subdomain.
import type { DnsQuery } from '../../names/index.ts'
import type { Context } from '../engine/finding.ts'
import { domainOf } from './domains.ts'
import { groupBy } from './lists.ts'

/** Multicast DNS, LLMNR and NetBIOS ask hosts of the same link. */
const NEIGHBOUR_PORTS = new Set([5353, 5355, 137, 138])
export const isNeighbourPort = (port: number): boolean => NEIGHBOUR_PORTS.has(port)

/** Suffixes of names that only the own network knows (RFC 6762, ICANN's resolution on .internal, and those used in practice). */
export const NETWORK_SUFFIXES: ReadonlySet<string> = new Set(
  'local localhost lan home internal intranet corp private localdomain'.split(' '),
)
/** Suffixes that cannot be registered (RFC 6761, RFC 8375, RFC 9476). */
const LOCAL_SUFFIXES = new Set([...NETWORK_SUFFIXES, 'test', 'example', 'invalid', 'onion', 'arpa', 'alt'])

/** Whether a label like _domainkey or _acme-challenge (RFC 8552) says what a name is for: keys of mail and proofs are long, and below many names. */
export const hasScopeLabel = (name: string): boolean => /(^|\.)_[a-z-]{2,20}(\.|$)/i.test(name)

/** Questions by client, in the order of time. */
export function questionsByClient({ names, flows }: Context): Map<number, DnsQuery[]> {
  return groupBy(names.dnsQueries, ({ flow }) => (NEIGHBOUR_PORTS.has(flows.serverPort(flow)) ? null : flows.client(flow)))
}

export interface SplitName {
  /** Registrable domain; "" when the suffix is neither public nor for local use, as in tunnels without a domain of their own. */
  domain: string
  /** The labels before the domain. */
  subdomain: string
}

/** Null for names of one label and for names under a suffix for local use. */
export function splitName(name: string): SplitName | null {
  const domain = domainOf(name)
  if (domain !== null) return { domain: domain.registrable, subdomain: domain.subdomain }
  const dot = name.lastIndexOf('.')
  if (dot <= 0 || LOCAL_SUFFIXES.has(name.slice(dot + 1)) || !isName(name)) return null
  return { domain: '', subdomain: name }
}

/** False for addresses and similar texts, which are looked up by mistake. */
function isName(name: string): boolean {
  return !name.includes(':') && !/^[\d.]+$/.test(name)
}
