// A client guesses the names of pages of a web server: most of what it asks for does not exist.
import { Protocol } from '../../decode/codes.ts'
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { examples, list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { flowsOfHosts } from '../methods/flows-of-hosts.ts'
import { MAX_PAGES } from '../observe/http-misses.ts'
import type { HttpMisses } from '../observe/observations.ts'

export const webScan = defineRule({
  id: 'web-scan',
  version: 1,
  readsObservations: true,
  title: 'A client guesses the pages of a web server',
  technique: 'T1595.003',
  severity: 'medium',
  source:
    'Emerging Threats 2009885 (30 answers with status 404 to one client within 60 s); MITRE ATT&CK T1595.003: dirb, gobuster, ffuf, nikto and their like; read in clear HTTP',
  options: {
    pages: option(30, '', 'different pages that do not exist, asked for without a pause of a minute'),
    share: option(50, '%', 'of the answers meanwhile that say so: programs and visitors find most of what they ask for'),
  },
  run(context, options) {
    const { flows, observations } = context
    const scans = observations.httpMisses.filter(
      ({ pages, misses, answers }) => pages >= options.pages && misses * 100 >= options.share * answers,
    )
    const flowsOf = flowsOfHosts(flows, new Set(scans.map(({ flow }) => flows.server(flow))))
    return scans.map((scan) => describe(context, scan, flowsOf(flows.server(scan.flow)), options))
  },
})

/** @param ofServer conversations of the server */
function describe(
  { flows, hosts, names }: Context,
  scan: HttpMisses,
  ofServer: readonly number[],
  options: Record<string, number>,
): Finding {
  const { misses, answers, missing, found, firstUs, lastUs } = scan
  const [client, server, port] = [flows.client(scan.flow), flows.server(scan.flow), flows.serverPort(scan.flow)]
  const own = ofServer.filter(
    (flow) =>
      flows.client(flow) === client &&
      flows.serverPort(flow) === port &&
      flows.protocol(flow) === Protocol.tcp &&
      flows.startUs(flow) <= lastUs &&
      flows.endUs(flow) >= firstUs,
  )
  const name = names.ofFlow(scan.flow).serverName
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
      measured('pages that do not exist', scan.pages, options.pages),
      measured('of all answers meanwhile', Math.round((100 * misses) / answers), options.share, '%'),
      examples(missing),
      fact('found', list(found, 8) || 'nothing seen'),
    ],
    picture: null,
    flows: FlowSample.of(own),
    ports: [port],
  }
}
