// A client guesses the names of pages of a web server: most of what it asks for does not exist.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { examples, list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import type { HttpMisses } from '../observe/observations.ts'

/** So many pages are told apart; further ones are not counted. */
const MAX_PAGES = 256

export const webScan = defineRule({
  id: 'web-scan',
  version: 1,
  title: 'A client guesses the pages of a web server',
  technique: 'T1595.003',
  severity: 'medium',
  source:
    'Emerging Threats 2009885 (30 answers with status 404 to one client within 60 s); MITRE ATT&CK T1595.003: dirb, gobuster, ffuf, nikto and their like; read in clear HTTP',
  options: {
    pages: { default: 30, unit: '', description: 'different pages that do not exist, asked for without a pause of a minute' },
    share: {
      default: 50,
      unit: '%',
      description: 'of the answers meanwhile that say so: programs and visitors find most of what they ask for',
    },
  },
  run(context, options) {
    return context.observations.httpMisses
      .filter(({ pages, misses, answers }) => pages >= options.pages && misses * 100 >= options.share * answers)
      .map((misses) => describe(context, misses, options))
  },
})

function describe({ flows, hosts, names }: Context, scan: HttpMisses, options: Record<string, number>): Finding {
  const { client, server, misses, answers, missing, found, firstUs, lastUs } = scan
  const name = names.ofFlow(scan.flows[0]).serverName
  const where = `${hosts.ip(server)}${name === null ? '' : ` (${name})`}`
  const pages = scan.pages < MAX_PAGES ? plural(scan.pages, 'page') : `more than ${MAX_PAGES - 1} pages`
  return {
    severity: 'medium',
    severityReason: 'Whoever guesses the names of pages looks for what was left open; visitors follow links.',
    title: `${hosts.ip(client)} asked ${where} for ${pages} that do not exist, in ${span(lastUs - firstUs)}${found.length > 0 ? `, and found ${list(found)}` : ''}.`,
    nextStep:
      found.length > 0
        ? `Check whether everybody may read what it found, and what ${hosts.ip(client)} did there afterwards; a moved site, or a store of symbols or packages, looks the same.`
        : `Ask who tests ${where} from ${hosts.ip(client)}; a moved site, or a store of symbols or packages, looks the same.`,
    firstUs,
    lastUs,
    source: client,
    target: server,
    observed: [
      { name: 'pages that do not exist', value: scan.pages, unit: '', threshold: options.pages },
      { name: 'of all answers meanwhile', value: Math.round((100 * misses) / answers), unit: '%', threshold: options.share },
      examples(missing),
      { name: 'found', value: list(found, 8) || 'nothing seen', unit: '', threshold: null },
    ],
    picture: null,
    flows: FlowSample.of(scan.flows),
    ports: [...new Set(scan.flows.map((flow) => flows.serverPort(flow)))],
  }
}
