// Tunnels around the innermost IP header -> one small number per packet: each path is interned once, then found without allocation.
import type { PacketView } from './packet.ts'

/** Kinds of tunnel; their names are in flows.tunnel. */
export const Tunnel = {
  ipip: 1,
  ipv6InIpv4: 2,
  ipv4InIpv6: 3,
  ipv6InIpv6: 4,
  gre: 5,
  pptp: 6,
  nvgre: 7,
  erspan: 8,
  eoip: 9,
  wccp: 10,
  etherIp: 11,
  l2tp: 12,
  l2tpv3: 13,
  mpls: 14,
  srv6: 15,
  pim: 16,
  vxlan: 17,
  vxlanGpe: 18,
  geneve: 19,
  gtp: 20,
  capwap: 21,
  lwapp: 22,
  ayiya: 23,
  teredo: 24,
  lisp: 25,
  amt: 26,
  tzsp: 27,
  ax25: 28,
} as const

const NAMES: readonly string[] = [
  '',
  'ipip',
  '6in4',
  '4in6',
  '6in6',
  'gre',
  'pptp',
  'nvgre',
  'erspan',
  'eoip',
  'wccp',
  'etherip',
  'l2tp',
  'l2tpv3',
  'mpls',
  'srv6',
  'pim-register',
  'vxlan',
  'vxlan-gpe',
  'geneve',
  'gtp',
  'capwap',
  'lwapp',
  'ayiya',
  'teredo',
  'lisp',
  'amt',
  'tzsp',
  'ax25',
]

/** Paths beyond these limits are shortened to their outer part. */
const MAX_PATHS = 1024
const MAX_DEPTH = 8
const KINDS = 32

/** Id of the child path by parent id and kind, 0 for none yet. Ids are in the order of first appearance. */
const children = new Uint16Array(MAX_PATHS * KINDS)
const depths = new Uint8Array(MAX_PATHS)
const texts: string[] = ['']

/**
 * A path extended by one inner tunnel.
 * @param parent id of a path, 0 for none
 * @param kind one of Tunnel
 */
function child(parent: number, kind: number): number {
  const known = children[parent * KINDS + kind]
  return known !== 0 ? known : intern(parent, kind)
}

function intern(parent: number, kind: number): number {
  if (depths[parent] === MAX_DEPTH || texts.length === MAX_PATHS) return parent
  const id = texts.length
  children[parent * KINDS + kind] = id
  depths[id] = depths[parent] + 1
  texts.push(parent === 0 ? NAMES[kind] : `${texts[parent]}/${NAMES[kind]}`)
  return id
}

/** By id, the texts of describeTunnel(). It grows with new paths; another thread has other ids. */
export const tunnelTexts: readonly string[] = texts

/** The text in flows.tunnel: names joined by "/", outermost first; null for none. */
export function describeTunnel(id: number): string | null {
  return id === 0 ? null : texts[id]
}

/** The id of a text of describeTunnel(); of an unknown name and what follows it, that of the part before. */
export function tunnelOf(text: string | null): number {
  let id = 0
  for (const name of text?.split('/') ?? []) {
    const kind = NAMES.indexOf(name)
    if (kind <= 0) break
    id = child(id, kind)
  }
  return id
}

/** Starts a tunnel. Stores the end of the outer payload: if no IP is found inside, the packet is counted by the outer header. */
export function enterTunnel(kind: number, out: PacketView): void {
  if (out.path === out.tunnel) out.outerEnd = out.end
  out.path = child(out.path, kind)
}
