// Rows of names, programs, identities and DNS of several reports -> what an analysis of all of them knows.

import { placesByValue, sharedInts } from '../column.ts'
import { compare } from '../compare.ts'
import { isAnsweredRole } from '../detect/identities/roles.ts'
import type { Flows } from '../flows/index.ts'
import { bestName } from '../names/best-name.ts'
import { type FlowNames, type NamesByFlow, numberRows } from '../names/flow-names.ts'
import type { HostIdentity } from '../names/identity-log.ts'
import type { HostName, NameResults } from '../names/index.ts'
import type { Software } from '../names/software.ts'
import type { MergedCaptures } from './captures.ts'
import { type Cell, cellOf, rowsOf } from './cell-table.ts'
import { mergeDnsQueries } from './dns-queries.ts'
import type { FlowOrder } from './flow-order.ts'
import type { HostOf } from './flows.ts'
import { FLOW } from './report-rows.ts'

export interface MergedNames {
  names: NameResults
  /** Ordered by host, without the roles that joined conversations show: a report may have a half of one, and of what a server answers. */
  identities: HostIdentity[]
}

interface Counted {
  host: number
  firstUs: number
  count: number
}

/** @param byFlow as of mergeFlowNames() @param lookedUp as of mergeDnsNames() */
export function mergeNames(
  merged: MergedCaptures,
  order: FlowOrder,
  hostOf: HostOf,
  { hosts }: Flows,
  byFlow: NamesByFlow,
  lookedUp: HostName[],
): MergedNames {
  const { reports, indexes } = merged
  const flowOf = (report: number, id: Cell) => order.numberOf(report, id)
  const allOf = <Row>(table: 'names' | 'software' | 'identities', make: (report: number, row: Cell[]) => Row): Row[] =>
    reports.flatMap(({ rows }, report) => Array.from(rowsOf(rows[table]), (row) => make(report, row)))

  const told = allOf(
    'names',
    (report, [host, name, source, firstUs, count]) => ({ host: hostOf(report, host), name, source, firstUs, count }) as HostName,
  )
  const names = counted([...told, ...lookedUp], (a, b) => a.host - b.host || compare(a.name, b.name) || compare(a.source, b.source))
  const software = counted(
    allOf(
      'software',
      (report, [host, source, text, firstUs, count]) => ({ host: hostOf(report, host), source, text, firstUs, count }) as Software,
    ),
    (a, b) => a.host - b.host || compare(a.source, b.source) || compare(a.text, b.text),
  )
  const identities = counted(
    allOf('identities', (report, [host, kind, value, source, firstUs, count, flow, frame, capture]) => {
      const place = { flow: flow === null ? null : flowOf(report, flow), frame, capture: indexes[report][(capture as number) - 1] ?? 0 }
      return { host: hostOf(report, host), kind, value, source, firstUs, count, ...place } as HostIdentity
    })
      .filter((identity) => !isAnsweredRole(identity))
      .sort((a, b) => a.firstUs - b.firstUs || a.capture - b.capture || a.frame - b.frame),
    (a, b) => a.host - b.host || compare(a.kind, b.kind) || compare(a.value, b.value) || compare(a.source, b.source),
  )
  const leftOut = (key: string) => reports.reduce((sum, { rows }) => sum + Number(rows.values[key] ?? 0), 0)
  const namesOf = groupByHost(names, hosts.count)
  return {
    names: {
      byFlow,
      ofFlow: (flow) => byFlow.distinct[byFlow.indexes[flow]],
      bestOfHost: (host) => bestName(namesOf(host), hosts.ip(host)),
      identitiesOf: groupByHost(identities, hosts.count),
      ...{ names, software },
      dnsQueries: mergeDnsQueries(merged, order),
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

const FLOW_NAMES = [FLOW.application, FLOW.application_source, FLOW.server_name, FLOW.server_name_source, FLOW.ja4]

export function mergeFlowNames({ reports }: MergedCaptures, order: FlowOrder): NamesByFlow {
  const distinct: FlowNames[] = []
  // Reports have many names in common, and the copy for another thread takes as much memory.
  const known = new Map<string, number>()
  const indexes = sharedInts(order.count)
  const add = (names: Cell[]): number => {
    const text = JSON.stringify(names)
    const index = known.get(text)
    if (index !== undefined) return index
    known.set(text, distinct.length)
    const [application, applicationSource, serverName, serverNameSource, ja4] = names
    return distinct.push({ application, applicationSource, serverName, serverNameSource, ja4 } as FlowNames) - 1
  }
  const { starts, conversation } = order.pieces
  for (const [report, { rows }] of reports.entries()) {
    const columns = FLOW_NAMES.map((column) => rows.flows.columns[column].values)
    const numbers = numberRows(columns, rows.flows.count, (row) => add(FLOW_NAMES.map((column) => cellOf(rows.flows, row, column))))
    for (let row = 0; row < numbers.length; row++) indexes[conversation[starts[report] + row]] = numbers[row]
  }
  for (const flow of order.joinedFlows()) indexes[flow] = add(FLOW_NAMES.map((column) => order.cell(flow, column)))
  return { distinct, indexes }
}

/**
 * Rows that are equal become one: the earliest time, the sum of the counts, the rest from the first in the list.
 * @returns the rows in this order
 */
function counted<Row extends Counted>(rows: Row[], order: (a: Row, b: Row) => number): Row[] {
  const distinct: Row[] = []
  for (const row of rows.sort(order)) {
    const known = distinct.at(-1)
    if (known === undefined || order(known, row) !== 0) distinct.push(row)
    else {
      known.count += row.count
      known.firstUs = Math.min(known.firstUs, row.firstUs)
    }
  }
  return distinct
}

/** @param rows ordered by host @returns the rows of a host */
function groupByHost<Row extends { host: number }>(rows: Row[], hosts: number): (host: number) => Row[] {
  const places = placesByValue(
    Int32Array.from(rows, ({ host }) => host),
    hosts,
  )
  return (host) => rows.slice(places[host], places[host + 1])
}
