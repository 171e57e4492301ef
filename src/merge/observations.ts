// Rows of observations of several reports -> the observations of all, entries about the same thing joined.
import { compare } from '../compare.ts'
import {
  columnName,
  KEPT,
  KEPT_CHARACTERS,
  KEPT_KINDS,
  KEPT_VERSION,
  type KeptEntry,
  type KeptField,
  type KeptKind,
  type KeptValue,
} from '../detect/observe/kept.ts'
import { NO_OBSERVATIONS, type Observations } from '../detect/observe/observations.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { MergedCaptures } from './captures.ts'
import { type Cell, rowsOf } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'
import type { HostOf } from './flows.ts'
import type { ReportRows } from './report-rows.ts'

/** Whether all of these reports have the observations of this version: an earlier one kept fewer, or none. */
export const hasObservations = ({ reports }: MergedCaptures): boolean =>
  reports.every(({ rows }) => rows.values.observations_kept === String(KEPT_VERSION))

/** @throws DatabaseError for rows that no report has */
export function mergeObservations(merged: MergedCaptures, order: FlowOrder, hosts: HostOf): Observations {
  const byKind = new Map<KeptKind, Map<string, KeptEntry>>(KEPT_KINDS.map((kind) => [kind, new Map()]))
  const kindOf = new Map(KEPT_KINDS.map((kind) => [columnName(kind), kind]))
  for (const [report, { rows }] of merged.reports.entries()) {
    for (const row of rowsOf(rows.observations)) {
      const kind = kindOf.get(String(row[KIND]))
      if (kind === undefined) throw unknown(row, 'kind')
      const entry = entryOf(parsed(row), KEPT[kind], { report, rows, captures: merged.indexes[report], order, hosts, row })
      const fields = Object.entries<KeptField>(KEPT[kind])
      const key = keyOf(entry, fields)
      const entries = byKind.get(kind)!
      const known = entries.get(key)
      entries.set(key, known === undefined ? entry : joined(known, entry, fields))
    }
  }
  const lists = [...byKind].map(([kind, entries]) => [kind, [...entries.values()].sort(inOrder)])
  return { ...NO_OBSERVATIONS, ...Object.fromEntries(lists) }
}

/** Of what a Date can say; the year 9999, until which some certificates are valid, is no safe integer in microseconds. */
const LAST_US = 8.64e18

const [ID, KIND, FLOW, DATA] = [0, 1, 2, 3]

interface From {
  report: number
  rows: ReportRows
  captures: Int32Array
  order: FlowOrder
  hosts: HostOf
  /** The row that is read, for messages. */
  row: Cell[]
}

function entryOf(data: Record<string, unknown>, fields: Readonly<Record<string, KeptField>>, from: From): KeptEntry {
  const { report, rows, captures, order, hosts, row } = from
  const flow = (id: unknown, name: string): number => order.numberOf(report, index(id, rows.flows.count, row, name))
  const entry: KeptEntry = {}
  for (const [name, field] of Object.entries(fields)) {
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
      case 'capture':
        entry[name] = captures[index(value, captures.length, row, column) - 1]
        break
      case 'times':
        entry[name] = list(value, field, row, column).map((time) => number(time, { type: 'time', join: 'same' }, row, column))
        break
      case 'objects':
        entry[name] = list(value, field, row, column).map((one) => entryOf(object(one, row, column), field.fields!, from))
        break
      case 'texts':
        entry[name] = list(value, field, row, column).map((one) => text(one, field, row, column))
        break
      case 'text':
        entry[name] = text(value, field, row, column)
        break
      case 'truth':
        if (typeof value !== 'boolean') throw unknown(row, column)
        entry[name] = value
        break
      case 'object':
        entry[name] = value === null ? null : entryOf(object(value, row, column), field.fields!, from)
        break
      default:
        entry[name] = number(value, field, row, column)
    }
  }
  return entry
}

