// Scanners and attack tools that name themselves in their requests, and domains that exist only to test protection against malware.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact } from '../engine/thresholds.ts'
import { list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'

/** Default names of the tools in user agents and SSH identification strings. */
const TOOLS: readonly (readonly [RegExp, string])[] = [
  [/\bnikto\b/i, 'Nikto'],
  [/\bsqlmap\b/i, 'sqlmap'],
  [/nmap scripting engine/i, 'Nmap'],
  [/\bmasscan\b/i, 'masscan'],
  [/\bzgrab\b/i, 'ZGrab'],
  [/\bgobuster\b/i, 'Gobuster'],
  [/\bdirbuster\b/i, 'DirBuster'],
  [/\bferoxbuster\b/i, 'feroxbuster'],
  [/\bwpscan\b/i, 'WPScan'],
  [/\bnuclei\b/i, 'Nuclei'],
  [/\bopenvas\b/i, 'OpenVAS'],
  [/\bnessus\b/i, 'Nessus'],
  [/\bacunetix\b/i, 'Acunetix'],
  [/\bw3af\b/i, 'w3af'],
  [/\bhydra\b/i, 'Hydra'],
  [/\bwhatweb\b/i, 'WhatWeb'],
  [/fuzz faster u fool/i, 'ffuf'],
  [/\barachni\b/i, 'Arachni'],
  [/friendly-(?:scanner|request)|\bsipvicious\b|\bsundayddr\b/i, 'SIPVicious'],
  [/\bsipcli\b/i, 'sipcli'],
  [/\bsipsak\b/i, 'sipsak'],
  [/\bpplsip\b/i, 'pplsip'],
]
/** Test pages of OpenDNS, Google, AMTSO and Palo Alto Networks that protection must block. */
const TEST_DOMAINS = [
  ...['internetbadguys.com', 'examplemalwaredomain.com', 'examplebotnetdomain.com', 'testsafebrowsing.appspot.com'],
  ...['test-malware.testpanw.com', 'wicar.org'],
]
const LONGEST_TEXT = 120

export const attackTool = defineRule({
  id: 'attack-tool',
  version: 2,
  title: 'A tool that probes for weaknesses names itself, or a test of malware protection is called',
  technique: 'T1595.002',
  severity: 'medium',
  source: 'Default user agents of published tools; test pages of OpenDNS, Google Safe Browsing, AMTSO and Palo Alto Networks',
  options: {},
  run(context) {
    return [...tools(context), ...testNames(context)]
  },
})

function* tools(context: Context): Generator<Finding> {
  const { flows, hosts, names } = context
  const byHost = new Map<number, { tools: Set<string>; text: string }>()
  for (const { host, text } of names.software) {
    const tool = TOOLS.find(([pattern]) => pattern.test(text))
    if (tool === undefined) continue
    const known = byHost.get(host)
    if (known === undefined) byHost.set(host, { tools: new Set([tool[1]]), text })
    else known.tools.add(tool[1])
  }
  if (byHost.size === 0) return
  const flowsOf = new Map<number, number[]>(Array.from(byHost.keys(), (host) => [host, []]))
  for (let flow = 0; flow < flows.count; flow++) {
    const own = flowsOf.get(flows.client(flow))
    if (own !== undefined && isSpoken(names.ofFlow(flow).application)) own.push(flow)
  }
  for (const [source, { tools: found, text }] of byHost) {
    const ids = flowsOf.get(source)!
    // A server may send such a name too; it counts only if a client sent it.
    if (ids.length === 0) continue
    const targets = flows.servers(ids)
    const whom = targets.length === 1 ? hosts.ip(targets[0]) : plural(targets.length, 'host')
    yield describe(context, ids, {
      severityReason: 'The tool is made to find weaknesses; whether it was allowed to is not known.',
      title: `${hosts.ip(source)} ran ${list([...found])} against ${whom}, ${plural(ids.length, 'conversation')} in ${span(lengthOf(context, ids))}.`,
      nextStep: `Ask who tests ${whom} from ${hosts.ip(source)}, and read the server's log for requests that were answered.`,
      source,
      target: targets.length === 1 ? targets[0] : null,
      observed: [fact('calls itself', text.slice(0, LONGEST_TEXT))],
    })
  }
}

function isSpoken(application: string | null): boolean {
  return application === 'http' || application === 'http2' || application === 'ssh' || application === 'sip'
}

function* testNames(context: Context): Generator<Finding> {
  const { flows, hosts, names } = context
  const groups = new Map<string, { source: number; domain: string; flows: Set<number> }>()
  const note = (source: number, name: string, flow: number): void => {
    const domain = TEST_DOMAINS.find((end) => name === end || name.endsWith(`.${end}`))
    if (domain === undefined) return
    const key = `${source} ${domain}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { source, domain, flows: new Set([flow]) })
    else group.flows.add(flow)
  }
  for (const { flow, name } of names.dnsQueries) note(flows.client(flow), name, flow)
  const called = new Set(names.names.filter(({ name }) => TEST_DOMAINS.some((end) => name.endsWith(end))).map(({ host }) => host))
  for (let flow = 0; flow < flows.count && called.size > 0; flow++) {
    if (called.has(flows.server(flow))) note(flows.client(flow), names.ofFlow(flow).serverName ?? '', flow)
  }
  for (const { source, domain, flows: set } of groups.values()) {
    yield describe(context, [...set], {
      severityReason: 'Nothing is harmed: the name exists for tests. But somebody, or some program, tests the protection here.',
      title: `${hosts.ip(source)} called ${domain}, a name that exists to test protection against malware.`,
      nextStep: `Ask who tested on ${hosts.ip(source)}, and whether the call should have been blocked.`,
      source,
      target: null,
      technique: 'T1518.001',
      observed: [fact('conversations', set.size)],
      names: [domain],
    })
  }
}

function lengthOf({ flows }: Context, ids: number[]): number {
  const firstUs = ids.reduce((us, flow) => Math.min(us, flows.startUs(flow)), Number.POSITIVE_INFINITY)
  return ids.reduce((us, flow) => Math.max(us, flows.endUs(flow)), 0) - firstUs
}

type Words = Omit<Finding, 'severity' | 'firstUs' | 'lastUs' | 'picture' | 'flows'>

function describe({ flows }: Context, ids: number[], words: Words): Finding {
  return {
    severity: 'medium',
    ...words,
    firstUs: ids.reduce((us, flow) => Math.min(us, flows.startUs(flow)), Number.POSITIVE_INFINITY),
    lastUs: ids.reduce((us, flow) => Math.max(us, flows.endUs(flow)), 0),
    picture: null,
    flows: FlowSample.of(ids),
  }
}
