// The flows behind something clicked, as rows for the table and as CSV.
import type { Database } from 'sql.js'
import { quote } from '../../filter/syntax.ts'
import { placeName } from '../../model/report.ts'
import type { FlowList, FlowQuery, FlowRow, Subject } from '../../protocol/answers.ts'
import { formatCsv } from '../../ui/csv.ts'
import type { OpenReport } from '../data/report-state.ts'
import type { ReportRows } from '../data/row-types.ts'
import { eachFlow } from './counting.ts'

/** Rows a table shows at most; the CSV has all. */
const SHOWN = 300

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
    terms: termsOf(open.rows, open.laneOfFlow, query.subject),
  }
}

export function* flowsCsv(open: OpenReport, query: FlowQuery): Generator<void, string> {
  const described = describe(open.database, open.rows, yield* match(open, query))
  return formatCsv(
    CSV_COLUMNS,
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
  )
}

function termsOf({ flows, hosts, places, applications }: ReportRows, laneOfFlow: Int32Array, subject: Subject): string {
  const place = (index: number) => `place:${quote(placeName(places[index]!))}`
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
      return `app:${quote(applications[subject.application]!)}`
    case 'lane': {
      const flow = laneOfFlow.indexOf(subject.lane)
      const ends = [...new Set([flows.sourcePlace[flow]!, flows.targetPlace[flow]!])]
      return [...ends.map(place), `app:${quote(applications[flows.application[flow]!]!)}`].join(' ')
    }
    default:
      return `is:${subject.kind}`
  }
}

/** ISO 8601 with microseconds: Date alone would cut to milliseconds. */
function isoTime(us: number): string {
  const seconds = Math.floor(us / 1e6)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us - seconds * 1e6).padStart(6, '0')}Z`
}

/** A flow's bytes and packets within the span asked for. */
interface Entry {
  flow: number
  bytes: number
  packets: number
}

function* match({ rows, laneOfFlow, matches }: OpenReport, { subject, span, filterText }: FlowQuery): Generator<void, Entry[]> {
  const { flows, places } = rows
  const concerns = (flow: number): boolean => {
    const ends = [flows.sourcePlace[flow]!, flows.targetPlace[flow]!]
    switch (subject.kind) {
      case 'all':
        return true
      case 'lane':
        return laneOfFlow[flow] === subject.lane
      case 'place':
        return ends.includes(subject.place)
      case 'country':
        return ends.some((place) => place >= 0 && places[place]!.precision !== 'origin' && places[place]!.countryCode === subject.country)
      case 'host':
        return flows.clientHost[flow] === subject.host || flows.serverHost[flow] === subject.host
      case 'application':
        return flows.application[flow] === subject.application
      case 'unlocated':
        return ends.includes(-1)
      case 'local':
        return ends.every((place) => place >= 0 && places[place]!.precision === 'origin')
    }
  }
  const entries: Entry[] = []
  yield* eachFlow(rows, span, matches.mask(filterText), (flow, bytes, packets) => {
    if (concerns(flow)) entries.push({ flow, bytes, packets })
  })
  return entries.sort((a, b) => b.bytes - a.bytes || a.flow - b.flow)
}

function describe(database: Database, rows: ReportRows, entries: Entry[]): FlowRow[] {
  const { flows, hosts } = rows
  const statement = database.prepare('SELECT client_port, server_port, server_name, state FROM flows WHERE id = ?')
  try {
    return entries.map(({ flow, bytes, packets }) => {
      const [clientPort, serverPort, serverName, state] = statement.get([flows.id[flow]!])
      const client = flows.clientHost[flow]!
      const server = flows.serverHost[flow]!
      return {
        client: hosts.ip[client]!,
        clientName: hosts.name[client]!,
        clientPort: clientPort as number | null,
        server: hosts.ip[server]!,
        serverName: serverName ? String(serverName) : hosts.name[server]!,
        serverPort: serverPort as number | null,
        transport: rows.transports[flows.transport[flow]!]!,
        application: rows.applications[flows.application[flow]!]!,
        bytes,
        packets,
        firstUs: rows.details.firstUs[flow]!,
        lastUs: rows.details.lastUs[flow]!,
        state: String(state),
      }
    })
  } finally {
    statement.free()
  }
}