function parsed(row: Cell[]): Record<string, unknown> {
  try {
    return object(JSON.parse(String(row[DATA])), row, 'data')
  } catch {
    throw unknown(row, 'data')
  }
}

function object(value: unknown, row: Cell[], name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unknown(row, name)
  return value as Record<string, unknown>
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
  if (typeof value !== 'string' || value.length > KEPT_CHARACTERS || (among !== undefined && !among.includes(value)))
    throw unknown(row, name)
  return value
}

function number(value: unknown, { type }: KeptField, row: Cell[], name: string): number {
  const isRight =
    type === 'time'
      ? Number.isInteger(value) && Math.abs(value as number) <= LAST_US
      : (type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value)) && (value as number) >= 0
  if (!isRight) throw unknown(row, name)
  return value as number
}

const unknown = (row: Cell[], name: string): DatabaseError =>
  new DatabaseError('unusable', `observations.${name} of row ${row[ID]} is not what an analysis writes: analyse its capture again`)

/** What entries about the same thing have in common. */
const keyOf = (entry: KeptEntry, fields: [string, KeptField][]): string =>
  JSON.stringify(fields.filter(([, { join }]) => join === 'same').map(([name]) => entry[name]))

function joined(a: KeptEntry, b: KeptEntry, fields: [string, KeptField][]): KeptEntry {
  const entry: KeptEntry = {}
  const chosen = isChosen(a, b, fields) ? a : b
  for (const [name, field] of fields) entry[name] = field.join === 'chosen' ? chosen[name] : value(a[name], b[name], field)
  return entry
}

/** By the field that chooses; of equal ones, by the least of what it chooses. */
function isChosen(a: KeptEntry, b: KeptEntry, fields: [string, KeptField][]): boolean {
  for (const [name, { join }] of fields.filter(([, { chooses, join }]) => chooses || join === 'chosen')) {
    const order = inValueOrder(a[name], b[name]) * (join === 'most' ? -1 : 1)
    if (order !== 0) return order < 0
  }
  return true
}

/** The same whichever comes first, and in which steps. */
function value(a: KeptValue, b: KeptValue, { type, join, limit, fields }: KeptField): KeptValue {
  const [low, high] = inValueOrder(a, b) <= 0 ? [a, b] : [b, a]
  switch (join) {
    case 'same':
      return a
    case 'sum':
      return Math.min(Number.MAX_SAFE_INTEGER, Number(a) + Number(b))
    case 'least':
      return low
    case 'most':
      return high
    case 'leastSet':
      return low === 0 ? high : low
    case 'all':
      if (type === 'objects') return joinedObjects([...(a as KeptEntry[]), ...(b as KeptEntry[])], Object.entries(fields!)).slice(0, limit)
      return [...new Set([...(a as string[]), ...(b as string[])])].sort(inValueOrder).slice(0, limit)
    case 'chosen':
      throw new RangeError('joined() takes it from the chosen entry')
  }
}

/** Those about the same thing become one. In the order of what they are about: the first of all are the same in whatever steps. */
function joinedObjects(objects: KeptEntry[], fields: [string, KeptField][]): KeptEntry[] {
  const byKey = new Map<string, KeptEntry>()
  for (const one of objects) {
    const key = keyOf(one, fields)
    const known = byKey.get(key)
    byKey.set(key, known === undefined ? one : joined(known, one, fields))
  }
  return [...byKey].sort(([a], [b]) => compare(a, b)).map(([, one]) => one)
}

const inValueOrder = (a: KeptValue, b: KeptValue): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b))

/** By time, as they were seen; then by conversation and content, so that the order of the reports does not matter. */
function inOrder(a: KeptEntry, b: KeptEntry): number {
  return timeOf(a) - timeOf(b) || flowOf(a) - flowOf(b) || compare(JSON.stringify(a), JSON.stringify(b))
}

const timeOf = ({ beganUs, firstUs, atUs }: KeptEntry): number => Number(beganUs ?? firstUs ?? atUs ?? 0)
const flowOf = ({ flow }: KeptEntry): number => Number(flow ?? 0)
