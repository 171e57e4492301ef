// Conversations grouped by a number, in linear time and without an object for each: a flood has a million of them.
import type { Context } from '../engine/finding.ts'
import { append } from './lists.ts'

/** The key of a conversation that is in no group. */
export const NO_GROUP = -1

/**
 * @param keys number of possible keys: 0 .. keys - 1
 * @param keyOf the group of a flow, or NO_GROUP
 * @param least smaller groups are left out
 * @param weightOf a flow: groups that weigh less than `least` are left out, instead of smaller ones
 * @returns the flow ids of each group in the order of their starts, groups in the order of their keys
 */
export function* groupFlows(
  flows: Context['flows'],
  keys: number,
  keyOf: (flow: number) => number,
  least: number,
  weightOf?: (flow: number) => number,
): Generator<{ key: number; ids: Int32Array }> {
  for (const { key, ids } of groupRows(flows.count, keys, keyOf, least, weightOf)) yield { key, ids: inOrder(flows, ids) }
}

/** The same for rows of any kind: those of a group ascend. */
export function* groupRows(
  rows: number,
  keys: number,
  keyOf: (row: number) => number,
  least: number,
  weightOf?: (row: number) => number,
): Generator<{ key: number; ids: Int32Array }> {
  const counts = new Int32Array(keys)
  const weights = weightOf === undefined ? counts : new Float64Array(keys)
  const keyOfRow = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const key = keyOf(row)
    keyOfRow[row] = key
    if (key < 0) continue
    counts[key]++
    if (weightOf !== undefined) weights[key] += weightOf(row)
  }
  // Counts become positions in one array, only for groups that are large enough.
  const kept: number[] = []
  const ends = new Int32Array(keys)
  let total = 0
  for (let key = 0; key < keys; key++) {
    if (counts[key] === 0 || weights[key] < least) continue
    kept.push(key)
    ends[key] = total
    total += counts[key]
  }
  if (total === 0) return
  const ordered = new Int32Array(total)
  for (let row = 0; row < rows; row++) {
    const key = keyOfRow[row]
    if (key >= 0 && weights[key] >= least) ordered[ends[key]++] = row
  }
  for (const key of kept) yield { key, ids: ordered.subarray(ends[key] - counts[key], ends[key]) }
}

/** Conversations are numbered as their packets are read, and times in a capture may go back. */
function inOrder(flows: Context['flows'], ids: Int32Array): Int32Array {
  for (let i = 1; i < ids.length && !flows.isInOrder; i++) {
    if (flows.startUs(ids[i]) < flows.startUs(ids[i - 1])) return ids.sort((a, b) => flows.startUs(a) - flows.startUs(b) || a - b)
  }
  return ids
}

/**
 * Splits the rows of one group by a second number, as those of a client by its destinations.
 * @param numberOf below `numbers` @param weightOf of a row, a whole number @param least splits whose rows weigh less together are left out
 * @returns a function that gives the rows of each split, splits in the order of their numbers
 */
export function splitter(
  numbers: number,
  numberOf: (row: number) => number,
  weightOf: (row: number) => number,
  least: number,
): (rows: Int32Array) => Int32Array[] {
  const enough = Math.max(1, least)
  const weights = new Float64Array(numbers)
  /** Of a number that is kept: its place among them + 1. */
  const places = new Int32Array(numbers)
  return (rows) => {
    const own = rows.map(numberOf)
    const kept: number[] = []
    for (let i = 0; i < own.length; i++) {
      const before = weights[own[i]]
      const after = before + weightOf(rows[i])
      if (before < enough && after >= enough) kept.push(own[i])
      weights[own[i]] = after
    }
    for (const number of own) weights[number] = 0
    if (kept.length === 0) return []
    kept.sort((a, b) => a - b)
    for (let i = 0; i < kept.length; i++) places[kept[i]] = i + 1
    const ends = new Int32Array(kept.length + 1)
    for (const number of own) ends[places[number]]++
    ends[0] = 0
    for (let i = 1; i < ends.length; i++) ends[i] += ends[i - 1]
    const starts = ends.slice()
    const ordered = new Int32Array(ends[kept.length])
    for (let i = 0; i < own.length; i++) {
      const place = places[own[i]]
      if (place > 0) ordered[starts[place - 1]++] = rows[i]
    }
    for (const number of kept) places[number] = 0
    return kept.map((_, i) => ordered.subarray(ends[i], ends[i + 1]))
  }
}

