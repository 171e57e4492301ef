// A host asks for many domains that do not exist, whatever their names look like; or for many names below one domain, to learn which exist.
import type { DnsQuery } from '../../names/index.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { examples, plural, span } from '../engine/wording.ts'
import { questionsByClient, splitName } from '../methods/dns-questions.ts'
import { DATA_SERVICES } from '../methods/dns-services.ts'
import { domainOf } from '../methods/domains.ts'
import { busiestWindow, type FailedDomain, failedDomains } from '../methods/failed-domains.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { classify, THRESHOLD } from '../methods/generated-names/classify.ts'
import { append, onlyOne } from '../methods/lists.ts'
import { tunnelledDomains } from './dns-tunnel.ts'

/** Most names judged for one host. */
const MAX_JUDGED = 5000

export const nxdomainBurst = defineRule({
  id: 'nxdomain-burst',
  version: 2,
  title: 'A host asks for many domains or names that do not exist',
  technique: 'T1568.002',
  severity: 'medium',
  source: 'NXDOMAIN answers for many different domains within minutes: Antonakakis et al. (USENIX Security 2012), Zhou et al. (2013)',
  options: {
    domains: option(25, '', 'different domains that do not exist, asked by one host within the window'),
    share: option(55, '%', 'of the different domains it asked for in that time: a name server asks for many that exist'),
    names: option(
      100,
      '',
      'different names below one domain that do not exist, a label each: word lists (dnsrecon, fierce, gobuster) have thousands',
    ),
    window: option(300, 's', 'in which they are asked'),
  },
  run(context, options) {
    const findings: Finding[] = []
    const guessed: Guesses[] = []
    for (const [client, queries] of questionsByClient(context)) {
      // Without answers nobody knows what exists.
      const answered = queries.filter(({ responseCode }) => responseCode !== null)
      if (answered.length < options.domains) continue
      // What looks generated is left to the rule `generated-names`.
      const missing = failedDomains(answered, asked)
        .slice(0, MAX_JUDGED)
        .filter(({ domain }) => classify(domain) < THRESHOLD)
      // Behind one address of a whole site, others ask for names that exist in the longer window.
      for (const windowS of [options.window, options.window / 5]) {
        const failed = busiestWindow(missing, windowS * 1e6)
        if (failed.length < options.domains) break
        const all = domainsBetween(answered, failed[0].query.atUs, failed[failed.length - 1].query.atUs)
        if (failed.length * 100 < options.share * all) continue
        findings.push(describe(context, client, failed, all, options))
        break
      }
      for (const [domain, rows] of labelsByDomain(answered)) {
        if (rows.length < options.names) continue
        const failed = busiestWindow(failedDomains(rows, labelOf), options.window * 1e6)
        if (failed.length >= options.names) guessed.push({ client, domain, failed, rows })
      }
    }
    if (guessed.length === 0) return findings
    const tunnelled = tunnelledDomains(context)
    for (const guesses of guessed) {
      const { atUs: firstUs } = guesses.failed[0].query
      const { atUs: lastUs } = guesses.failed[guesses.failed.length - 1].query
      const within = guesses.rows.filter(({ atUs }) => atUs >= firstUs && atUs <= lastUs)
      const all = new Set(within.map(({ name }) => labelOf(name))).size
      if (guesses.failed.length * 100 < options.share * all || tunnelled.has(`${guesses.client} ${guesses.domain}`)) continue
      findings.push(describeGuesses(context, guesses, options))
    }
    return findings
  },
})

interface Guesses {
  client: number
  domain: string
  failed: FailedDomain[]
  /** All questions for names below the domain. */
  rows: DnsQuery[]
}

/** Questions for names of one label below a domain. Block lists and search suffixes make names of several. */
function labelsByDomain(queries: DnsQuery[]): Map<string, DnsQuery[]> {
  const byDomain = new Map<string, DnsQuery[]>()
  for (const query of queries) {
    const split = splitName(query.name)
    if (split === null || split.domain === '' || DATA_SERVICES.has(split.domain)) continue
    const { subdomain } = split
    if (subdomain !== '' && !subdomain.includes('.') && !subdomain.startsWith('_')) append(byDomain, split.domain, query)
  }
  return byDomain
}

