// Every row the page plays from, read once: tables -> typed columns that stay in the worker.
import type { Database } from 'sql.js'
import { addressKey } from '../../filter/address.ts'
import type { TextColumn } from '../../filter/match.ts'
import type { FlowColumns } from '../../model/flow-columns.ts'
import type { ReportPlace } from '../../model/report.ts'
import { readActivity } from './activity-rows.ts'
import { readAlerts } from './alert-rows.ts'
import { eachRow, forEachRow, numberOf } from './database.ts'
import { readFlows } from './flow-rows.ts'
import type { HostColumns, NameColumns, ReportRows } from './row-types.ts'

/** `file`: the bytes that were opened, if they still are what the database holds; `before`: a running capture's rows so far. */
export function* readRows(database: Database, file: Uint8Array | null, before?: ReportRows): Generator<void, ReportRows> {
  const meta = mainTimeline(readMeta(database))
  const { places, placeIndex } = readPlaces(database)
  const { hosts, hostIndex } = yield* readHosts(database, placeIndex)
  const names = yield* readNames(database, hostIndex)
  const read = yield* readFlows(database, { hosts, hostIndex, before, file })
  const rowOfFlow = rowLookup(read.flows)
  const activity = yield* readActivity(database, rowOfFlow, meta, file)
  const alerts = readAlerts(database, hostIndex, rowOfFlow)
  return { meta, places, hosts, names, activity, alerts, rowOfFlow, ...read }
}

export function readMeta(database: Database): Record<string, string> {
  const meta: Record<string, string> = {}
  forEachRow(database, 'SELECT key, value FROM meta', (row) => {
    const [key, value] = row.get()
    meta[String(key)] = String(value)
  })
  return meta
}

/**
 * Where a clock jumped, the page shows the part with the packets: its timeline is that part, and `first_tick` is the number of its first tick in the
 * table `activity`.
 */
function mainTimeline(meta: Record<string, string>): Record<string, string> {
  const [firstUs, tickUs] = [Number(meta.first_us), Number(meta.tick_us)]
  const [fromUs, toUs] = [Number(meta.main_first_us), Number(meta.main_last_us)]
  if (!meta.main_first_us || !(tickUs > 0) || (fromUs === firstUs && toUs === Number(meta.last_us))) return meta
  const ticks = Math.floor((toUs - fromUs) / tickUs) + 1
  const firstTick = Math.round((fromUs - firstUs) / tickUs)
  return { ...meta, first_us: String(fromUs), last_us: String(toUs), ticks: String(ticks), first_tick: String(firstTick) }
}

function readPlaces(database: Database) {
  const places: ReportPlace[] = []
  const placeIndex = new Map<number, number>()
  forEachRow(
    database,
    'SELECT id, latitude_deg, longitude_deg, accuracy_km, city, region, country_code, country, time_zone, precision FROM places ORDER BY id',
    (row) => {
      const [id, latitudeDeg, longitudeDeg, accuracyKm, city, region, countryCode, country, timeZone, precision] = row.get()
      placeIndex.set(Number(id), places.length)
      places.push({
        latitudeDeg: Number(latitudeDeg),
        longitudeDeg: Number(longitudeDeg),
        accuracyKm: typeof accuracyKm === 'number' ? accuracyKm : null,
        city: textOf(city),
        region: textOf(region),
        countryCode: textOf(countryCode),
        country: textOf(country),
        timeZone: textOf(timeZone),
        precision: String(precision),
      })
    },
  )
  return { places, placeIndex }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function* readHosts(
  database: Database,
  placeIndex: Map<number, number>,
): Generator<void, { hosts: HostColumns; hostIndex: Map<number, number> }> {
  const count = numberOf(database, 'SELECT count(*) FROM hosts')
  const hosts: HostColumns = {
    count,
    id: new Float64Array(count),
    ip: [],
    key: [],
    name: [],
    scope: [],
    asn: [],
    asName: [],
    place: new Int32Array(count).fill(-1),
  }
  const hostIndex = new Map<number, number>()
  yield* eachRow(database, 'SELECT id, ip, scope, place_id, asn, as_name, name FROM hosts ORDER BY id', (row) => {
    const [id, ip, scope, place, asn, asName, name] = row.get()
    const index = hosts.ip.push(String(ip)) - 1
    hosts.id[index] = Number(id)
    hosts.key.push(addressKey(String(ip)) ?? '')
    hosts.scope.push(String(scope))
    hosts.asn.push(asn === null ? null : Number(asn))
    hosts.asName.push(asName === null ? '' : String(asName))
    hosts.name.push(name === null ? '' : String(name))
    hostIndex.set(Number(id), index)
    if (place !== null) hosts.place[index] = placeIndex.get(Number(place)) ?? -1
  })
  return { hosts, hostIndex }
}

/** The names by which hosts are shown, where they have changed. */
export function updateHostNames(database: Database, hosts: HostColumns, hostIndex: Map<number, number>): void {
  forEachRow(database, 'SELECT id, name FROM hosts WHERE name IS NOT NULL', (row) => {
    const [id, name] = row.get()
    const index = hostIndex.get(Number(id))
    if (index !== undefined) hosts.name[index] = String(name)
  })
}

/** Reads the names of all hosts. */
export function* readNames(database: Database, hostIndex: Map<number, number>): Generator<void, NameColumns> {
  const rows = numberOf(database, 'SELECT count(*) FROM names')
  const names: NameColumns = {
    texts: [],
    host: new Int32Array(rows),
    source: [],
    firstUs: new Float64Array(rows),
    count: new Float64Array(rows),
  }
  yield* eachRow(database, 'SELECT host_id, name, source, count, first_us FROM names ORDER BY host_id, name, source', (row) => {
    const [id, name, source, count, firstUs] = row.get()
    const host = hostIndex.get(Number(id))
    if (host === undefined) return
    const index = names.texts.push(String(name)) - 1
    names.host[index] = host
    names.source.push(String(source))
    names.count[index] = Number(count)
    names.firstUs[index] = Number(firstUs)
  })
  return names
}

/** A column of texts that repeat: null and "" are none. */
export class TextBuilder implements TextColumn {
  readonly texts: string[] = []
  readonly code: Int32Array
  readonly #codes = new Map<string, number>()

  constructor(count: number) {
    this.code = new Int32Array(count).fill(-1)
  }

  set(row: number, value: unknown): void {
    if (value === null || value === '') return
    const text = String(value)
    let code = this.#codes.get(text)
    if (code === undefined) {
      code = this.texts.push(text) - 1
      this.#codes.set(text, code)
    }
    this.code[row] = code
  }
}

/** `flows.id` -> row number. Ids are 1 to n unless another program changed the file. */
function rowLookup(flows: FlowColumns): (id: number) => number {
  if (flows.count === 0 || (flows.id[0] === 1 && flows.id[flows.count - 1] === flows.count)) return (id) => id - 1
  const rows = new Map(Array.from(flows.id, (id, row) => [id, row]))
  return (id) => rows.get(id) ?? 0
}
