// Rows of `flows` as columns: read directly from the file's pages if possible, otherwise with SQL.
import type { Database } from 'sql.js'
import { StoredTexts, scanTable } from '../../../../src/sqlite/table-scan.ts'
import { camelCase, pageColumns } from '../../../../src/store/flow-columns.ts'
import type { FlowColumns } from '../../model/flow-columns.ts'
import { isCount, isPort, isTime, type LeftOut, leaveOut, textOf } from '../../model/sound.ts'
import { eachRow } from './database.ts'
import type { FlowDetails, HostColumns } from './row-types.ts'
import { columnsOf, countRows, rootOf } from './table-shape.ts'

export interface FlowRows {
  flows: FlowColumns
  details: FlowDetails
  applications: string[]
  transports: string[]
}

/** Other rows that reading flows needs. `before`: names that keep their numbers. */
export interface FlowContext {
  hosts: HostColumns
  hostIndex: Map<number, number>
  before?: { applications: string[]; transports: string[] } | undefined
  /** The bytes of the opened file; null when the database has changed since. */
  file: Uint8Array | null
  leftOut: LeftOut
}

const NUMBER_COLUMNS = pageColumns('host', 'time', 'port', 'sum', 'count')
const TEXT_COLUMNS = pageColumns('label', 'text')
const NUMBERS = NUMBER_COLUMNS.map(({ name }) => name)
const TEXTS = TEXT_COLUMNS.map(({ name }) => name)
const NULLABLE = NUMBER_COLUMNS.map(({ sql }) => !sql.includes('NOT NULL'))
/** In place of null. */
const NONE = -1

/** Values as in the database: null is -1, a text is its number in `texts`. */
interface RawFlows {
  id: Float64Array
  numbers: Record<(typeof NUMBERS)[number], Float64Array>
  codes: Record<(typeof TEXTS)[number], Int32Array>
  texts: Record<(typeof TEXTS)[number], string[]>
}

export function* readFlows(database: Database, context: FlowContext): Generator<void, FlowRows> {
  const count = countRows(database, 'flows')
  const raw = (context.file && (yield* scanFlows(database, context.file, count))) ?? (yield* queryFlows(database, count))
  yield
  const kept = keepSound(raw, count, context)
  yield
  return arrange(raw, kept, context)
}

/** Moves the rows without impossible values to the front; returns their number. */
function keepSound(raw: RawFlows, count: number, { hostIndex, leftOut }: FlowContext): number {
  const { id, numbers, codes } = raw
  const canBe: Record<(typeof NUMBER_COLUMNS)[number]['page'], (value: number) => boolean> = {
    host: (value) => hostIndex.has(value),
    time: isTime,
    port: isPort,
    sum: isCount,
    count: isCount,
  }
  const tests = NUMBER_COLUMNS.map(({ name, page }, index) => ({ column: numbers[name], isNullable: NULLABLE[index], test: canBe[page] }))
  const isSound = (row: number) =>
    isCount(id[row]) &&
    tests.every(({ column, isNullable, test }) => (isNullable && column[row] === NONE) || test(column[row])) &&
    numbers.first_us[row] <= numbers.last_us[row] &&
    codes.transport[row] >= 0
  let kept = 0
  for (let row = 0; row < count; row++) {
    if (!isSound(row)) {
      leaveOut(leftOut, 'flows')
      continue
    }
    if (kept < row) {
      id[kept] = id[row]
      for (const name of NUMBERS) numbers[name][kept] = numbers[name][row]
      for (const name of TEXTS) codes[name][kept] = codes[name][row]
    }
    kept++
  }
  if (kept < count) {
    raw.id = id.slice(0, kept)
    for (const name of NUMBERS) numbers[name] = numbers[name].slice(0, kept)
    for (const name of TEXTS) codes[name] = codes[name].slice(0, kept)
  }
  return kept
}

function makeRaw(count: number): RawFlows {
  const each = <Key extends string, Made>(keys: readonly Key[], make: () => Made) =>
    Object.fromEntries(keys.map((key) => [key, make()])) as Record<Key, Made>
  return {
    id: new Float64Array(count),
    numbers: each(NUMBERS, () => new Float64Array(count)),
    codes: each(TEXTS, () => new Int32Array(count)),
    texts: each(TEXTS, () => [] as string[]),
  }
}

function* scanFlows(database: Database, file: Uint8Array, count: number): Generator<void, RawFlows | null> {
  const columns = columnsOf(database, 'flows')
  const raw = makeRaw(count)
  const numberAt = NUMBERS.map((name) => columns.indexOf(name))
  const textAt = TEXTS.map((name) => columns.indexOf(name))
  if (numberAt.includes(-1) || textAt.includes(-1)) return null
  const values = NUMBERS.map((name) => raw.numbers[name])
  const codes = TEXTS.map((name) => raw.codes[name])
  const texts = TEXTS.map(() => new StoredTexts(file))
  let at = 0
  const isRead = yield* scanTable(file, rootOf(database, 'flows'), columns.length, false, (rows) => {
    const from = at
    at += rows.count
    if (at > count) return // more than it says: not read in this way
    raw.id.set(rows.rowids.subarray(0, rows.count), from)
    for (let index = 0; index < values.length; index++)
      rows.numbers(numberAt[index], NULLABLE[index] ? NONE : Number.NaN, values[index], from)
    for (let index = 0; index < codes.length; index++)
      for (let row = 0; row < rows.count; row++) codes[index][from + row] = texts[index].code(rows, textAt[index], row)
  })
  if (!isRead || at !== count) return null
  TEXTS.forEach((name, index) => {
    raw.texts[name] = texts[index].texts
  })
  return raw
}

