// Rows of names, programs, identities and DNS of several reports -> what an analysis of all of them knows.

import { compare } from '../compare.ts'
import { bestName } from '../names/best-name.ts'
import { type HostIdentity, IDENTITY_KINDS } from '../names/identity-log.ts'
import type { DnsQuery, FlowNames, HostName, NameResults } from '../names/index.ts'
import type { Software } from '../names/software.ts'
import type { MergedCaptures } from './captures.ts'
import type { Cell } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'
import type { HostOf } from './flows.ts'
import { FLOW } from './report-rows.ts'

export interface MergedNames {
  names: NameResults
  /** Ordered by host, kind, time. */
  identities: HostIdentity[]
}

interface Counted {
  host: number
  firstUs: number
  count: number
}

export function mergeNames(merged: MergedCaptures, order: FlowOrder, hostOf: HostOf, ipOf: (host: number) => string): MergedNames {
  const { reports, indexes } = merged
  const flowOf = (report: number, id: Cell) => order.numberOf(report, id)
  const rowsOf = <Row>(table: 'names' | 'software' | 'identities' | 'dnsQueries', make: (report: number, row: Cell[]) => Row) =>
    reports.flatMap(({ rows }, report) => rows[table].map((row) => make(report, row)))

  const names = counted(
    rowsOf(
      'names',
      (report, [host, name, source, firstUs, count]) => ({ host: hostOf(report, host), name, source, firstUs, count }) as HostName,
    ),
    ({ host, name, source }) => `${host} ${source} ${name}`,
  ).sort((a, b) => a.host - b.host || compare(a.name, b.name) || compare(a.source, b.source))
  const software = counted(
    rowsOf(
      'software',
      (report, [host, source, text, firstUs, count]) => ({ host: hostOf(report, host), source, text, firstUs, count }) as Software,
    ),
    ({ host, source, text }) => `${host} ${source} ${text}`,
  ).sort((a, b) => a.host - b.host || compare(a.source, b.source) || compare(a.text, b.text))
  const identities = counted(
    rowsOf('identities', (report, [host, kind, value, source, firstUs, count, flow, frame, capture]) => {
      const place = { flow: flow === null ? null : flowOf(report, flow), frame, capture: indexes[report][(capture as number) - 1] ?? 0 }
      return { host: hostOf(report, host), kind, value, source, firstUs, count, ...place } as HostIdentity
    }).sort((a, b) => a.firstUs - b.firstUs || a.capture - b.capture || a.frame - b.frame),
    ({ host, kind, value, source }) => JSON.stringify([host, kind, value, source]),
  )
  const kindOf = ({ kind }: HostIdentity) => IDENTITY_KINDS.indexOf(kind)
  identities.sort(
    (a, b) => a.host - b.host || kindOf(a) - kindOf(b) || a.firstUs - b.firstUs || compare(a.value, b.value) || compare(a.source, b.source),
  )
  const dnsQueries = rowsOf('dnsQueries', (report, [flow, atUs, name, type, responseCode, answers, answerUs]): DnsQuery => {
    const answer = { responseCode: responseCode as string | null, answers: answers as string | null, answerUs: answerUs as number | null }
    return { flow: flowOf(report, flow), atUs: atUs as number, name: name as string, type: type as string, ...answer }
  })
  const textOf = ({ name, type, responseCode, answers, answerUs }: DnsQuery) =>
    JSON.stringify([name, type, responseCode, answers, answerUs])
  dnsQueries.sort((a, b) => a.atUs - b.atUs || a.flow - b.flow || compare(textOf(a), textOf(b)))
  const leftOut = (key: string) => reports.reduce((sum, { rows }) => sum + Number(rows.values[key] ?? 0), 0)
  const ofHost = groupByHost(names)
  const identitiesOfHost = groupByHost(identities)
  return {
    names: {
      ofFlow: (flow) => flowNames(order, flow),
      bestOfHost: (host) => bestName(ofHost.get(host) ?? [], ipOf(host)),
      identitiesOf: (host) => identitiesOfHost.get(host) ?? [],
      ...{ names, software, dnsQueries },
      leftOut: {
        names: leftOut('names_left_out'),
        dnsQueries: leftOut('dns_queries_left_out'),
        software: leftOut('software_left_out'),
        identities: leftOut('identities_left_out'),
      },
    },
    identities,
  }
}

/** Columns of conversations that ofFlow() reads. */
export const FLOW_NAMES = [FLOW.application, FLOW.application_source, FLOW.server_name, FLOW.server_name_source, FLOW.ja4]

function flowNames(order: FlowOrder, flow: number): FlowNames {
  const [application, applicationSource, serverName, serverNameSource, ja4] = FLOW_NAMES
  return {
    application: order.cell(flow, application),
    applicationSource: order.cell(flow, applicationSource),
    serverName: order.cell(flow, serverName),
    serverNameSource: order.cell(flow, serverNameSource),
    ja4: order.cell(flow, ja4),
  } as FlowNames
}

/** Rows with the same key become one: the earliest time, the sum of the counts, the rest from the earliest. */
function counted<Row extends Counted>(rows: Row[], keyOf: (row: Row) => string): Row[] {
  const byKey = new Map<string, Row>()
  for (const row of rows) {
    const key = keyOf(row)
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, row)
    else {
      known.count += row.count
      known.firstUs = Math.min(known.firstUs, row.firstUs)
    }
  }
  return [...byKey.values()]
}

function groupByHost<Row extends { host: number }>(rows: Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.host)
    if (group === undefined) groups.set(row.host, [row])
    else group.push(row)
  }
  return groups
}
