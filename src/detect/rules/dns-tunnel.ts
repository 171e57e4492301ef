// Data in the names of DNS questions: many different names under one domain that are long, or of types whose answers carry any data.
import type { DnsQuery } from '../../names/index.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { measured, option } from '../engine/thresholds.ts'
import { plural, span } from '../engine/wording.ts'
import { hasScopeLabel, questionsByClient, splitName } from '../methods/dns-questions.ts'
import { DATA_SERVICES } from '../methods/dns-services.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { append, onlyOne } from '../methods/lists.ts'

const WINDOW_US = 300_000_000
/** Types whose answers can carry any data and which browsers do not use. */
const FREE_TYPES = new Set(['TXT', 'NULL', 'CNAME', 'MX', 'SRV', 'PRIVATE', 'KEY', 'TYPE65399'])
/** Shorter names carry too little data. */
const LEAST_CHARACTERS = 8

export const dnsTunnel = defineRule({
  id: 'dns-tunnel',
  version: 2,
  title: 'Data is carried in the names of DNS questions',
  technique: 'T1071.004',
  severity: 'high',
  source:
    'RITA (different names a registrable domain), nDPI (labels of more than 48 characters), Farnham, Detecting DNS Tunneling (SANS, 2013): length, entropy and record types',
  options: {
    names: option(50, '', 'different names below one domain, asked by one host in five minutes'),
    length: option(20, 'characters', 'mean length of what stands before the domain, for that many names'),
    entropy: option(3, 'bit', 'mean entropy a character of these names'),
    typed_names: option(10, '', 'different names asked for types that hold free data (TXT, NULL, CNAME, MX), if most are'),
    label: option(48, 'characters', 'a longer label carries data even alone (nDPI: 48)'),
  },
  run(context, options) {
    const findings: Finding[] = []
    for (const [client, queries] of questionsByClient(context)) {
      for (const [domain, asked] of byDomain(queries)) {
        const tunnel = judge(asked, options)
        if (tunnel !== null) findings.push(describe(context, client, domain, asked, tunnel, options))
      }
    }
    return findings
  },
})

/** Client and domain, "3 example.com", of what this rule reports with its defaults: other rules leave it out. */
export function tunnelledDomains(context: Context): Set<string> {
  const defaults = Object.fromEntries(Object.entries(dnsTunnel.options).map(([name, option]) => [name, option.default]))
  const found = new Set<string>()
  for (const [client, queries] of questionsByClient(context)) {
    for (const [domain, asked] of byDomain(queries)) if (judge(asked, defaults) !== null) found.add(`${client} ${domain}`)
  }
  return found
}

interface Asked {
  query: DnsQuery
  /** The labels under the domain, without dots. */
  data: string
  longestLabel: number
}

function byDomain(queries: DnsQuery[]): Map<string, Asked[]> {
  const domains = new Map<string, Asked[]>()
  for (const query of queries) {
    if (query.name.length <= LEAST_CHARACTERS) continue
    const split = splitName(query.name)
    if (
      split === null ||
      split.subdomain === '' ||
      DATA_SERVICES.has(split.domain) ||
      split.subdomain.startsWith('_') ||
      hasScopeLabel(split.subdomain)
    )
      continue
    const data = split.subdomain.includes('.') ? split.subdomain.replaceAll('.', '') : split.subdomain
    if (data.length < LEAST_CHARACTERS) continue
    const longestLabel = data === split.subdomain ? data.length : longestOf(split.subdomain)
    append(domains, split.domain, { query, data, longestLabel })
  }
  return domains
}

function longestOf(subdomain: string): number {
  return subdomain.split('.').reduce((longest, { length }) => Math.max(longest, length), 0)
}

interface Tunnel {
  severity: Severity
  severityReason: string
  /** Number of different names in the busiest five minutes, and in all. */
  busiest: number
  names: number
  meanLength: number
  meanEntropy: number
  freeShare: number
  longestLabel: number
}

