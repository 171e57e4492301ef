// Every row the page plays from, read once: tables -> typed columns that stay in the worker.
import type { Database } from 'sql.js'
import type { ActivityColumns, FlowColumns } from '../player/columns.ts'
import type { ReportPlace } from '../player/report.ts'
import { forEachRow, numberOf } from './database.ts'

/** Hosts by row number. */
export interface HostColumns {
  count: number
  ip: string[]
  /** Best name, or "". */
  name: string[]
  scope: string[]
  /** Index in places, or -1. */
  place: Int32Array
}

export interface ReportRows {
  meta: Record<string, string>
  places: ReportPlace[]
  hosts: HostColumns
  flows: FlowColumns
  /** first_us and last_us of each flow, by row number. */
  flowFirstUs: Float64Array
  flowLastUs: Float64Array
  activity: ActivityColumns
  applications: string[]
  transports: string[]
}

/** A name heard from the server itself says more than one somebody gave it. */
const NAME_SOURCES = ['tls', 'quic', 'http', 'dns', 'mdns']

export function readRows(database: Database): ReportRows {
  const meta: Record<string, string> = {}
  forEachRow(database, 'SELECT key, value FROM meta', (row) => {
    const [key, value] = row.get()
    meta[String(key)] = String(value)
  })
  const { places, placeIndex } = readPlaces(database)
  const { hosts, hostIndex } = readHosts(database, placeIndex)
  const read = readFlows(database, hosts, hostIndex)
  const activity = readActivity(database, read.flows, Number(meta.ticks) || 0)
  return { meta, places, hosts, activity, ...read }
}

