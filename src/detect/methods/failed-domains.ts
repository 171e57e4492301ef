// The domains that a host asked for and that do not exist, and the time in which it asked for most of them.
import type { DnsQuery } from '../../names/index.ts'

export interface FailedDomain {
  domain: string
  query: DnsQuery
}

/**
 * The first question about each domain that does not exist; if no answers were captured, about each domain.
 * @param domainOf the domain of a name, undefined for names that count for none
 */
export function failedDomains(queries: DnsQuery[], domainOf: (name: string) => string | undefined): FailedDomain[] {
  const hasAnswers = queries.some(({ responseCode }) => responseCode !== null)
  const failed = new Map<string, FailedDomain>()
  const found = new Set<string>()
  for (const query of queries) {
    if (hasAnswers && query.responseCode !== 'NXDOMAIN' && query.responseCode !== 'NOERROR') continue
    const domain = domainOf(query.name)
    if (domain === undefined) continue
    if (query.responseCode === 'NOERROR') found.add(domain)
    else if (!failed.has(domain)) failed.set(domain, { domain, query })
  }
  // A domain exists if a name under it exists.
  return [...failed.values()].filter(({ domain }) => !found.has(domain))
}

/** The domains of the window with the most domains. */
export function busiestWindow(failed: FailedDomain[], windowUs: number): FailedDomain[] {
  let best: [number, number] = [0, 0]
  for (let from = 0, to = 0; to < failed.length; to++) {
    while (failed[to].query.atUs - failed[from].query.atUs > windowUs) from++
    if (to + 1 - from > best[1] - best[0]) best = [from, to + 1]
  }
  return failed.slice(best[0], best[1])
}
