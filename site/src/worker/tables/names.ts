// The tables of names: every name in the capture with what is known of it, and the log of DNS questions.
import { readQuestions } from '../data/question-rows.ts'
import type { OpenReport } from '../data/report-state.ts'
import { coded, type Listed, numbers, rankTexts, rowsOf } from './source.ts'

interface NameIndex {
  texts: string[]
  /** Row of each text. */
  rowOf: Map<string, number>
  sources: Set<string>[]
  /** Microseconds; infinite when there is no time. */
  first: Float64Array
}

export function listNameRows(report: OpenReport, mask: Uint8Array): Listed {
  const { flows, details, hosts, names } = report.rows
  const questions = readQuestions(report)
  const { texts, sources, rowOf, first } = readNameIndex(report)
  const count = texts.length
  const column = () => new Float64Array(count)
  const [flowsOf, bytes, packets, asked, failed, hostsOf, askers] = [column(), column(), column(), column(), column(), column(), column()]
  const activeHosts = new Uint8Array(hosts.count)
  const serverNameRow = details.serverName.texts.map((text) => rowOf.get(text)!)
  const totals = { rows: 0, flows: 0, bytes: 0, packets: 0 }
  for (let flow = 0; flow < flows.count; flow++) {
    if (!mask[flow]) continue
    activeHosts[flows.clientHost[flow]] = 1
    activeHosts[flows.serverHost[flow]] = 1
    const code = details.serverName.code[flow]
    if (code < 0) continue
    const row = serverNameRow[code]
    flowsOf[row]++
    bytes[row] += flows.bytes[flow]
    packets[row] += flows.packets[flow]
    totals.flows++
    totals.bytes += flows.bytes[flow]
    totals.packets += flows.packets[flow]
  }
  const pairs = new Set<number>()
  for (let index = 0; index < questions.count; index++) {
    const flow = questions.flow[index]
    if (!mask[flow]) continue
    const row = rowOf.get(questions.name.texts[questions.name.code[index]])!
    asked[row]++
    if (questions.code.code[index] >= 0 && questions.code.texts[questions.code.code[index]] !== 'NOERROR') failed[row]++
    pairs.add(row * hosts.count + flows.clientHost[flow])
  }
  for (const pair of pairs) askers[Math.floor(pair / hosts.count)]++
  let hostBefore = -1
  let nameBefore = ''
  for (let index = 0; index < names.texts.length; index++) {
    // Sorted by host, then name: a name with several sources counts once for each host.
    const host = names.host[index]
    if (activeHosts[host] && (host !== hostBefore || names.texts[index] !== nameBefore)) hostsOf[rowOf.get(names.texts[index])!]++
    hostBefore = host
    nameBefore = names.texts[index]
  }
  const seen = Uint8Array.from({ length: count }, (_, row) => (flowsOf[row] + asked[row] + hostsOf[row] > 0 ? 1 : 0))
  const rows = rowsOf(seen)
  totals.rows = rows.length
  const each = Int32Array.from({ length: count }, (_, row) => row)
  const sourceTexts = sources.map((set) => [...set].sort().join(', '))
  return {
    rows,
    totals,
    key: (row) => texts[row],
    columns: {
      name: coded(texts, each),
      sources: coded(sourceTexts, each),
      hosts: numbers(hostsOf),
      flows: numbers(flowsOf),
      bytes: numbers(bytes),
      questions: numbers(asked),
      failures: numbers(failed),
      askers: numbers(askers),
      first: {
        value: (row) => (Number.isFinite(first[row]) ? first[row] : null),
        rank: () => first.map((us) => (Number.isFinite(us) ? us : -1)),
      },
    },
  }
}

const INDEXES = new WeakMap<object, NameIndex>()

/** All distinct names of a report; made once. */
function readNameIndex(report: OpenReport): NameIndex {
  const { rows } = report
  const known = INDEXES.get(rows)
  if (known) return known
  const rowOf = new Map<string, number>()
  const texts: string[] = []
  const sources: Set<string>[] = []
  const first: number[] = []
  const add = (text: string, source: string, firstUs: number) => {
    let row = rowOf.get(text)
    if (row === undefined) {
      row = texts.push(text) - 1
      rowOf.set(text, row)
      sources.push(new Set())
      first.push(Number.POSITIVE_INFINITY)
    }
    if (source) sources[row].add(source)
    first[row] = Math.min(first[row], firstUs)
  }
  rows.names.texts.forEach((text, index) => {
    add(text, rows.names.source[index], rows.names.firstUs[index])
  })
  const { serverName } = rows.details
  for (let flow = 0; flow < rows.flows.count; flow++)
    if (serverName.code[flow] >= 0) add(serverName.texts[serverName.code[flow]], '', rows.details.firstUs[flow])
  const questions = readQuestions(report)
  for (let index = 0; index < questions.count; index++)
    add(questions.name.texts[questions.name.code[index]], 'dns question', questions.atUs[index])
  const index: NameIndex = { texts, rowOf, sources, first: Float64Array.from(first) }
  INDEXES.set(rows, index)
  return index
}

export function listQuestionRows(report: OpenReport, mask: Uint8Array): Listed {
  const { flows, hosts } = report.rows
  const { count, flow, atUs, name, type, code, answers, answerUs } = readQuestions(report)
  const rows = rowsOf(Uint8Array.from({ length: count }, (_, index) => mask[flow[index]]))
  const client = Int32Array.from(flow, (row) => flows.clientHost[row])
  const server = Int32Array.from(flow, (row) => flows.serverHost[row])
  const seen = new Set(Array.from(rows, (row) => flow[row]))
  const totals = { rows: rows.length, flows: seen.size, bytes: 0, packets: 0 }
  for (const row of seen) {
    totals.bytes += flows.bytes[row]
    totals.packets += flows.packets[row]
  }
  const address = (host: Int32Array) => ({
    value: (row: number) => hosts.ip[host[row]],
    rank() {
      const order = rankTexts(hosts.key)
      return Int32Array.from(host, (index) => order[index])
    },
  })
  const column = (text: { texts: readonly string[]; code: ArrayLike<number> }) => coded(text.texts, text.code)
  return {
    rows,
    totals,
    key: (row) => flows.id[flow[row]],
    columns: {
      at: numbers(atUs),
      client: address(client),
      server: address(server),
      name: column(name),
      type: column(type),
      code: column(code),
      answerTime: numbers(answerUs, true),
      answers: column(answers),
      flow: { value: (row) => flows.id[flow[row]], rank: () => Float64Array.from(flow, (index) => flows.id[index]) },
    },
  }
}
