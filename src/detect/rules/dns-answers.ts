// Data in the answers of DNS: a host gets one record after the other that holds encoded data, below one domain.
import type { DnsAnswerData } from '../../names/dns-log.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, list, plural, span } from '../engine/wording.ts'
import { hasScopeLabel, isNeighbourPort, splitName } from '../methods/dns-questions.ts'
import { DATA_SERVICES } from '../methods/dns-services.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupBy, onlyOne } from '../methods/lists.ts'
import { tunnelledDomains } from './dns-tunnel.ts'

const WINDOW_US = 3_600_000_000

export const dnsAnswers = defineRule({
  id: 'dns-answers',
  version: 1,
  readsObservations: true,
  title: 'Data is carried in the answers of DNS',
  technique: 'T1071.004',
  severity: 'high',
  source:
    'Farnham, Detecting DNS Tunneling (SANS, 2013): TXT and NULL records by amount and entropy; the channels of dnscat2, iodine and DNSMessenger (Talos, 2017), whose names can be short',
  options: {
    answers: option(10, '', 'different answers below one domain that are filled with data, to one host in an hour'),
    bytes: option(1000, 'B', 'data in these answers'),
    many: option(50, '', 'so many are a transfer, not keys or tokens: high severity'),
  },
  run(context, options) {
    const { flows, observations } = context
    const groups = groupBy(observations.dnsAnswers, ({ flow, name }) => {
      const split = isNeighbourPort(flows.serverPort(flow)) || hasScopeLabel(name) ? null : splitName(name)
      return split === null || DATA_SERVICES.has(split.domain) ? null : `${flows.client(flow)} ${split.domain}`
    })
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
  const servers = flows.servers(answers.map(({ flow }) => flow))
  const types = [...new Set(answers.map(({ type }) => type))]
  const where = domain === '' ? 'no public domain' : domain
  return {
    ...gravity(window, options.many),
    title: `${hosts.ip(client)} got ${plural(answers.length, 'DNS answer')} (${list(types)}) below ${where} that are filled with data, ${bytes(window.bytes)}${lastUs > firstUs ? `, in ${span(lastUs - firstUs)}` : ''}.`,
    nextStep: `Find the program on ${hosts.ip(client)} that asks for names such as ${answers[0].name.slice(0, 60)}, decode what the answers carry, and find out who runs the name servers of ${domain === '' ? 'that domain' : domain}.`,
    firstUs,
    lastUs,
    source: client,
    target: onlyOne(servers),
    observed: [
      measured('different answers in an hour', window.answers, options.answers),
      measured('data in these', window.bytes, options.bytes, 'B'),
      fact('record types', list(types)),
    ],
    picture: overTime('dots', 'answer', firstUs, answers.length, (i) => [answers[i].atUs, answers[i].bytes], {
      y: { label: 'Data in the answer', unit: 'B' },
      threshold: null,
      caption: 'Each dot is an answer that holds encoded data.',
    }),
    flows: FlowSample.of(new Set(answers.map(({ flow }) => flow))),
    ports: [53],
    ...(domain === '' ? {} : { names: [domain] }),
  }
}
