// Conversations with, and DNS questions about, entries of the user's lists.
import type { Blocklist, BlocklistMatch } from '../blocklist/index.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { timesOf } from '../methods/grouped-flows.ts'

/** One finding for each kind of contact, so that a scan by a listed host is one finding. */
type Way = 'called' | 'called by' | 'asked for'

/** Most findings; the tables have all matches. */
const MAX_FINDINGS = 1000

export const blocklist = defineRule({
  id: 'blocklist',
  version: 1,
  title: 'Something on a blocklist was contacted',
  technique: 'T1071',
  severity: 'high',
  source: 'The lists given with --blocklist; a network or a domain stands for all in it',
  options: {
    conversations: option(1, '', 'conversations or questions of one host about one entry'),
  },
  run(context, options) {
    if (context.blocklist === null) return []
    const contacts = [...contactsOf(context, context.blocklist).values()].filter(({ flows }) => flows.length >= options.conversations)
    return contacts.slice(0, MAX_FINDINGS).map((contact) => describe(context, contact, options.conversations))
  },
})

interface Contact {
  way: Way
  /** Source and target of the contact; the target is null for a DNS question. */
  own: number
  other: number | null
  /** The address, name or fingerprint as in the capture. */
  what: string
  match: BlocklistMatch
  flows: number[]
}

function contactsOf(context: Context, list: Blocklist): Map<string, Contact> {
  const { flows, hosts, names } = context
  const contacts = new Map<string, Contact>()
  const note = (way: Way, own: number, other: number | null, what: string, match: BlocklistMatch, flow: number): void => {
    const key = `${way} ${own} ${other} ${what}`
    const contact = contacts.get(key)
    if (contact === undefined) contacts.set(key, { way, own, other, what, match, flows: [flow] })
    else if (contact.flows[contact.flows.length - 1] !== flow) contact.flows.push(flow)
  }
  const listed = new Map<number, BlocklistMatch>()
  for (let host = 0; host < hosts.count; host++) {
    const match = hosts.isLocal(host) || hosts.isGroup(host) ? null : list.address(hosts.ip(host))
    if (match !== null) listed.set(host, match)
  }
  // Few hosts have a listed name: only their conversations are checked for server names.
  const named = new Set(names.names.filter(({ name }) => list.name(name) !== null).map(({ host }) => host))
  const hasWork = listed.size > 0 || named.size > 0 || list.hasJa4
  for (let flow = 0; flow < flows.count && hasWork; flow++) {
    const [client, server] = [flows.client(flow), flows.server(flow)]
    const byAddress = listed.get(server)
    const byCaller = listed.get(client)
    const { serverName, ja4 } = named.has(server) || list.hasJa4 ? names.ofFlow(flow) : { serverName: null, ja4: null }
    const byName = serverName === null ? null : list.name(serverName)
    const byJa4 = ja4 === null ? null : list.ja4(ja4)
    if (byName !== null) note('called', client, server, serverName!, byName, flow)
    else if (byAddress !== undefined) note('called', client, server, hosts.ip(server), byAddress, flow)
    else if (byCaller !== undefined) note('called by', server, client, hosts.ip(client), byCaller, flow)
    if (byJa4 !== null) note('called', client, server, ja4!, byJa4, flow)
  }
  for (const { flow, name } of names.dnsQueries) {
    const match = list.name(name)
    if (match !== null) note('asked for', flows.client(flow), null, name, match, flow)
  }
  return contacts
}

function describe(context: Context, contact: Contact, threshold: number): Finding {
  const { flows, hosts } = context
  const { way, own, other, what, match, flows: ids } = contact
  const { firstUs, lastUs } = timesOf(flows, ids)
  const sum = (pick: (flow: number) => number): number => ids.reduce((total, flow) => total + pick(flow), 0)
  const isAnswered = ids.some((flow) => flows.serverPackets(flow) > 0 && flows.clientPackets(flow) > 0 && !isRefused(context, flow))
  const ip = hosts.ip(own)
  const place = `${match.file}, line ${match.line}`
  const address = other === null ? '' : hosts.ip(other)
  const partner =
    what === address ? address : /_/.test(what) ? `${address} by a program whose fingerprint is ${what}` : `${what} (${address})`
  return {
    ...gravity(contact, isAnswered),
    title:
      way === 'asked for'
        ? `${ip} asked DNS for ${what}, which is on ${place}.`
        : way === 'called'
          ? `${ip} ${isAnswered ? 'exchanged' : 'tried to exchange'} data with ${partner}, which is on ${place}.`
          : `${what}, which is on ${place}, ${isAnswered ? 'reached' : 'tried to reach'} ${ip} ${ids.length > 1 ? `${plural(ids.length, 'time')} in ${span(lastUs - firstUs)}` : 'once'}.`,
    nextStep:
      way === 'called by'
        ? `Check what ${ip} offers to the outside, and whether anything was answered.`
        : `Read in ${match.file} why ${what} is listed, and find the program on ${ip} that went there.`,
    firstUs,
    lastUs,
    source: way === 'called by' ? other : own,
    target: way === 'called by' ? own : other,
    observed: [
      fact('listed', what),
      fact('list', match.file),
      fact('line', match.line),
      measured(way === 'asked for' ? 'questions' : 'conversations', ids.length, threshold),
      fact('sent', bytes(sum((flow) => flows.clientBytes(flow)))),
      fact('received', bytes(sum((flow) => flows.serverBytes(flow)))),
    ],
    picture:
      ids.length < 2
        ? null
        : overTime(
            'dots',
            'contact',
            firstUs,
            ids.length,
            (i) => [flows.startUs(ids[i]), flows.clientBytes(ids[i]) + flows.serverBytes(ids[i])],
            { y: { label: 'Bytes both ways', unit: 'B' }, threshold: null, caption: 'Each dot is a conversation.' },
          ),
    flows: FlowSample.of(ids),
    ports: flows.serverPorts(ids),
    ...(/[a-z]/.test(what) && !what.includes(':') ? { names: [what] } : {}),
  }
}

/** A TCP connection that was never accepted. */
function isRefused({ flows }: Context, flow: number): boolean {
  return flows.isOpened(flow) && !flows.isAccepted(flow)
}

function gravity({ way, match }: Contact, isAnswered: boolean): { severity: Severity; severityReason: string } {
  if (match.isUrl) return { severity: 'low', severityReason: 'The list names a URL at this host; what else is there may be harmless.' }
  if (way === 'asked for')
    return { severity: 'medium', severityReason: 'The name was asked for; a conversation would be a finding of its own.' }
  if (way === 'called by')
    return isAnswered
      ? { severity: 'medium', severityReason: 'The listed host called and was answered.' }
      : { severity: 'low', severityReason: 'The listed host called and was not answered.' }
  return isAnswered
    ? { severity: 'high', severityReason: 'A host went there by itself and was answered.' }
    : { severity: 'medium', severityReason: 'A host tried to go there and was not answered.' }
}
