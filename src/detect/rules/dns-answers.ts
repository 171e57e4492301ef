// Data in the answers of DNS: a host gets one record after the other that holds encoded data, below one domain.
import type { DnsAnswerData } from '../../names/dns-log.ts'
import { samplePoints, secondsSince } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { bytes, list, plural, span } from '../engine/wording.ts'
import { hasScopeLabel, isNeighbourPort, splitName } from '../methods/dns-questions.ts'
import { DATA_SERVICES } from '../methods/dns-services.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { append } from '../methods/lists.ts'
import { tunnelledDomains } from './dns-tunnel.ts'

const WINDOW_US = 3_600_000_000

export const dnsAnswers = defineRule({
  id: 'dns-answers',
  version: 1,
  title: 'Data is carried in the answers of DNS',
  technique: 'T1071.004',
  severity: 'high',
  source:
    'Farnham, Detecting DNS Tunneling (SANS, 2013): TXT and NULL records by amount and entropy; the channels of dnscat2, iodine and DNSMessenger (Talos, 2017), whose names can be short',
  options: {
    answers: { default: 10, unit: '', description: 'different answers below one domain that are filled with data, to one host in an hour' },
    bytes: { default: 1000, unit: 'B', description: 'data in these answers' },
    many: { default: 50, unit: '', description: 'so many are a transfer, not keys or tokens: high severity' },
  },
  run(context, options) {
    const groups = new Map<string, DnsAnswerData[]>()
    const { flows, observations } = context
    for (const answer of observations.dnsAnswers) {
      const split = isNeighbourPort(flows.serverPort(answer.flow)) || hasScopeLabel(answer.name) ? null : splitName(answer.name)
      if (split === null || DATA_SERVICES.has(split.domain)) continue
      append(groups, `${flows.client(answer.flow)} ${split.domain}`, answer)
    }
    const found = [...groups].flatMap(([key, answers]) => {
      const window = busiestWindow(answers)
      return window.answers < options.answers || window.bytes < options.bytes ? [] : [{ key, answers, window }]
    })
    if (found.length === 0) return []
    const known = tunnelledDomains(context)
    return found.filter(({ key }) => !known.has(key)).map(({ key, answers, window }) => describe(context, key, answers, window, options))
  },
})

interface Window {
  /** Different ones, and the bytes of these. */
  answers: number
  bytes: number
}

/** The hour with the most different answers; each counts when it came first. */
function busiestWindow(answers: DnsAnswerData[]): Window {
  const seen = new Set<number>()
  const first = answers.filter(({ checksum }) => !seen.has(checksum) && seen.add(checksum))
  first.sort((a, b) => a.atUs - b.atUs)
  const most = { answers: 0, bytes: 0 }
  for (let from = 0, to = 0, sum = 0; to < first.length; to++) {
    sum += first[to].bytes
    while (first[to].atUs - first[from].atUs >= WINDOW_US) sum -= first[from++].bytes
    if (to - from + 1 <= most.answers) continue
    most.answers = to - from + 1
    most.bytes = sum
  }
  return most
}

function gravity({ answers }: Window, many: number): { severity: Severity; severityReason: string } {
  return answers >= many
    ? {
        severity: 'high',
        severityReason: 'So many different records filled with data are a program or a connection that comes in through DNS.',
      }
    : {
        severity: 'medium',
        severityReason: 'Domains have a few long records, of keys and proofs of ownership; these are more, and different each time.',
      }
}

function describe(context: Context, key: string, answers: DnsAnswerData[], window: Window, options: Record<string, number>): Finding {
  const { flows, hosts } = context
  const [client, domain] = [Number(key.slice(0, key.indexOf(' '))), key.slice(key.indexOf(' ') + 1)]
  const firstUs = answers.reduce((first, { atUs }) => Math.min(first, atUs), answers[0].atUs)
  const lastUs = answers.reduce((last, { atUs }) => Math.max(last, atUs), firstUs)
  const servers = new Set(answers.map(({ flow }) => flows.server(flow)))
  const types = [...new Set(answers.map(({ type }) => type))]
  const where = domain === '' ? 'no public domain' : domain
  return {
    ...gravity(window, options.many),
    title: `${hosts.ip(client)} got ${plural(answers.length, 'DNS answer')} (${list(types)}) below ${where} that are filled with data, ${bytes(window.bytes)}${lastUs > firstUs ? `, in ${span(lastUs - firstUs)}` : ''}.`,
    nextStep: `Find the program on ${hosts.ip(client)} that asks for names such as ${answers[0].name.slice(0, 60)}, decode what the answers carry, and find out who runs the name servers of ${domain === '' ? 'that domain' : domain}.`,
    firstUs,
    lastUs,
    source: client,
    target: servers.size === 1 ? [...servers][0] : null,
    observed: [
      { name: 'different answers in an hour', value: window.answers, unit: '', threshold: options.answers },
      { name: 'data in these', value: window.bytes, unit: 'B', threshold: options.bytes },
      { name: 'record types', value: list(types), unit: '', threshold: null },
    ],
    picture: {
      kind: 'dots',
      x: { label: 'Time since the first answer', unit: 's' },
      y: { label: 'Data in the answer', unit: 'B' },
      points: samplePoints(answers.length, (i) => [secondsSince(firstUs, answers[i].atUs), answers[i].bytes]),
      threshold: null,
      caption: 'Each dot is an answer that holds encoded data.',
    },
    flows: FlowSample.of(new Set(answers.map(({ flow }) => flow))),
    ports: [53],
    ...(domain === '' ? {} : { names: [domain] }),
  }
}
