// The flows of what was clicked, as rows for the table and as CSV.
import type { Database } from 'sql.js'
import { quote } from '../../../../src/filter/syntax.ts'
import { addTerm } from '../../../../src/filter/terms.ts'
import { isoTime } from '../../../../src/iso-time.ts'
import { placeName, type Report } from '../../model/report.ts'
import { areasOf, type Grouping, groupRoutes } from '../../model/route-groups.ts'
import { textOf } from '../../model/sound.ts'
import type { FlowList, FlowQuery, FlowRow, Subject } from '../../protocol/answers.ts'
import { formatCsv } from '../../ui/csv.ts'
import type { OpenReport } from '../data/report-state.ts'
import type { ReportRows } from '../data/row-types.ts'
import { TextFile } from '../text-file.ts'
import { eachFlow } from './counting.ts'

/** Most rows in the table; the CSV file has all. */
const SHOWN = 300

/** Rows of the CSV file made between two checks for other messages. */
const CSV_SLICE = 5000

const CSV_COLUMNS = [
  'first (UTC)',
  'duration_s',
  'client',
  'client_name',
  'client_port',
  'server',
  'server_name',
  'server_port',
  'transport',
  'application',
  'bytes',
  'packets',
  'state',
]

export function* listFlows(open: OpenReport, query: FlowQuery): Generator<void, FlowList> {
  const matching = yield* match(open, query)
  return {
    rows: describe(open.database, open.rows, matching.slice(0, SHOWN)),
    total: matching.length,
    bytes: matching.reduce((sum, entry) => sum + entry.bytes, 0),
    terms: termsOf(open.rows, open.report, open.routeOfFlow, query.subject),
  }
}

export function* flowsCsv(open: OpenReport, query: FlowQuery): Generator<void, Blob> {
  const entries = yield* match(open, query)
  const file = new TextFile()
  file.add(formatCsv(CSV_COLUMNS, []))
  for (let from = 0; from < entries.length; from += CSV_SLICE) {
    const described = describe(open.database, open.rows, entries.slice(from, from + CSV_SLICE))
    file.add(
      formatCsv(
        null,
        described.map((row) => [
          isoTime(row.firstUs),
          (row.lastUs - row.firstUs) / 1e6,
          row.client,
          row.clientName,
          row.clientPort,
          row.server,
          row.serverName,
          row.serverPort,
          row.transport,
          row.application,
          row.bytes,
          row.packets,
          row.state,
        ]),
      ),
    )
    yield
  }
  return file.finish()
}

function termsOf(
  { flows, hosts, places, applications }: ReportRows,
  { routes }: Report,
  routeOfFlow: Int32Array,
  subject: Subject,
): string {
  const place = (index: number) => `place:${quote(placeName(places[index]))}`
  switch (subject.kind) {
    case 'all':
      return ''
    case 'place':
      return place(subject.place)
    case 'country':
      return `country:${quote(subject.country)}`
    case 'host':
      return `ip:${hosts.ip[subject.host]}`
    case 'application':
      return `app:${quote(applications[subject.application])}`
    case 'route': {
      const { route, grouping = 'route' } = subject
      if (grouping !== 'route') {
        const ends = grouping === 'source' ? [routes.source[route]] : [routes.source[route], routes.target[route]]
        return [...new Set(ends.map((index) => areaTerm(places, index, grouping)))].join(' ')
      }
      const flow = routeOfFlow.indexOf(subject.route)
      const ends = [...new Set([flows.sourcePlace[flow], flows.targetPlace[flow]])]
      return [...ends.map(place), `app:${quote(applications[flows.application[flow]])}`].join(' ')
    }
    case 'terms':
      return subject.terms
    default:
      return `is:${subject.kind}`
  }
}

/** One end of a group of routes, in the filter language. */
function areaTerm(places: ReportRows['places'], index: number, grouping: Grouping): string {
  const { precision, countryCode } = places[index]
  if (grouping !== 'places' && grouping !== 'regions' && precision !== 'origin' && countryCode !== null)
    return `country:${quote(countryCode)}`
  const area = areasOf(places, grouping)
  const names = new Set(places.filter((_, place) => area[place] === area[index]).map(placeName))
  const terms = [...names].map((name) => `place:${quote(name)}`)
  return terms.length === 1 ? terms[0] : `(${terms.join(' or ')})`
}

/** A flow's bytes and packets within the span asked for. */
interface Entry {
  flow: number
  bytes: number
  packets: number
}

function* match({ rows, report, routeOfFlow, matches }: OpenReport, { subject, span, filterText }: FlowQuery): Generator<void, Entry[]> {
  const { flows, places } = rows
  const { groupOf } = groupRoutes(report, subject.kind === 'route' ? (subject.grouping ?? 'route') : 'route')
  const concerns = (flow: number): boolean => {
    const ends = [flows.sourcePlace[flow], flows.targetPlace[flow]]
    switch (subject.kind) {
      case 'all':
      case 'terms':
        return true
      case 'route':
        return routeOfFlow[flow] >= 0 && groupOf[routeOfFlow[flow]] === groupOf[subject.route]
      case 'place':
        return ends.includes(subject.place)
      case 'country':
        return ends.some((place) => place >= 0 && places[place].precision !== 'origin' && places[place].countryCode === subject.country)
      case 'host':
        return flows.clientHost[flow] === subject.host || flows.serverHost[flow] === subject.host
      case 'application':
        return flows.application[flow] === subject.application
      case 'unlocated':
        return ends.includes(-1)
      case 'local':
        return ends.every((place) => place >= 0 && places[place].precision === 'origin')
    }
  }
  const entries: Entry[] = []
  const mask = matches.mask(subject.kind === 'terms' ? addTerm(filterText, subject.terms) : filterText)
  yield* eachFlow(rows, span, mask, (flow, bytes, packets) => {
    if (concerns(flow)) entries.push({ flow, bytes, packets })
  })
  return entries.sort((a, b) => b.bytes - a.bytes || a.flow - b.flow)
}

function describe(database: Database, rows: ReportRows, entries: Entry[]): FlowRow[] {
  const { flows, hosts } = rows
  const statement = database.prepare('SELECT client_port, server_port, server_name, state FROM flows WHERE id = ?')
  try {
    return entries.map(({ flow, bytes, packets }) => {
      const [clientPort, serverPort, serverName, state] = statement.get([flows.id[flow]])
      const client = flows.clientHost[flow]
      const server = flows.serverHost[flow]
      return {
        client: hosts.ip[client],
        clientName: hosts.name[client],
        clientPort: clientPort as number | null,
        server: hosts.ip[server],
        serverName: textOf(serverName) || hosts.name[server],
        serverPort: serverPort as number | null,
        transport: rows.transports[flows.transport[flow]],
        application: rows.applications[flows.application[flow]],
        bytes,
        packets,
        firstUs: rows.details.firstUs[flow],
        lastUs: rows.details.lastUs[flow],
        state: textOf(state),
      }
    })
  } finally {
    statement.free()
  }
}
