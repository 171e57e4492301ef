// The flows that pass the filter, within the span -> who sends to whom: by country, by network or by host.
import { formatCountry } from '../../../../src/geo/country-name.ts'
import { placeName } from '../../model/report.ts'
import { ticksOf } from '../../model/timeline.ts'
import type { Matrix, MatrixBy, MatrixEnd, Share } from '../../protocol/answers.ts'
import type { Questions, Scope } from '../../protocol/messages.ts'
import { formatCsv } from '../../ui/csv.ts'
import type { OpenReport } from '../data/report-state.ts'
import { TextFile } from '../text-file.ts'
import { add, eachFlow } from './counting.ts'

type Name = Omit<MatrixEnd, keyof Share>

/** The ends of all flows: which one each host belongs to. Every host belongs to exactly one. */
interface Ends {
  names: Name[]
  endOfHost: Int32Array
}

const noShare = (): Share => ({ bytes: 0, packets: 0, flows: 0 })

export function* buildMatrix(open: OpenReport, { of, by, most, ...scope }: Questions['matrix']['question']): Generator<void, Matrix> {
  const ends = endsOf(open, of)
  const pairs = yield* countPairs(open, scope, ends)
  const rows = rank(pairs, ends, by, most, (pair) => Math.floor(pair / ends.names.length))
  const columns = rank(pairs, ends, by, most, (pair) => pair % ends.names.length)
  const cells = rows.ends.length * columns.ends.length
  const matrix: Matrix = {
    rows: rows.ends,
    columns: columns.ends,
    bytes: new Float64Array(cells),
    packets: new Float64Array(cells),
    flows: new Float64Array(cells),
    total: noShare(),
  }
  for (const [pair, share] of pairs) {
    const at = rows.placeOf(Math.floor(pair / ends.names.length)) * columns.ends.length + columns.placeOf(pair % ends.names.length)
    for (const value of ['bytes', 'packets', 'flows'] as const) {
      matrix[value][at] += share[value]
      matrix.total[value] += share[value]
    }
  }
  return matrix
}

export function* matrixCsv(open: OpenReport, { of, ...scope }: Questions['matrixCsv']['question']): Generator<void, Blob> {
  const { names, endOfHost } = endsOf(open, of)
  const pairs = yield* countPairs(open, scope, { names, endOfHost })
  const sorted = [...pairs].sort(([a, x], [b, y]) => y.bytes - x.bytes || a - b)
  const nameOf = (end: number) => (of === 'host' ? names[end].value : names[end].label)
  const file = new TextFile()
  file.add(formatCsv(['from', 'to', 'bytes', 'packets', 'flows'], []))
  for (const [pair, { bytes, packets, flows }] of sorted)
    file.add(formatCsv(null, [[nameOf(Math.floor(pair / names.length)), nameOf(pair % names.length), bytes, packets, flows]]))
  return file.finish()
}

/** Client's end x number of ends + server's end -> its traffic. */
function* countPairs(
  { rows, report, matches }: OpenReport,
  { filterText, span }: Scope,
  { names, endOfHost }: Ends,
): Generator<void, Map<number, Share>> {
  const pairs = new Map<number, Share>()
  const { clientHost, serverHost } = rows.flows
  yield* eachFlow(rows, ticksOf(span, report.timeline), matches.mask(filterText), (flow, bytes, packets) => {
    const pair = endOfHost[clientHost[flow]] * names.length + endOfHost[serverHost[flow]]
    let share = pairs.get(pair)
    if (!share) {
      share = noShare()
      pairs.set(pair, share)
    }
    add(share, bytes, packets)
  })
  return pairs
}

/** The largest ends of one side, then all others as one. */
function rank(pairs: Map<number, Share>, { names }: Ends, by: keyof Share, most: number, endOf: (pair: number) => number) {
  const sums = new Map<number, Share>()
  for (const [pair, share] of pairs) addTo(sums, endOf(pair), share)
  const order = [...sums].sort(([a, x], [b, y]) => y[by] - x[by] || y.bytes - x.bytes || a - b)
  const isCut = order.length > most
  const shown = isCut ? order.slice(0, most - 1) : order
  const rest = noShare()
  for (const [, share] of order.slice(shown.length)) for (const value of ['bytes', 'packets', 'flows'] as const) rest[value] += share[value]
  const place = new Map(shown.map(([end], at) => [end, at]))
  const ends: MatrixEnd[] = shown.map(([end, share]) => ({ ...names[end], ...share }))
  if (isCut) ends.push({ label: `${order.length - shown.length} others`, detail: '', value: '', ...rest })
  return { ends, placeOf: (end: number) => place.get(end) ?? shown.length }
}

function addTo(sums: Map<number, Share>, end: number, { bytes, packets, flows }: Share): void {
  const sum = sums.get(end) ?? noShare()
  sums.set(end, sum)
  sum.bytes += bytes
  sum.packets += packets
  sum.flows += flows
}

function endsOf({ rows, report }: OpenReport, of: MatrixBy): Ends {
  const { hosts, places } = rows
  if (of === 'host')
    return {
      names: hosts.ip.map((ip, host) => ({ label: hosts.name[host] || ip, detail: hosts.name[host] ? ip : '', value: ip })),
      endOfHost: Int32Array.from(hosts.ip, (_, host) => host),
    }
  const origin = report.origin >= 0 ? placeName(places[report.origin]) : ''
  const nameOf = (host: number): Name => {
    if (of === 'network') {
      const number = hosts.asn[host]
      if (number === null) return { label: 'No network known', detail: '', value: 'no-as' }
      return { label: hosts.asName[host] || `AS${number}`, detail: `AS${number}`, value: `AS${number}` }
    }
    const place = places[hosts.place[host]]
    if (!place) return { label: 'Unlocated', detail: '', value: 'unlocated' }
    if (place.precision === 'origin') return { label: 'Origin', detail: origin, value: 'origin' }
    const code = place.countryCode
    return code ? { label: formatCountry(code), detail: code, value: code } : { label: 'No country known', detail: '', value: '' }
  }
  const names: Name[] = []
  const known = new Map<string, number>()
  const endOfHost = Int32Array.from(hosts.ip, (_, host) => {
    const name = nameOf(host)
    const end = known.get(name.value) ?? names.push(name) - 1
    known.set(name.value, end)
    return end
  })
  return { names, endOfHost }
}