/** A value of each id, side by side: each record is read once, from wherever it is in memory. */
export function columnOf(ids: Int32Array, of: (id: number) => number): Float64Array {
  const values = new Float64Array(ids.length)
  for (let i = 0; i < ids.length; i++) values[i] = of(ids[i])
  return values
}

/** Splits ids, which are in the order of time, where two starts are more than `pauseUs` apart. */
export function* sessionsOf(ids: Int32Array, startUs: (id: number) => number, pauseUs: number): Generator<Int32Array> {
  for (const [from, to] of sessionRanges(columnOf(ids, startUs), pauseUs)) yield ids.subarray(from, to)
}

/** Where ascending times begin and end that are no more than `pauseUs` apart. */
export function* sessionRanges(timesUs: Float64Array, pauseUs: number): Generator<[from: number, to: number]> {
  let from = 0
  for (let i = 1; i < timesUs.length; i++) {
    if (timesUs[i] - timesUs[i - 1] <= pauseUs) continue
    yield [from, i]
    from = i
  }
  if (timesUs.length > 0) yield [from, timesUs.length]
}

/**
 * Flows from the end that was seen first to the other one, whoever is client, pair by pair, split where two starts are more than `pauseUs` apart.
 * @param isCounted which flows
 */
export function* sessionsOfPairs(flows: Context['flows'], isCounted: (flow: number) => boolean, pauseUs: number): Generator<Int32Array> {
  const pairs = new Map<string, number[]>()
  for (let flow = 0; flow < flows.count; flow++) {
    if (isCounted(flow)) append(pairs, `${flows.firstHost(flow)} ${flows.otherHost(flow)}`, flow)
  }
  const startUs = (flow: number) => flows.startUs(flow)
  for (const ids of pairs.values()) yield* sessionsOf(inOrder(flows, Int32Array.from(ids)), startUs, pauseUs)
}

/** First start and last end of conversations, in whatever order. */
export function timesOf(flows: Context['flows'], ids: Iterable<number>): { firstUs: number; lastUs: number } {
  let firstUs = Number.POSITIVE_INFINITY
  let lastUs = Number.NEGATIVE_INFINITY
  for (const flow of ids) {
    firstUs = Math.min(firstUs, flows.startUs(flow))
    lastUs = Math.max(lastUs, flows.endUs(flow))
  }
  return { firstUs, lastUs }
}

/** The largest number of ascending times within `windowUs`, and the index where the first such window begins. */
export function busiest(timesUs: Float64Array, windowUs: number): { count: number; at: number } {
  let from = 0
  let count = 0
  let at = 0
  for (let to = 0; to < timesUs.length; to++) {
    while (timesUs[to] - timesUs[from] >= windowUs) from++
    if (to - from + 1 <= count) continue
    count = to - from + 1
    at = from
  }
  return { count, at }
}

/** Number of different hosts `hostOf` the ids. */
export function distinct(ids: Int32Array, hostOf: (id: number) => number, hosts: number): number {
  return differentOf(ids.map(hostOf), hosts)
}

/** Number of different ids of hosts. */
export function differentOf(ids: Int32Array, hosts: number): number {
  // For few ids, a Set costs less than an array over all hosts.
  if (ids.length * 16 < hosts) return new Set(ids).size
  const seen = new Uint8Array(hosts)
  let count = 0
  for (const id of ids) {
    if (seen[id] === 0) count++
    seen[id] = 1
  }
  return count
}
