// DNS answers of several reports -> names of hosts and conversations: an address is looked up in one capture, and used in a later one.
import { compare } from '../compare.ts'
import { append } from '../detect/methods/lists.ts'
import type { HostTable } from '../flows/hosts.ts'
import type { Flows } from '../flows/index.ts'
import { isHostName } from '../names/dns.ts'
import type { FlowNames, NamesByFlow } from '../names/flow-names.ts'
import { type DnsRecord, latest } from '../names/host-names.ts'
import type { HostName } from '../names/index.ts'
import type { MergedCaptures } from './captures.ts'
import type { FlowOrder } from './flow-order.ts'
import type { HostOf } from './flows.ts'

const WITH_ADDRESSES = new Set(['A', 'AAAA'])

/** An answer names an address that has a row in the merged report. */
interface Answer {
  report: number
  host: number
  atUs: number
  name: string
}

/**
 * Names conversations in `byFlow` by the last answer of any report before they began, where the client asked the server for no other name.
 * @returns names of hosts that are in no conversation of the report that has the answer
 */
export function mergeDnsNames(merged: MergedCaptures, order: FlowOrder, hostOf: HostOf, flows: Flows, byFlow: NamesByFlow): HostName[] {
  const answers = answersOf(merged, order, flows.hosts, byFlow)
  if (answers.length === 0) return []
  nameConversations(answers, order, flows, byFlow)
  const byReport = new Map<number, Answer[]>()
  for (const answer of answers) append(byReport, answer.report, answer)
  const isOfReport = new Uint8Array(flows.hosts.count)
  return [...byReport].flatMap(([report, own]) => {
    const { count } = merged.reports[report].rows.hosts
    isOfReport.fill(0)
    for (let row = 0; row < count; row++) isOfReport[hostOf(report, row + 1)] = 1
    return own
      .filter(({ host }) => isOfReport[host] === 0)
      .map(({ host, name, atUs }): HostName => ({ host, name, source: 'dns', firstUs: atUs, count: 1 }))
  })
}

/** By time. */
function answersOf({ reports }: MergedCaptures, order: FlowOrder, hosts: HostTable, byFlow: NamesByFlow): Answer[] {
  const answers: Answer[] = []
  for (const [report, { rows }] of reports.entries()) {
    for (const [flow, atUs, name, type, , addresses, answerUs] of rows.dnsQueries) {
      if (addresses === null || !WITH_ADDRESSES.has(String(type)) || !isHostName(String(name))) continue
      // Those of mDNS and LLMNR are hosts of the link, which send packets themselves.
      if (byFlow.distinct[byFlow.indexes[order.numberOf(report, flow)]].application !== 'dns') continue
      for (const address of new Set(String(addresses).split(' '))) {
        const host = hosts.findText(address) // an answer has names, too
        if (host >= 0) answers.push({ report, host, atUs: Number(atUs) + Number(answerUs ?? 0), name: String(name) })
      }
    }
  }
  return answers.sort((a, b) => a.atUs - b.atUs || compare(a.name, b.name))
}

function nameConversations(answers: readonly Answer[], order: FlowOrder, { table }: Flows, { distinct, indexes }: NamesByFlow): void {
  const byHost = new Map<number, { records: DnsRecord[]; names: Set<string> }>()
  for (const { host, atUs, name } of answers) {
    const { records, names } = byHost.get(host) ?? { records: [], names: new Set() }
    byHost.set(host, { records, names })
    if (records.at(-1)?.name !== name) records.push({ atUs, name, source: 'dns' })
    names.add(name)
  }
  /** By the number of the names that a conversation had, and its new name. */
  const numbers = new Map<string, number>()
  for (let flow = 0; flow < table.count; flow++) {
    const looked = byHost.get(table.otherHost(flow))
    const known = distinct[indexes[flow]]
    if (looked === undefined || !mayBeRenamed(known, looked.names)) continue
    const record = latest(looked.records, table.startUs(flow))
    // A later piece may have a name that was looked up when the conversation had begun; of a whole one, the answer may be in no row.
    if (record === null && !order.isJoined(flow)) continue
    const [serverName, serverNameSource] = [record?.name ?? null, record?.source ?? null]
    if (serverName === known.serverName) continue
    const key = JSON.stringify([indexes[flow], serverName])
    const number = numbers.get(key) ?? distinct.push({ ...known, serverName, serverNameSource }) - 1
    numbers.set(key, number)
    indexes[flow] = number
  }
}

/** A name of an answer that is in no row is kept. In whatever steps reports are merged, the last of all answers is taken. */
function mayBeRenamed({ serverName, serverNameSource }: FlowNames, looked: ReadonlySet<string>): boolean {
  return serverName === null || (serverNameSource === 'dns' && looked.has(serverName))
}
