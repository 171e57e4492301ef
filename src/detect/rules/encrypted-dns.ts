// DNS over TLS, QUIC or HTTPS: said as information, because names then stay hidden from the network; how much is asked does not tell a tunnel.
import type { FlowNames } from '../../names/index.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { measured, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { append, onlyOne } from '../methods/lists.ts'

/** Resolvers that browsers and systems offer (DNS over HTTPS, RFC 8484). */
const RESOLVERS = new Set([
  ...['dns.google', 'dns.google.com', 'dns64.dns.google', 'cloudflare-dns.com', 'one.one.one.one', '1dot1dot1dot1.cloudflare-dns.com'],
  ...[
    'quad9.net',
    'doh.opendns.com',
    'dns.umbrella.com',
    'dns.nextdns.io',
    'doh.cleanbrowsing.org',
    'dns.adguard.com',
    'dns.adguard-dns.com',
  ],
  ...[
    'doh.dns.sb',
    'dns.alidns.com',
    'doh.pub',
    'doh.360.cn',
    'doh.xfinity.com',
    'doh.mullvad.net',
    'dns.mullvad.net',
    'doh.dns.apple.com',
  ],
  ...['dns.controld.com', 'freedns.controld.com', 'doh.libredns.gr', 'odvr.nic.cz', 'dns.switch.ch', 'dns.digitale-gesellschaft.ch'],
])
/** DNS over TLS (RFC 7858) and over QUIC (RFC 9250). */
const ENCRYPTED_DNS_PORT = 853
/** What the names of a conversation say of it. */
const OTHER = 0
const ENCRYPTED = 1
const OF_RESOLVER = 2

export const encryptedDns = defineRule({
  id: 'encrypted-dns',
  version: 1,
  title: 'Names are asked for by encrypted DNS',
  technique: 'T1572',
  severity: 'info',
  source:
    'RFC 8484 (DNS over HTTPS), RFC 7858 (TLS), RFC 9250 (QUIC): well-known resolvers by the name in the TLS or QUIC handshake, and port 853',
  options: {
    conversations: option(1, '', 'conversations of one host with such resolvers'),
  },
  run(context, options) {
    const { flows, names } = context
    const byClient = new Map<number, number[]>()
    const { distinct, indexes } = names.byFlow
    // Asked once of each combination of names: a million conversations have few.
    const kinds = Uint8Array.from(distinct, kindOf)
    for (let flow = 0; flow < flows.count; flow++) {
      const kind = kinds[indexes[flow]]
      if (kind === OTHER || (kind === ENCRYPTED && flows.serverPort(flow) !== ENCRYPTED_DNS_PORT)) continue
      if (flows.serverPackets(flow) === 0 || flows.clientPackets(flow) === 0) continue
      append(byClient, flows.client(flow), flow)
    }
    return [...byClient]
      .filter(([, own]) => own.length >= options.conversations)
      .map(([client, own]) => describe(context, client, own, options.conversations))
  },
})

/** The handshake names a resolver: DNS on any port. Without that, only TLS and QUIC on the port of encrypted DNS are. */
function kindOf({ serverName, serverNameSource, application }: FlowNames): number {
  if ((serverNameSource === 'tls' || serverNameSource === 'quic') && isResolver(serverName)) return OF_RESOLVER
  return application === 'tls' || application === 'quic' ? ENCRYPTED : OTHER
}

function isResolver(name: string | null): boolean {
  if (name === null) return false
  if (RESOLVERS.has(name)) return true
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) if (RESOLVERS.has(name.slice(dot + 1))) return true
  return false
}

function describe({ flows, hosts, names }: Context, client: number, own: number[], threshold: number): Finding {
  const servers = flows.servers(own)
  const resolvers = [...new Set(own.map((flow) => names.ofFlow(flow).serverName ?? hosts.ip(flows.server(flow))))].sort()
  return {
    severity: 'info',
    severityReason: 'Browsers and systems do this by default; a network that filters or logs names wants to know.',
    title: `${hosts.ip(client)} asked ${list(resolvers)} by encrypted DNS, ${plural(own.length, 'conversation')}.`,
    nextStep: `Nothing, unless names are to be asked of the own resolver only: then set that on ${hosts.ip(client)}.`,
    firstUs: own.reduce((us, flow) => Math.min(us, flows.startUs(flow)), Number.POSITIVE_INFINITY),
    lastUs: own.reduce((us, flow) => Math.max(us, flows.endUs(flow)), 0),
    source: client,
    target: onlyOne(servers),
    observed: [measured('conversations', own.length, threshold)],
    picture: null,
    flows: FlowSample.of(own),
    ports: flows.serverPorts(own),
    names: resolvers,
  }
}
