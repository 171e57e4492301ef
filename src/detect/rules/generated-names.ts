// A program looks for its control server among algorithm-generated names, most of which do not exist.
import type { DnsQuery } from '../../names/index.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { measured, option } from '../engine/thresholds.ts'
import { examples, list, plural, span } from '../engine/wording.ts'
import { questionsByClient } from '../methods/dns-questions.ts'
import { domainOf } from '../methods/domains.ts'
import { busiestWindow, type FailedDomain, failedDomains } from '../methods/failed-domains.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { classify, THRESHOLD } from '../methods/generated-names/classify.ts'

/** Shorter windows, used if the longer one has no finding. */
const SHORT_WINDOWS_S = [300, 60]
/** With this many times the names of a finding, a smaller share of generated ones is enough. */
const MANY = 2
const MANY_SHARE = 0.5

export const generatedNames = defineRule({
  id: 'generated-names',
  version: 3,
  title: 'A host asks for names made by an algorithm',
  technique: 'T1568.002',
  severity: 'high',
  source:
    'Own classifier of names (98 of 100 it calls generated are, on unseen names), with the share of names that do not exist: Antonakakis et al., From Throw-Away Traffic to Bots (USENIX Security 2012)',
  options: {
    names: option(10, '', 'different domains that do not exist, asked by one host within the window'),
    share: option(0.5, '', 'part of them that looks generated'),
    window: option(3600, 's', 'in which they are asked'),
    score: option(Number(THRESHOLD.toFixed(2)), '', 'chance from which on a name counts as generated'),
  },
  run(context, options) {
    const findings: Finding[] = []
    for (const [client, queries] of questionsByClient(context)) {
      const failed = failedDomains(queries, (name) => domainOf(name)?.registrable)
      // In one hour, the typing errors of an office can outnumber the names that a program tries within minutes.
      for (const windowS of [options.window, ...SHORT_WINDOWS_S.filter((short) => short < options.window)]) {
        const busiest = sample(busiestWindow(failed, windowS * 1e6))
        if (busiest.length < options.names) break
        const generated = busiest.filter(({ domain }) => classify(domain) >= options.score)
        const isMost = generated.length >= options.names * options.share && generated.length >= options.share * busiest.length
        // Behind one address of a whole site, others ask for missing names, too; this many generated ones are not by chance.
        const isMany = generated.length >= MANY * options.names && generated.length >= MANY_SHARE * options.share * busiest.length
        if (!isMost && !isMany) continue
        findings.push(describe(context, client, queries, busiest, generated, options))
        break
      }
    }
    return findings
  },
})

/** Most names classified for one host; more would not change the result. */
const MAX_JUDGED = 500

/** All of them, or MAX_JUDGED of them, evenly spaced. */
function sample(failed: FailedDomain[]): FailedDomain[] {
  if (failed.length <= MAX_JUDGED) return failed
  return Array.from({ length: MAX_JUDGED }, (_, i) => failed[Math.floor((i * failed.length) / MAX_JUDGED)])
}

function describe(
  context: Context,
  client: number,
  queries: DnsQuery[],
  busiest: FailedDomain[],
  generated: FailedDomain[],
  options: Record<string, number>,
): Finding {
  const { hosts } = context
  const ip = hosts.ip(client)
  const firstUs = generated[0].query.atUs
  const lastUs = generated[generated.length - 1].query.atUs
  const reached = reachedDomains(queries, firstUs, options.score)
  const scores = busiest.map(({ domain }) => classify(domain))
  const flows = new Set(generated.map(({ query }) => query.flow))
  for (const { query } of reached) flows.add(query.flow)
  const isReached = reached.length > 0
  return {
    severity: isReached || generated.length >= 5 * options.names ? 'high' : 'medium',
    severityReason: isReached
      ? 'One of the names exists: the program may have reached its master.'
      : generated.length >= 5 * options.names
        ? 'So many names that do not exist are asked for by no person and by few programs.'
        : 'None of these names was found to exist.',
    title: `${ip} asked for ${plural(generated.length, 'name')}${busiest.length === MAX_JUDGED ? ' or more' : ''} that look generated and do not exist, in ${span(lastUs - firstUs)}${isReached ? `, and found ${list(reached.map(({ domain }) => domain))}` : ''}.`,
    nextStep: isReached
      ? `Look at what ${ip} sent to ${reached[0].domain}, and scan ${ip} for malware.`
      : `Scan ${ip} for malware, and look for the first of these names that exists later.`,
    firstUs,
    lastUs,
    source: client,
    target: null,
    observed: [
      measured('domains that do not exist', busiest.length, options.names),
      measured('of these look generated', Math.round((100 * generated.length) / busiest.length), Math.round(100 * options.share), '%'),
      examples(generated.map(({ domain }) => domain)),
    ],
    picture: overTime(
      'dots',
      'name',
      busiest[0].query.atUs,
      busiest.length,
      (i) => [busiest[i].query.atUs, Math.round(1000 * scores[i]) / 1000],
      {
        y: { label: 'Chance that the name is generated', unit: '' },
        threshold: { axis: 'y', value: options.score, label: 'counts as generated' },
        caption: 'Each dot is a domain that does not exist.',
      },
    ),
    flows: FlowSample.of(flows),
    ports: [53],
    names: generated.map(({ domain }) => domain),
  }
}

/** Existing domains of the same kind, asked for from that time on. */
function reachedDomains(queries: DnsQuery[], fromUs: number, score: number): FailedDomain[] {
  const reached = new Map<string, FailedDomain>()
  for (const query of queries) {
    if (query.atUs < fromUs || query.responseCode !== 'NOERROR' || !query.answers) continue
    const domain = domainOf(query.name)?.registrable
    if (domain === undefined || reached.has(domain) || classify(domain) < score) continue
    reached.set(domain, { domain, query })
  }
  return [...reached.values()]
}
