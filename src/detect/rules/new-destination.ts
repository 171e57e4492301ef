// What inside hosts contact now and did not contact in an earlier report: countries, networks, names, programs (JA4).
import { getDomain } from 'tldts'
import type { BaselineClient } from '../engine/baseline.ts'
import { type Context, defineRule, type Finding, type Observed } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { onlyOne } from '../methods/lists.ts'

const SHOWN = 10

export const newDestination = defineRule({
  id: 'new-destination',
  version: 1,
  title: 'A host inside contacts countries, networks or names it did not contact in an older report',
  technique: 'T1071',
  severity: 'low',
  source: 'First-seen and prevalence as in RITA v5, against the report given with --baseline; nothing without one',
  options: {
    low_countries: option(1, '', 'new countries that make the severity low; names and networks alone are info'),
  },
  run(context, options) {
    const { baseline, flows, hosts } = context
    if (baseline === null) return []
    const domains = new Map([...baseline.clients].map(([ip, client]) => [ip, domainsOf(client)]))
    const news = new Map<number, News>()
    for (let flow = 0; flow < flows.count; flow++) {
      const client = flows.client(flow)
      const server = flows.server(flow)
      if (!hosts.isLocal(client) || hosts.isGroup(server) || hosts.isLocal(server) || flows.serverPackets(flow) === 0) continue
      // A host that is not in the baseline is not compared.
      const known = baseline.clients.get(hosts.ip(client))
      if (known !== undefined) compare(context, flow, known, domains.get(hosts.ip(client))!, news)
    }
    return [...news].map(([client, found]) => describe(context, client, found, options))
  },
})

/** New destinations, each with its number of conversations. */
interface News {
  countries: Map<string, number>
  networks: Map<string, number>
  names: Map<string, number>
  ja4s: Map<string, number>
  flows: number[]
}

/** Registrable domains (Public Suffix List), because hosts under a domain change often. */
function domainsOf({ names }: BaselineClient): Set<string> {
  return new Set(Array.from(names, (name) => getDomain(name) ?? name))
}

function compare(
  { flows, hosts, names }: Context,
  flow: number,
  known: BaselineClient,
  domains: Set<string>,
  news: Map<number, News>,
): void {
  const client = flows.client(flow)
  const server = flows.server(flow)
  const { serverName, ja4 } = names.ofFlow(flow)
  const country = hosts.countryCode(server)
  const asn = hosts.asn(server)
  const domain = serverName === null ? null : (getDomain(serverName) ?? serverName)
  const found: [keyof Omit<News, 'flows'>, string][] = []
  if (country !== null && !known.countries.has(country)) found.push(['countries', hosts.country(server) ?? country])
  if (asn > 0 && !known.asns.has(asn))
    found.push(['networks', `AS${asn}${hosts.asName(server) === null ? '' : ` ${hosts.asName(server)}`}`])
  if (domain !== null && !domains.has(domain)) found.push(['names', domain])
  if (ja4 !== null && known.ja4s.size > 0 && !known.ja4s.has(ja4)) found.push(['ja4s', ja4])
  if (found.length === 0) return
  let own = news.get(client)
  if (own === undefined) {
    own = { countries: new Map(), networks: new Map(), names: new Map(), ja4s: new Map(), flows: [] }
    news.set(client, own)
  }
  for (const [kind, text] of found) own[kind].set(text, (own[kind].get(text) ?? 0) + 1)
  own.flows.push(flow)
}

function describe({ flows, hosts, baseline }: Context, client: number, news: News, options: Record<string, number>): Finding {
  const parts = [
    counted(news.countries, 'new country', 'new countries'),
    counted(news.networks, 'new network'),
    counted(news.names, 'new domain'),
    counted(news.ja4s, 'new client fingerprint'),
  ].filter((part) => part !== '')
  const isLow = news.countries.size >= options.low_countries
  const servers = [...new Set(news.flows.map((flow) => flows.server(flow)))]
  return {
    severity: isLow ? 'low' : 'info',
    severityReason: isLow ? 'A country that this host did not reach before.' : 'New names and networks are everyday; no country is new.',
    title: `${hosts.ip(client)} contacted ${list(parts)}, compared with ${baseline!.name}.`,
    nextStep: `Go through the new destinations of ${hosts.ip(client)}, and look for those that no person of that host chose.`,
    firstUs: news.flows.reduce((us, flow) => Math.min(us, flows.startUs(flow)), Number.POSITIVE_INFINITY),
    lastUs: news.flows.reduce((us, flow) => Math.max(us, flows.endUs(flow)), 0),
    source: client,
    target: onlyOne(servers),
    observed: [
      ...shown('new countries', news.countries, options.low_countries),
      ...shown('new networks', news.networks, null),
      ...shown('new domains', news.names, null),
      ...shown('new JA4', news.ja4s, null),
    ],
    picture: null,
    flows: FlowSample.of(news.flows),
    names: [...news.names.keys()],
  }
}

function counted(found: Map<string, number>, one: string, many = `${one}s`): string {
  return found.size === 0 ? '' : `${plural(found.size, one, many)} (${list([...found.keys()], 3)})`
}

/** The number of new destinations, then the list. */
function shown(name: string, found: Map<string, number>, threshold: number | null): Observed[] {
  if (found.size === 0) return []
  const texts = Array.from(found, ([text, count]) => `${text} (${plural(count, 'conversation')})`)
  return [measured(name, found.size, threshold), fact(`${name}: which`, list(texts, SHOWN))]
}
