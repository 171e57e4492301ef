// DNS answers of several reports -> names of conversations, and of hosts that another report has.
import { append } from '../detect/methods/lists.ts'
import type { HostTable } from '../flows/hosts.ts'
import type { Flows } from '../flows/index.ts'
import { answersOf, compareAnswers, type DnsAnswer, nameConversations } from '../names/dns-answers.ts'
import type { NamesByFlow } from '../names/flow-names.ts'
import type { HostName } from '../names/index.ts'
import type { MergedCaptures } from './captures.ts'
import { rowsOf } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'
import type { HostOf } from './flows.ts'

interface ReportAnswer extends DnsAnswer {
  report: number
}

/**
 * Names conversations in `byFlow`.
 * @returns names of hosts that are in no conversation of the report that has the answer
 */
export function mergeDnsNames(merged: MergedCaptures, order: FlowOrder, hostOf: HostOf, flows: Flows, byFlow: NamesByFlow): HostName[] {
  const answers = answersOfReports(merged, order, flows.hosts, byFlow)
  const { table } = flows
  const conversations = {
    count: table.count,
    startUs: (flow: number) => table.startUs(flow),
    server: (flow: number) => table.otherHost(flow),
    isJoined: (flow: number) => order.isJoined(flow),
  }
  nameConversations(answers, conversations, byFlow)
  const byReport = new Map<number, ReportAnswer[]>()
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

function answersOfReports({ reports }: MergedCaptures, order: FlowOrder, hosts: HostTable, byFlow: NamesByFlow): ReportAnswer[] {
  const found: ReportAnswer[] = []
  for (const [report, { rows }] of reports.entries()) {
    for (const [flow, atUs, name, type, , answers, answerUs] of rowsOf(rows.dnsQueries)) {
      if (answers === null || byFlow.distinct[byFlow.indexes[order.numberOf(report, flow)]].application !== 'dns') continue
      const answeredUs = Number(atUs) + Number(answerUs ?? 0)
      for (const answer of answersOf(String(name), String(type), String(answers).split(' '), answeredUs, hosts))
        found.push({ ...answer, report })
    }
  }
  return found.sort(compareAnswers)
}