const labelOf = (name: string): string => name.slice(0, name.indexOf('.'))

function describeGuesses({ flows, hosts }: Context, { client, domain, failed, rows }: Guesses, options: Record<string, number>): Finding {
  const ip = hosts.ip(client)
  const firstUs = failed[0].query.atUs
  const lastUs = failed[failed.length - 1].query.atUs
  const servers = flows.servers(failed.map(({ query }) => query.flow))
  const exist = new Set(rows.filter(({ responseCode }) => responseCode === 'NOERROR').map(({ name }) => name))
  return {
    severity: 'medium',
    severityReason: 'Programs ask for the few names they need; whoever tries a list of words learns which machines a domain has.',
    title: `${ip} asked for ${plural(failed.length, 'name')} below ${domain} that do not exist, in ${span(lastUs - firstUs)}${exist.size > 0 ? `, and found ${exist.size} that do` : ''}.`,
    nextStep: `Ask who works on ${ip}, and look for connections from there to what it found.`,
    firstUs,
    lastUs,
    source: client,
    target: onlyOne(servers),
    technique: 'T1590.002',
    observed: [
      measured('names that do not exist', failed.length, options.names),
      fact('names that exist', exist.size),
      examples(failed.map(({ query }) => query.name)),
    ],
    ...questions(failed, 'name', options.names),
    names: [domain],
  }
}

/** The failed questions in the order of time, one step each. */
function questions(failed: FailedDomain[], what: 'name' | 'domain', threshold: number): Pick<Finding, 'picture' | 'flows' | 'ports'> {
  return {
    picture: overTime('steps', 'name', failed[0].query.atUs, failed.length, (i) => [failed[i].query.atUs, i + 1], {
      y: { label: `${what === 'name' ? 'Names' : 'Domains'} that do not exist`, unit: '' },
      threshold: { axis: 'y', value: threshold, label: plural(threshold, what) },
      caption: `Each step is another ${what} that does not exist.`,
    }),
    flows: FlowSample.of(new Set(failed.map(({ query }) => query.flow))),
    ports: [53],
  }
}

/** The registrable domain; under an ending that nobody lists, the last two labels. */
function asked(name: string): string | undefined {
  const domain = domainOf(name)
  if (domain !== null) return domain.registrable
  if (splitName(name) === null) return undefined
  return name.slice(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1)
}

function domainsBetween(queries: DnsQuery[], firstUs: number, lastUs: number): number {
  const within = queries.filter(({ atUs }) => atUs >= firstUs && atUs <= lastUs)
  return new Set(within.map(({ name }) => asked(name)).filter((domain) => domain !== undefined)).size
}

function describe({ hosts }: Context, client: number, failed: FailedDomain[], all: number, options: Record<string, number>): Finding {
  const ip = hosts.ip(client)
  const firstUs = failed[0].query.atUs
  const lastUs = failed[failed.length - 1].query.atUs
  return {
    severity: 'medium',
    severityReason: 'A person misspells a few names an hour; a program that guesses the names of its control server asks for many.',
    title: `${ip} asked for ${plural(failed.length, 'domain')} that do not exist, in ${span(lastUs - firstUs)}.`,
    nextStep: `Find the program on ${ip} that asks for ${failed[0].domain} and the others; a mail server or a crawler with an old list does the same.`,
    firstUs,
    lastUs,
    source: client,
    target: null,
    observed: [
      measured('domains that do not exist', failed.length, options.domains),
      measured('of all domains asked for meanwhile', Math.round((100 * failed.length) / all), options.share, '%'),
      examples(failed.map(({ domain }) => domain)),
    ],
    ...questions(failed, 'domain', options.domains),
    names: failed.map(({ domain }) => domain),
  }
}
