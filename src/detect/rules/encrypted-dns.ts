// DNS over TLS, QUIC or HTTPS: said as information, because names then stay hidden from the network; how much is asked does not tell a tunnel.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { measured, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { append, onlyOne } from '../methods/lists.ts'

/** Resolvers that browsers and systems offer (DNS over HTTPS, RFC 8484). */
const RESOLVERS = [
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
]
/** DNS over TLS (RFC 7858) and over QUIC (RFC 9250). */
const ENCRYPTED_DNS_PORT = 853

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
    const resolvers = new Map<string | null, boolean>()
    const isOfResolver = (name: string | null): boolean => {
      const known = resolvers.get(name) ?? isResolver(name)
      resolvers.set(name, known)
      return known
    }
    for (let flow = 0; flow < flows.count; flow++) {
      if (flows.serverPackets(flow) === 0 || flows.clientPackets(flow) === 0) continue
      const { serverName, serverNameSource, application } = names.ofFlow(flow)
      const isHttps = (serverNameSource === 'tls' || serverNameSource === 'quic') && isOfResolver(serverName)
      const isDirect = flows.serverPort(flow) === ENCRYPTED_DNS_PORT && (application === 'tls' || application === 'quic')
      if (!isHttps && !isDirect) continue
      append(byClient, flows.client(flow), flow)
    }
    return [...byClient]
      .filter(([, own]) => own.length >= options.conversations)
      .map(([client, own]) => describe(context, client, own, options.conversations))
  },
})

function isResolver(name: string | null): boolean {
  return name !== null && RESOLVERS.some((resolver) => name === resolver || name.endsWith(`.${resolver}`))
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
