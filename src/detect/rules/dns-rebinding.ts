// A name of the Internet that has a public address first and one of the inside later: a web page can then reach what only the browser reaches.
import { parseAddress } from '../../decode/address.ts'
import { scopeOf } from '../../decode/scope.ts'
import type { DnsQuery } from '../../names/index.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { HostIndex } from '../engine/host-index.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, span } from '../engine/wording.ts'
import { domainOf } from '../methods/domains.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { flowsOfHosts } from '../methods/flows-of-hosts.ts'
import { groupBy } from '../methods/lists.ts'

const DNS_PORT = 53
const INSIDE = new Set(['private', 'loopback', 'link-local'])
/** Before answers are parsed: most have nothing like it. */
const MAYBE_INSIDE = /(?:^| )(?:10|127|169\.254|172|192\.168)\.|(?:^| )(?:f[cde]|::)/
/** An address that as many names get is a page that blocks or a portal. */
const NAMES_OF_A_PORTAL = 3

interface Rebound {
  from: DnsQuery
  to: DnsQuery
  publicAddress: string
  inside: string
}

export const dnsRebinding = defineRule({
  id: 'dns-rebinding',
  version: 1,
  title: 'A public name moves to an address of the inside',
  technique: 'T1189',
  severity: 'medium',
  source:
    'Jackson et al., Protecting Browsers from DNS Rebinding Attacks (ACM CCS 2007); resolvers refuse such answers (dnsmasq --stop-dns-rebind)',
  options: {
    window: option(3600, 's', 'from the public address to the one inside, asked by one host of one server'),
  },
  run(context, options) {
    const inside = context.names.dnsQueries.filter((query) => isAnswered(context, query) && MAYBE_INSIDE.test(query.answers ?? ''))
    const suspects = new Set(inside.filter(({ answers }) => insideOf(answers!).length > 0).map(({ name }) => name))
    if (suspects.size === 0) return []
    const portals = portalsOf(inside)
    const asked = context.names.dnsQueries.filter(
      (query) => suspects.has(query.name) && isAnswered(context, query) && domainOf(query.name) !== null,
    )
    const byPair = groupBy(asked, ({ flow, name }) => `${context.flows.pair(flow)} ${name}`)
    // One a client and name, whatever servers it asked.
    const rebounds = new Map<string, Rebound>()
    for (const queries of byPair.values()) {
      const rebound = reboundOf(queries, options.window * 1e6)
      if (rebound === null || portals.has(rebound.inside)) continue
      const key = `${context.flows.client(rebound.to.flow)} ${rebound.to.name}`
      if (!rebounds.has(key)) rebounds.set(key, rebound)
    }
    const index = new HostIndex(context.hosts)
    const targets = new Set([...rebounds.values()].flatMap(({ inside }) => index.find(inside) ?? []))
    const clients = new Set(Array.from(rebounds.values(), ({ to }) => context.flows.client(to.flow)))
    const flowsOf = flowsOfHosts(context.flows, new Set([...targets, ...clients]))
    return Array.from(rebounds.values(), (rebound) => describe(context, rebound, index.find(rebound.inside), flowsOf, options.window))
  },
})

/** A resolver on the machine itself may ask different servers for the same name. */
function isAnswered({ flows, hosts }: Context, { flow, responseCode, answers }: DnsQuery): boolean {
  return (
    responseCode === 'NOERROR' && answers !== null && flows.serverPort(flow) === DNS_PORT && hosts.scope(flows.server(flow)) !== 'loopback'
  )
}

const scopesOf = (answers: string): [string, string][] =>
  answers.split(' ').flatMap((text): [string, string][] => {
    const bytes = parseAddress(text)
    return bytes === null ? [] : [[text, scopeOf(bytes, 0, bytes.length === 4 ? 4 : 16)]]
  })
const insideOf = (answers: string): string[] => scopesOf(answers).flatMap(([text, scope]) => (INSIDE.has(scope) ? [text] : []))

/** Addresses of the inside that many names get. */
function portalsOf(queries: readonly DnsQuery[]): Set<string> {
  const names = new Map<string, Set<string>>()
  for (const { name, answers } of queries) {
    for (const address of insideOf(answers!)) names.set(address, (names.get(address) ?? new Set()).add(name))
  }
  return new Set([...names].filter(([, own]) => own.size >= NAMES_OF_A_PORTAL).map(([address]) => address))
}

/** The first answer with an address inside after one with public addresses alone. */
function reboundOf(queries: readonly DnsQuery[], windowUs: number): Rebound | null {
  let known: DnsQuery | null = null
  for (const query of queries) {
    const scopes = scopesOf(query.answers!)
    const inside = scopes.find(([, scope]) => INSIDE.has(scope))?.[0]
    if (inside === undefined) {
      if (scopes.some(([, scope]) => scope === 'public')) known = query
    } else if (known !== null && query.atUs - known.atUs <= windowUs)
      return { from: known, to: query, publicAddress: scopesOf(known.answers!)[0][0], inside }
  }
  return null
}

/** @param target host with the address inside; null if it is in no conversation */
function describe(
  { flows, hosts }: Context,
  { from, to, publicAddress, inside }: Rebound,
  target: number | null,
  flowsOf: (host: number) => readonly number[],
  window: number,
): Finding {
  const client = flows.client(to.flow)
  const [ofClient, ofTarget] = [flowsOf(client), target === null ? [] : flowsOf(target)]
  const reached = (ofClient.length < ofTarget.length ? ofClient : ofTarget).filter(
    (flow) => flows.client(flow) === client && flows.server(flow) === target && flows.startUs(flow) >= to.atUs,
  )
  const isReached = reached.length > 0
  return {
    severity: isReached ? 'medium' : 'low',
    severityReason: isReached
      ? `Right after, ${hosts.ip(client)} opened a connection to ${inside}: a page of the Internet may have spoken with it.`
      : 'No connection to that address was captured. Names that have another address inside a company look the same.',
    title: `${to.name} was ${publicAddress} for ${hosts.ip(client)}, and ${inside} ${span(to.atUs - from.atUs)} later${isReached ? ', which it then contacted' : ''}.`,
    nextStep: `Ask who owns ${to.name}, what ${hosts.ip(client)} had open in its browser, and let the resolver refuse such answers.`,
    firstUs: from.atUs,
    lastUs: reached.reduce((us, flow) => Math.max(us, flows.endUs(flow)), to.atUs),
    source: client,
    target,
    observed: [
      measured('seconds between the answers', Math.round((to.atUs - from.atUs) / 1e6), window, 's'),
      fact('addresses', list([publicAddress, inside])),
      fact('conversations with the address inside', reached.length),
    ],
    picture: null,
    flows: FlowSample.of(new Set([from.flow, to.flow, ...reached])),
    ports: [DNS_PORT],
    names: [to.name],
  }
}
