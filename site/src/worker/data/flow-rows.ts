// Rows of `flows` as columns: from the file's pages where it can be, else through the engine.
import type { Database } from 'sql.js'
import type { FlowColumns } from '../../model/flow-columns.ts'
import { eachRow, numberOf } from './database.ts'
import type { FlowDetails, HostColumns } from './row-types.ts'
import { StoredTexts, scanTable } from './table-scan.ts'
import { columnsOf, rootOf } from './table-shape.ts'

export interface FlowRows {
  flows: FlowColumns
  details: FlowDetails
  applications: string[]
  transports: string[]
}

/** What a reading must be told of the rows around it. `before`: names that keep their numbers. */
export interface FlowContext {
  hosts: HostColumns
  hostIndex: Map<number, number>
  before?: { applications: string[]; transports: string[] } | undefined
  /** The file that was opened; null when it has changed since. */
  file: Uint8Array | null
}

const NUMBERS = [
  'client_host_id',
  'server_host_id',
  'first_us',
  'last_us',
  'client_packets',
  'server_packets',
  'client_bytes',
  'server_bytes',
  'client_port',
  'server_port',
] as const
const TEXTS = ['transport', 'application', 'state', 'server_name', 'ja4', 'tunnel'] as const

/** As the database has them: numbers of null ports are -1, texts are numbers of `texts`. */
interface RawFlows {
  id: Float64Array
  numbers: Record<(typeof NUMBERS)[number], Float64Array>
  codes: Record<(typeof TEXTS)[number], Int32Array>
  texts: Record<(typeof TEXTS)[number], string[]>
}

export function* readFlows(database: Database, context: FlowContext): Generator<void, FlowRows> {
  const count = numberOf(database, 'SELECT count(*) FROM flows')
  const raw = (context.file && (yield* scanFlows(database, context.file, count))) ?? (yield* queryFlows(database, count))
  yield
  return arrange(raw, count, context)
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
  const [clientPort, serverPort] = [NUMBERS.indexOf('client_port'), NUMBERS.indexOf('server_port')]
  let at = 0
  const isRead = yield* scanTable(file, rootOf(database, 'flows'), columns.length, false, (row) => {
    raw.id[at] = row.rowid
    for (let index = 0; index < values.length; index++) values[index]![at] = row.number(numberAt[index]!)
    if (row.isNull(numberAt[clientPort]!)) values[clientPort]![at] = -1
    if (row.isNull(numberAt[serverPort]!)) values[serverPort]![at] = -1
    for (let index = 0; index < codes.length; index++) codes[index]![at] = texts[index]!.code(row, textAt[index]!)
    at++
  })
  if (!isRead || at !== count) return null
  TEXTS.forEach((name, index) => {
    raw.texts[name] = texts[index]!.texts
  })
  return raw
}

function* queryFlows(database: Database, count: number): Generator<void, RawFlows> {
  const raw = makeRaw(count)
  const known = TEXTS.map(() => new Map<string, number>())
  let at = 0
  yield* eachRow(database, `SELECT id, ${[...NUMBERS, ...TEXTS].join(', ')} FROM flows ORDER BY id`, (row) => {
    const values = row.get()
    raw.id[at] = Number(values[0])
    NUMBERS.forEach((name, index) => {
      raw.numbers[name][at] = values[index + 1] === null ? -1 : Number(values[index + 1])
    })
    TEXTS.forEach((name, index) => {
      const value = values[NUMBERS.length + 1 + index]
      const text = value === null ? '' : String(value)
      let code = text === '' ? -1 : known[index]!.get(text)
      if (code === undefined) {
        code = raw.texts[name].push(text) - 1
        known[index]!.set(text, code)
      }
      raw.codes[name][at] = code
    })
    at++
  })
  return raw
}

/** Raw rows -> columns with hosts, places, applications and transports by number. */
function arrange({ id, numbers, codes, texts }: RawFlows, count: number, { hosts, hostIndex, before }: FlowContext): FlowRows {
  const bytes = sumOf(numbers.client_bytes, numbers.server_bytes)
  const transports = rankByBytes(texts.transport, codes.transport, bytes, before?.transports)
  const others = texts.transport.map(labelWithout)
  const labels = [...new Set([...texts.application, ...others])]
  const labelOf = new Map(labels.map((label, index) => [label, index]))
  const ownLabel = texts.application.map((label) => labelOf.get(label)!)
  const otherLabel = others.map((label) => labelOf.get(label)!)
  const label = new Int32Array(count)
  for (let flow = 0; flow < count; flow++)
    label[flow] = codes.application[flow]! >= 0 ? ownLabel[codes.application[flow]!]! : otherLabel[codes.transport[flow]!]!
  const applications = rankByBytes(labels, label, bytes, before?.applications)
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
    const client = hostIndex.get(numbers.client_host_id[flow]!) ?? 0
    const server = hostIndex.get(numbers.server_host_id[flow]!) ?? 0
    flows.clientHost[flow] = client
    flows.serverHost[flow] = server
    flows.sourcePlace[flow] = hosts.place[client]!
    flows.targetPlace[flow] = hosts.place[server]!
    flows.application[flow] = applications.rankOf[label[flow]!]!
    flows.transport[flow] = transports.rankOf[codes.transport[flow]!]!
  }
  return {
    flows,
    details: {
      clientPort: new Int32Array(numbers.client_port),
      serverPort: new Int32Array(numbers.server_port),
      clientBytes: numbers.client_bytes,
      firstUs: numbers.first_us,
      lastUs: numbers.last_us,
      state: { texts: texts.state, code: codes.state },
      serverName: { texts: texts.server_name, code: codes.server_name },
      ja4: { texts: texts.ja4, code: codes.ja4 },
      tunnel: { texts: texts.tunnel, code: codes.tunnel },
    },
    applications: applications.texts,
    transports: transports.texts,
  }
}

/** A flow without an application counts under its transport: "other tcp", "icmp". */
export function labelWithout(transport: string): string {
  return ['tcp', 'udp', 'sctp'].includes(transport) ? `other ${transport}` : transport
}

function sumOf(a: Float64Array, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length)
  for (let at = 0; at < sum.length; at++) sum[at] = a[at]! + b[at]!
  return sum
}

/** Texts that occur, most bytes first, those of `before` keeping their places; and the new number of each old one. */
function rankByBytes(texts: string[], code: Int32Array, bytes: Float64Array, before: readonly string[] = []) {
  const sums = new Float64Array(texts.length)
  const occurs = new Uint8Array(texts.length)
  for (let flow = 0; flow < code.length; flow++) {
    sums[code[flow]!]! += bytes[flow]!
    occurs[code[flow]!] = 1
  }
  const known = new Set(before)
  const added = texts
    .map((text, index) => ({ text, index }))
    .filter(({ text, index }) => occurs[index] === 1 && !known.has(text))
    .sort((a, b) => sums[b.index]! - sums[a.index]! || (a.text < b.text ? -1 : 1))
  const ranked = [...before, ...added.map(({ text }) => text)]
  const rank = new Map(ranked.map((text, index) => [text, index]))
  return { texts: ranked, rankOf: texts.map((text) => rank.get(text) ?? 0) }
}
