// Rows of observations of several reports -> the observations of all, entries about the same thing joined.
import { compare } from '../compare.ts'
import { columnName, fieldsOf, KEPT_KINDS, type KeptEntry, type KeptField, type KeptKind } from '../detect/observe/kept.ts'
import { NO_OBSERVATIONS, type Observations } from '../detect/observe/observations.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { MergedCaptures } from './captures.ts'
import type { Cell } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'
import type { HostOf } from './flows.ts'
import type { ReportRows } from './report-rows.ts'

/** Longest text of a field; those of an analysis are below. */
const MOST_CHARACTERS = 4096

/** Whether all of these reports have observations: an earlier version kept none. */
export const hasObservations = ({ reports }: MergedCaptures): boolean => reports.every(({ rows }) => rows.values.observations_kept === '1')

/** @throws DatabaseError for rows that no report has */
export function mergeObservations(merged: MergedCaptures, order: FlowOrder, hosts: HostOf): Observations {
  const byKind = new Map<KeptKind, Map<string, KeptEntry>>(KEPT_KINDS.map((kind) => [kind, new Map()]))
  const kindOf = new Map(KEPT_KINDS.map((kind) => [columnName(kind), kind]))
  for (const [report, { rows }] of merged.reports.entries()) {
    for (const row of rows.observations) {
      const kind = kindOf.get(String(row[KIND]))
      if (kind === undefined) throw unknown(row, 'kind')
      const entry = entryOf(row, kind, { report, rows, order, hosts })
      const fields = fieldsOf(kind)
      const key = JSON.stringify(fields.filter(([, { join }]) => join === 'same').map(([name]) => entry[name]))
      const entries = byKind.get(kind)!
      const known = entries.get(key)
      entries.set(key, known === undefined ? entry : joined(known, entry, fields))
    }
  }
  const lists = [...byKind].map(([kind, entries]) => [kind, [...entries.values()].sort(inOrder)])
  const leftOut = merged.reports.reduce((sum, { rows }) => sum + Number(rows.values.observations_left_out ?? 0), 0)
  return { ...NO_OBSERVATIONS, ...Object.fromEntries(lists), leftOut }
}

const [ID, KIND, FLOW, DATA] = [0, 1, 2, 3]

interface From {
  report: number
  rows: ReportRows
  order: FlowOrder
  hosts: HostOf
}

function entryOf(row: Cell[], kind: KeptKind, { report, rows, order, hosts }: From): KeptEntry {
  const data = parsed(row)
  const flow = (id: unknown, name: string): number => order.numberOf(report, index(id, rows.flows.count, row, name))
  const entry: KeptEntry = {}
  for (const [name, field] of fieldsOf(kind)) {
    const column = columnName(name)
    const value = field.type === 'flow' ? row[FLOW] : Object.hasOwn(data, column) ? data[column] : undefined
    switch (field.type) {
      case 'flow':
        entry[name] = flow(value, 'flow_id')
        break
      case 'flows':
        entry[name] = list(value, field, row, column).map((id) => flow(id, column))
        break
      case 'host':
        entry[name] = hosts(report, index(value, rows.hosts.count, row, column))
        break
      case 'texts':
        entry[name] = list(value, field, row, column).map((one) => text(one, field, row, column))
        break
      case 'text':
        entry[name] = text(value, field, row, column)
        break
      default:
        entry[name] = number(value, field, row, column)
    }
  }
  return entry
}

function parsed(row: Cell[]): Record<string, unknown> {
  try {
    const data = JSON.parse(String(row[DATA]))
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data
  } catch {
    // Reported below.
  }
  throw unknown(row, 'data')
}

function index(value: unknown, count: number, row: Cell[], name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > count) throw unknown(row, name)
  return value as number
}

function list(value: unknown, { limit = 0 }: KeptField, row: Cell[], name: string): unknown[] {
  if (!Array.isArray(value) || value.length > limit) throw unknown(row, name)
  return value
}

function text(value: unknown, { among }: KeptField, row: Cell[], name: string): string {
  if (typeof value !== 'string' || value.length > MOST_CHARACTERS || (among !== undefined && !among.includes(value)))
    throw unknown(row, name)
  return value
}

function number(value: unknown, { type }: KeptField, row: Cell[], name: string): number {
  const isRight = type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value)
  if (!isRight || (type !== 'time' && (value as number) < 0)) throw unknown(row, name)
  return value as number
}

const unknown = (row: Cell[], name: string): DatabaseError =>
  new DatabaseError('unusable', `observations.${name} of row ${row[ID]} is not what an analysis writes: analyse its capture again`)

function joined(a: KeptEntry, b: KeptEntry, fields: [string, KeptField][]): KeptEntry {
  const entry: KeptEntry = {}
  for (const [name, field] of fields) entry[name] = value(a[name], b[name], field)
  return entry
}

type Value = KeptEntry[string]

/** The same whichever comes first, and in which steps. */
function value(a: Value, b: Value, { join, limit }: KeptField): Value {
  const [low, high] = a <= b ? [a, b] : [b, a]
  switch (join) {
    case 'same':
      return a
    case 'sum':
      return Math.min(Number.MAX_SAFE_INTEGER, (a as number) + (b as number))
    case 'least':
      return low
    case 'most':
      return high
    case 'leastSet':
      return low === 0 ? high : low
    case 'all':
      return [...new Set([...(a as string[]), ...(b as string[])])].sort(inValueOrder).slice(0, limit)
  }
}

const inValueOrder = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b))

/** By time, as they were seen; then by conversation and content, so that the order of the reports does not matter. */
function inOrder(a: KeptEntry, b: KeptEntry): number {
  return timeOf(a) - timeOf(b) || flowOf(a) - flowOf(b) || compare(JSON.stringify(a), JSON.stringify(b))
}

const timeOf = ({ beganUs, firstUs, atUs }: KeptEntry): number => Number(beganUs ?? firstUs ?? atUs ?? 0)
const flowOf = ({ flow }: KeptEntry): number => Number(flow ?? 0)
