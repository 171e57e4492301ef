// A host uses Tor: seen from generated names in handshakes and certificates, from the ports of relays, and from questions for .onion names.
import { Protocol } from '../../decode/codes.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, list, plural, span } from '../engine/wording.ts'
import { domainOf } from '../methods/domains.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { classify, THRESHOLD } from '../methods/generated-names/classify.ts'
import { timesOf } from '../methods/grouped-flows.ts'
import { isTorCertificate, TOR_NAME } from '../methods/known-certificates.ts'
import { groupBy, onlyOne } from '../methods/lists.ts'

/** Default ports of relays and directories. */
const RELAY_PORTS = new Set([9001, 9030, 9050, 9051, 9150])
/** Lower threshold for names on relay ports that were never looked up: random letters sometimes look like a word. */
const RELAY_THRESHOLD = 0.05

export const tor = defineRule({
  id: 'tor',
  version: 1,
  readsObservations: true,
  title: 'A host uses Tor',
  technique: 'T1090.003',
  severity: 'medium',
  source:
    "Names Tor makes up for its TLS (tor's crypto_random_hostname), certificates whose subject and issuer are both such names, relay ports, .onion (RFC 7686)",
  options: {
    conversations: option(1, '', 'conversations that have the shape of Tor'),
  },
  run(context, options) {
    const { flows } = context
    return [...groupBy(signsOfFlows(context), ({ flow }) => flows.client(flow))]
      .filter(([, own]) => own.length >= options.conversations)
      .map(([client, own]) => describe(context, client, own, options))
  },
})

interface Sign {
  flow: number
  sign: 'certificate' | 'name and port' | 'names' | '.onion asked'
}

function signsOfFlows({ flows, names, observations }: Context): Sign[] {
  const signs = new Map<number, Sign['sign']>()
  for (const { flow, certificate } of observations.tls) {
    if (isTorCertificate(certificate)) signs.set(flow, 'certificate')
  }
  const asked = new Set(names.dnsQueries.map(({ name }) => name))
  const candidates: number[] = []
  // Few hosts have such names: only their conversations are checked.
  const called = new Set(names.names.filter(({ name, source }) => source === 'tls' && TOR_NAME.test(name)).map(({ host }) => host))
  for (let flow = 0; flow < flows.count && called.size > 0; flow++) {
    if (!called.has(flows.server(flow)) || flows.protocol(flow) !== Protocol.tcp || signs.has(flow)) continue
    const { serverName, serverNameSource } = names.ofFlow(flow)
    if (serverName === null || serverNameSource !== 'tls' || !TOR_NAME.test(serverName) || asked.has(serverName)) continue
    const chance = classify(serverName)
    if (RELAY_PORTS.has(flows.serverPort(flow)) && chance >= RELAY_THRESHOLD) signs.set(flow, 'name and port')
    else if (chance >= THRESHOLD) candidates.push(flow)
  }
  // On other ports one such name proves nothing; it counts if the client has several that were never looked up, or other signs.
  const sure = new Set([...signs.keys()].map((flow) => flows.client(flow)))
  const domains = new Map<number, Set<string>>()
  for (const flow of candidates) {
    const own = domains.get(flows.client(flow)) ?? new Set()
    domains.set(flows.client(flow), own.add(domainOf(names.ofFlow(flow).serverName!)?.registrable ?? ''))
  }
  for (const flow of candidates) {
    const client = flows.client(flow)
    if (sure.has(client) || domains.get(client)!.size >= 2) signs.set(flow, 'names')
  }
  for (const { flow, name } of names.dnsQueries) if (name.endsWith('.onion')) signs.set(flow, '.onion asked')
  return [...signs].map(([flow, sign]) => ({ flow, sign })).sort((a, b) => a.flow - b.flow)
}

function describe({ flows, hosts, names }: Context, client: number, signs: Sign[], options: Record<string, number>): Finding {
  const own = signs.map(({ flow }) => flow)
  const { firstUs, lastUs } = timesOf(flows, own)
  const servers = flows.servers(own)
  const kinds = [...new Set(signs.map(({ sign }) => sign))]
  const seen = [...new Set(own.map((flow) => names.ofFlow(flow).serverName).filter((name) => name !== null))]
  const onlyAsked = kinds.every((kind) => kind === '.onion asked')
  return {
    severity: onlyAsked ? 'low' : 'medium',
    severityReason: onlyAsked
      ? 'A name below .onion was asked of an ordinary name server, which a Tor browser does not do: a mistake, or malware that looks for a gateway.'
      : 'Nobody can see where this traffic goes. Tor is allowed in some places and hides theft in others.',
    title: onlyAsked
      ? `${hosts.ip(client)} asked DNS for names below .onion.`
      : `${hosts.ip(client)} uses Tor: ${plural(own.length, 'conversation')} with ${plural(servers.length, 'relay')} in ${span(lastUs - firstUs)}.`,
    nextStep: `Ask the user of ${hosts.ip(client)} whether Tor is wanted there, and look at how much was sent.`,
    firstUs,
    lastUs,
    source: client,
    target: onlyOne(servers),
    observed: [
      measured('conversations', own.length, options.conversations),
      fact('told by', list(kinds)),
      fact('names', list(seen, 5) || 'none'),
      fact('sent', bytes(own.reduce((sum, flow) => sum + flows.clientBytes(flow), 0))),
    ],
    picture: null,
    flows: FlowSample.of(own),
    ports: flows.serverPorts(own),
    ...(seen.length > 0 ? { names: seen } : {}),
  }
}