function judge(asked: Asked[], options: Record<string, number>): Tunnel | null {
  const longestLabel = asked.reduce((longest, own) => Math.max(longest, own.longestLabel), 0)
  if (asked.length < options.typed_names && longestLabel <= options.label) return null
  const different = new Set<string>()
  const first = asked.filter(({ data }) => !different.has(data) && different.add(data))
  const names = different.size
  const meanLength = mean(first, ({ data }) => data.length)
  const meanEntropy = mean(first, ({ data }) => entropyOf(data))
  const freeShare = mean(asked, ({ query }) => (FREE_TYPES.has(query.type) ? 1 : 0))
  const busiest = busiestWindow(first)
  const facts = { busiest, names, meanLength, meanEntropy, freeShare, longestLabel }
  const isDense = meanEntropy >= options.entropy
  if (busiest >= options.names && meanLength >= options.length && isDense)
    return {
      ...facts,
      severity: 'high',
      severityReason: 'Many different long names were asked in a short time: a connection runs through them.',
    }
  if (
    busiest >= options.typed_names &&
    freeShare >= 0.5 &&
    (names >= 0.5 * asked.length || meanLength >= options.length) &&
    meanLength >= options.length / 2
  )
    return {
      ...facts,
      severity: busiest >= options.names ? 'high' : 'medium',
      severityReason: 'The names are different each time and most questions ask for types that can carry any data back.',
    }
  const long = first.filter((own) => own.longestLabel > options.label && entropyOf(own.data) >= options.entropy + 0.5)
  if (long.length === 0) return null
  if (long.length >= options.typed_names)
    return { ...facts, severity: 'medium', severityReason: 'Several names have labels filled with data.' }
  return { ...facts, severity: 'low', severityReason: 'Only few names are this long: enough for a message, not for a connection.' }
}

/** The largest number of first questions within five minutes. */
function busiestWindow(first: Asked[]): number {
  let most = 0
  for (let from = 0, to = 0; to < first.length; to++) {
    while (first[to].query.atUs - first[from].query.atUs >= WINDOW_US) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

function mean<T>(items: T[], measure: (item: T) => number): number {
  return items.length === 0 ? 0 : items.reduce((sum, item) => sum + measure(item), 0) / items.length
}

const counts = new Uint16Array(128)

/** Shannon entropy, bits per character; only the low bits of characters outside ASCII count. */
function entropyOf(text: string): number {
  counts.fill(0)
  for (let i = 0; i < text.length; i++) counts[text.charCodeAt(i) & 127]++
  let bits = 0
  for (let i = 0; i < counts.length; i++) if (counts[i] > 0) bits -= (counts[i] / text.length) * Math.log2(counts[i] / text.length)
  return bits
}

function describe(
  context: Context,
  client: number,
  domain: string,
  asked: Asked[],
  tunnel: Tunnel,
  options: Record<string, number>,
): Finding {
  const { flows, hosts } = context
  const firstUs = asked[0].query.atUs
  const lastUs = asked.reduce((last, { query }) => Math.max(last, query.atUs), firstUs)
  const servers = flows.servers(asked.map(({ query }) => query.flow))
  const where = domain === '' ? 'no public domain' : domain
  const longest = asked.reduce((best, own) => (own.longestLabel > best.longestLabel ? own : best))
  const example = longest.query.name.length > 60 ? `${longest.query.name.slice(0, 59)}…` : longest.query.name
  return {
    severity: tunnel.severity,
    severityReason: tunnel.severityReason,
    title: `${hosts.ip(client)} asked DNS for ${tunnel.names === 1 ? `a name below ${where} that looks` : `${plural(tunnel.names, 'name')} below ${where} that look`} like data${lastUs > firstUs ? `, in ${span(lastUs - firstUs)}` : ''}.`,
    nextStep: `Find the program on ${hosts.ip(client)} that asks for names such as ${example}, and who runs the name servers of ${domain === '' ? 'that domain' : domain}.`,
    firstUs,
    lastUs,
    source: client,
    target: onlyOne(servers),
    observed: [
      measured('different names in five minutes', tunnel.busiest, options.names),
      measured('mean length before the domain', rounded(tunnel.meanLength), options.length, 'characters'),
      measured('mean entropy', rounded(tunnel.meanEntropy), options.entropy, 'bit'),
      measured('longest label', tunnel.longestLabel, options.label, 'characters'),
      measured('questions for TXT, NULL, CNAME and their like', Math.round(100 * tunnel.freeShare), 50, '%'),
    ],
    picture: overTime('dots', 'question', firstUs, asked.length, (i) => [asked[i].query.atUs, asked[i].longestLabel], {
      y: { label: 'Length of the longest label', unit: 'characters' },
      threshold: { axis: 'y', value: options.label, label: `${options.label} characters` },
      caption: 'Each dot is a question. Names people use have labels of 5 to 15 characters.',
    }),
    flows: FlowSample.of(new Set(asked.map(({ query }) => query.flow))),
    ports: [53],
    ...(domain === '' ? {} : { names: [domain] }),
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
