// One host answers for the names of others on its link (LLMNR, NetBIOS): whoever asks logs in to it instead of the host that was meant.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'

const LLMNR_PORT = 5355
const NBNS_PORT = 137

export const namePoisoning = defineRule({
  id: 'name-poisoning',
  version: 1,
  title: 'A host answers for the names of others on its link',
  technique: 'T1557.001',
  severity: 'high',
  source: 'RFC 4795 (a host answers LLMNR for its own names), RFC 1002 (NetBIOS); Responder and Inveigh answer for all',
  options: {
    names: option(3, '', 'different names that a host answers LLMNR questions to everybody for'),
    netbios_names: option(6, '', 'NetBIOS names that are said to be at its address; one machine has up to four'),
  },
  run(context, options) {
    const found = new Map<number, Answers>()
    for (const [host, answers] of answersOfHosts(context)) if (answers.names.size >= options.names) found.set(host, answers)
    for (const [host, answers] of netbiosNames(context)) {
      if (answers.names.size < options.netbios_names) continue
      const known = found.get(host)
      if (known === undefined) found.set(host, answers)
      else for (const name of answers.names) known.names.add(name)
    }
    return [...found].map(([host, answers]) => describe(context, host, answers, options))
  },
})

interface Answers {
  protocol: string
  names: Set<string>
  askers: Set<number>
  flows: Set<number>
  firstUs: number
  lastUs: number
}

const none = (protocol: string): Answers => ({
  protocol,
  names: new Set(),
  askers: new Set(),
  flows: new Set(),
  firstUs: Number.POSITIVE_INFINITY,
  lastUs: Number.NEGATIVE_INFINITY,
})

/** Answers to questions that went to everybody: the conversation with the answer has no question. */
function answersOfHosts({ flows, hosts, names }: Context): Map<number, Answers> {
  const byHost = new Map<number, Answers>()
  for (const { flow, name, atUs, responseCode, answers } of names.dnsQueries) {
    if (flows.serverPort(flow) !== LLMNR_PORT || responseCode !== 'NOERROR' || !answers || flows.clientPackets(flow) > 0) continue
    const host = flows.server(flow)
    if (hosts.isGroup(host)) continue
    const own = byHost.get(host) ?? none('LLMNR')
    byHost.set(host, own)
    own.names.add(name.split('.')[0])
    own.askers.add(flows.client(flow))
    own.flows.add(flow)
    own.firstUs = Math.min(own.firstUs, atUs)
    own.lastUs = Math.max(own.lastUs, atUs)
  }
  return byHost
}

function netbiosNames({ flows, names }: Context): Map<number, Answers> {
  const byHost = new Map<number, Answers>()
  for (const { host, name, source, firstUs } of names.names) {
    if (source !== 'nbns') continue
    const own = byHost.get(host) ?? none('NetBIOS')
    byHost.set(host, own)
    own.names.add(name)
    own.firstUs = Math.min(own.firstUs, firstUs)
    own.lastUs = Math.max(own.lastUs, firstUs)
  }
  for (let flow = 0; flow < flows.count && byHost.size > 0; flow++) {
    if (flows.serverPort(flow) !== NBNS_PORT) continue
    byHost.get(flows.server(flow))?.flows.add(flow)
    byHost.get(flows.client(flow))?.flows.add(flow)
  }
  return byHost
}

function describe({ hosts }: Context, host: number, answers: Answers, options: Record<string, number>): Finding {
  const names = [...answers.names].sort()
  const least = answers.protocol === 'LLMNR' ? options.names : options.netbios_names
  const askers = answers.askers.size === 0 ? '' : ` of ${plural(answers.askers.size, 'host')}`
  return {
    severity: 'high',
    severityReason: 'A host answers for its own names; one that answers for all gets the logins that were meant for others.',
    title: `${hosts.ip(host)} answered ${answers.protocol} questions${askers} for ${plural(names.length, 'name')} as its own, in ${span(answers.lastUs - answers.firstUs)}: ${list(names)}.`,
    nextStep: `Isolate ${hosts.ip(host)}, change the passwords of whoever connected to it after asking, and turn off LLMNR and NetBIOS where they are not needed.`,
    firstUs: answers.firstUs,
    lastUs: answers.lastUs,
    source: host,
    target: answers.askers.size === 1 ? [...answers.askers][0] : null,
    observed: [measured('names', names.length, least), fact('hosts that asked', answers.askers.size), fact('examples', list(names, 8))],
    picture: null,
    flows: FlowSample.of(answers.flows),
    ports: [answers.protocol === 'LLMNR' ? LLMNR_PORT : NBNS_PORT],
    names,
  }
}