function* queryFlows(database: Database, count: number): Generator<void, RawFlows> {
  const raw = makeRaw(count)
  const known = TEXTS.map(() => new Map<string, number>())
  let at = 0
  yield* eachRow(database, `SELECT id, ${[...NUMBERS, ...TEXTS].join(', ')} FROM flows ORDER BY id`, (row) => {
    const values = row.get()
    raw.id[at] = numberOr(values[0], Number.NaN)
    NUMBERS.forEach((name, index) => {
      raw.numbers[name][at] = numberOr(values[index + 1], NULLABLE[index] ? NONE : Number.NaN)
    })
    TEXTS.forEach((name, index) => {
      const text = textOf(values[NUMBERS.length + 1 + index])
      let code = text === '' ? -1 : known[index].get(text)
      if (code === undefined) {
        code = raw.texts[name].push(text) - 1
        known[index].set(text, code)
      }
      raw.codes[name][at] = code
    })
    at++
  })
  return raw
}

/** Null becomes `none`; a text in place of a number becomes NaN. */
function numberOr(value: unknown, none: number): number {
  return typeof value === 'number' ? value : value === null ? none : Number.NaN
}

/** Raw rows -> columns with the numbers of hosts, places, applications and transports. */
function arrange({ id, numbers, codes, texts }: RawFlows, count: number, { hosts, hostIndex, before }: FlowContext): FlowRows {
  const bytes = sumOf(numbers.client_bytes, numbers.server_bytes)
  const transports = rankByBytes(texts.transport, codes.transport, bytes, MOST.transports, before?.transports)
  const others = texts.transport.map(labelWithout)
  const labels = [...new Set([...texts.application, ...others])]
  const labelOf = new Map(labels.map((label, index) => [label, index]))
  const ownLabel = texts.application.map((label) => labelOf.get(label)!)
  const otherLabel = others.map((label) => labelOf.get(label)!)
  const label = new Int32Array(count)
  for (let flow = 0; flow < count; flow++)
    label[flow] = codes.application[flow] >= 0 ? ownLabel[codes.application[flow]] : otherLabel[codes.transport[flow]]
  const applications = rankByBytes(labels, label, bytes, MOST.applications, before?.applications)
  const flows: FlowColumns = {
    count,
    id,
    clientHost: new Int32Array(count),
    serverHost: new Int32Array(count),
    sourcePlace: new Int32Array(count),
    targetPlace: new Int32Array(count),
    application: new Uint16Array(count),
    transport: new Uint16Array(count),
    bytes,
    packets: sumOf(numbers.client_packets, numbers.server_packets),
  }
  for (let flow = 0; flow < count; flow++) {
    const client = hostIndex.get(numbers.client_host_id[flow])!
    const server = hostIndex.get(numbers.server_host_id[flow])!
    flows.clientHost[flow] = client
    flows.serverHost[flow] = server
    flows.sourcePlace[flow] = hosts.place[client]
    flows.targetPlace[flow] = hosts.place[server]
    flows.application[flow] = applications.rankOf[label[flow]]
    flows.transport[flow] = transports.rankOf[codes.transport[flow]]
  }
  return {
    flows,
    details: Object.fromEntries([
      ...pageColumns('time', 'count').map(({ name }) => [camelCase(name), numbers[name]]),
      ...pageColumns('port').map(({ name }) => [camelCase(name), new Int32Array(numbers[name])]),
      ...pageColumns('text').map(({ name }) => [camelCase(name), { texts: texts[name], code: codes[name] }]),
    ]) as FlowDetails,
    applications: applications.texts,
    transports: transports.texts,
  }
}

/** Label of a flow without an application, from its transport: "other tcp", "icmp". */
export function labelWithout(transport: string): string {
  return ['tcp', 'udp', 'sctp'].includes(transport) ? `other ${transport}` : transport
}

function sumOf(a: Float64Array, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length)
  for (let at = 0; at < sum.length; at++) sum[at] = a[at] + b[at]
  return sum
}

/** Most names kept. There are 256 IP protocols; the analyzer knows about a hundred applications. The rest with fewest bytes count as one. */
const MOST = { applications: 1000, transports: 256 }
const REST = 'others'

/** Texts that occur, most bytes first, after those of `before`; and the new number of each old number. */
function rankByBytes(texts: string[], code: Int32Array, bytes: Float64Array, most: number, before: readonly string[] = []) {
  const sums = new Float64Array(texts.length)
  const occurs = new Uint8Array(texts.length)
  for (let flow = 0; flow < code.length; flow++) {
    sums[code[flow]] += bytes[flow]
    occurs[code[flow]] = 1
  }
  const known = new Set(before)
  const added = texts
    .map((text, index) => ({ text, index }))
    .filter(({ text, index }) => occurs[index] === 1 && !known.has(text))
    .sort((a, b) => sums[b.index] - sums[a.index] || (a.text < b.text ? -1 : 1))
  const all = [...before, ...added.map(({ text }) => text)]
  const ranked = all.length > most ? [...all.slice(0, most - 1), REST] : all
  const rank = new Map(ranked.map((text, index) => [text, index]))
  return { texts: ranked, rankOf: texts.map((text) => rank.get(text) ?? ranked.length - 1) }
}