function readPlaces(database: Database) {
  const places: ReportPlace[] = []
  const placeIndex = new Map<number, number>()
  forEachRow(
    database,
    'SELECT id, latitude_deg, longitude_deg, city, region, country_code, country, precision FROM places ORDER BY id',
    (row) => {
      const [id, latitudeDeg, longitudeDeg, city, region, countryCode, country, precision] = row.get()
      placeIndex.set(Number(id), places.length)
      places.push({
        latitudeDeg: Number(latitudeDeg),
        longitudeDeg: Number(longitudeDeg),
        city: textOf(city),
        region: textOf(region),
        countryCode: textOf(countryCode),
        country: textOf(country),
        precision: String(precision),
      })
    },
  )
  return { places, placeIndex }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function readHosts(database: Database, placeIndex: Map<number, number>) {
  const count = numberOf(database, 'SELECT count(*) FROM hosts')
  const hosts: HostColumns = { count, ip: [], name: new Array(count).fill(''), scope: [], place: new Int32Array(count).fill(-1) }
  const hostIndex = new Map<number, number>()
  forEachRow(database, 'SELECT id, ip, scope, place_id FROM hosts ORDER BY id', (row) => {
    const [id, ip, scope, place] = row.get()
    const index = hosts.ip.push(String(ip)) - 1
    hosts.scope.push(String(scope))
    hostIndex.set(Number(id), index)
    if (place !== null) hosts.place[index] = placeIndex.get(Number(place)) ?? -1
  })
  const rank = `CASE source ${NAME_SOURCES.map((source, index) => `WHEN '${source}' THEN ${index}`).join(' ')} ELSE ${NAME_SOURCES.length} END`
  forEachRow(database, `SELECT host_id, name FROM names ORDER BY ${rank} DESC, count, name DESC`, (row) => {
    const [id, name] = row.get()
    const index = hostIndex.get(Number(id))
    if (index !== undefined) hosts.name[index] = String(name)
  })
  return { hosts, hostIndex }
}

function readFlows(database: Database, hosts: HostColumns, hostIndex: Map<number, number>) {
  const applicationLabel =
    "coalesce(application, CASE WHEN transport IN ('tcp', 'udp', 'sctp') THEN 'other ' || transport ELSE transport END)"
  const applications = ranked(database, applicationLabel)
  const transports = ranked(database, 'transport')
  const applicationIndex = new Map(applications.map((name, index) => [name, index]))
  const transportIndex = new Map(transports.map((name, index) => [name, index]))
  const count = numberOf(database, 'SELECT count(*) FROM flows')
  const flows: FlowColumns = {
    count,
    id: new Float64Array(count),
    sourcePlace: new Int32Array(count),
    targetPlace: new Int32Array(count),
    application: new Uint16Array(count),
    transport: new Uint16Array(count),
    clientHost: new Int32Array(count),
    serverHost: new Int32Array(count),
    bytes: new Float64Array(count),
    packets: new Float64Array(count),
  }
  const flowFirstUs = new Float64Array(count)
  const flowLastUs = new Float64Array(count)
  let flow = 0
  forEachRow(
    database,
    `SELECT id, ${applicationLabel}, transport, client_host_id, server_host_id, client_bytes + server_bytes, client_packets + server_packets,
       first_us, last_us FROM flows ORDER BY id`,
    (row) => {
      const [id, application, transport, client, server, bytes, packets, firstUs, lastUs] = row.get()
      const clientHost = hostIndex.get(Number(client)) ?? 0
      const serverHost = hostIndex.get(Number(server)) ?? 0
      flows.id[flow] = Number(id)
      flows.application[flow] = applicationIndex.get(String(application))!
      flows.transport[flow] = transportIndex.get(String(transport))!
      flows.clientHost[flow] = clientHost
      flows.serverHost[flow] = serverHost
      flows.sourcePlace[flow] = hosts.place[clientHost]!
      flows.targetPlace[flow] = hosts.place[serverHost]!
      flows.bytes[flow] = Number(bytes)
      flows.packets[flow] = Number(packets)
      flowFirstUs[flow] = Number(firstUs)
      flowLastUs[flow] = Number(lastUs)
      flow++
    },
  )
  return { flows, flowFirstUs, flowLastUs, applications, transports }
}

/** Distinct values of a flow expression, most bytes first. */
function ranked(database: Database, expression: string): string[] {
  const values: string[] = []
  forEachRow(
    database,
    `SELECT ${expression} AS value FROM flows GROUP BY value ORDER BY sum(client_bytes + server_bytes) DESC, value`,
    (row) => {
      values.push(String(row.get()[0]))
    },
  )
  return values
}

function readActivity(database: Database, flows: FlowColumns, ticks: number): ActivityColumns {
  const rowOf = rowLookup(flows)
  const count = numberOf(database, 'SELECT count(*) FROM activity')
  const length = Math.max(ticks, numberOf(database, 'SELECT coalesce(max(tick) + 1, 0) FROM activity'))
  const activity: ActivityColumns = {
    count,
    tickStart: new Int32Array(length + 1),
    flow: new Int32Array(count),
    bytes: new Float64Array(count),
    packets: new Float64Array(count),
  }
  let at = 0
  forEachRow(
    database,
    'SELECT tick, flow_id, client_bytes + server_bytes, client_packets + server_packets FROM activity ORDER BY tick, flow_id',
    (row) => {
      const [tick, flow, bytes, packets] = row.get()
      activity.flow[at] = rowOf(Number(flow))
      activity.bytes[at] = Number(bytes)
      activity.packets[at] = Number(packets)
      at++
      activity.tickStart[Number(tick) + 1] = at
    },
  )
  for (let tick = 1; tick <= length; tick++) activity.tickStart[tick] = Math.max(activity.tickStart[tick]!, activity.tickStart[tick - 1]!)
  return activity
}

/** `flows.id` -> row number. Ids are 1 to n unless another program changed the file. */
function rowLookup(flows: FlowColumns): (id: number) => number {
  if (flows.count === 0 || (flows.id[0] === 1 && flows.id[flows.count - 1] === flows.count)) return (id) => id - 1
  const rows = new Map(Array.from(flows.id, (id, row) => [id, row]))
  return (id) => rows.get(id) ?? 0
}
