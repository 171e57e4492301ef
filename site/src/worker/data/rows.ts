// All rows that the page needs for playback, read once: tables -> typed columns that stay in the worker.
import type { Database } from 'sql.js'
import { addressKey } from '../../../../src/filter/address.ts'
import type { TextColumn } from '../../../../src/filter/source.ts'
import type { Span } from '../../../../src/flows/spans.ts'
import type { FlowColumns } from '../../model/flow-columns.ts'
import type { ReportPlace } from '../../model/report.ts'
import { isCount, isPosition, isTime, type LeftOut, leaveOut, textOf } from '../../model/sound.ts'
import { readActivity } from './activity-rows.ts'
import { readAlerts } from './alert-rows.ts'
import { DatabaseError, eachRow, forEachRow } from './database.ts'
import { readEras, shownEra } from './eras.ts'
import { readFlows } from './flow-rows.ts'
import type { HostColumns, NameColumns, ReportRows } from './row-types.ts'
import { checkTables, countRows } from './table-shape.ts'

/**
 * `file`: the bytes of the opened file; null when the database has changed since. `live`: of a running capture, with its previous rows.
 * `era`: after a clock jump, number of the part to be shown, from 1; 0 for the main one.
 */
export function* readRows(
  database: Database,
  file: Uint8Array | null,
  live?: { before: ReportRows | undefined },
  era = 0,
): Generator<void, ReportRows> {
  checkTables(database)
  const leftOut: LeftOut = {}
  const told = readMeta(database)
  // The parts are known of a whole capture only: of a running one they are those of the packets up to the snapshot.
  const eras = live ? [] : readEras(database, told)
  const shown = shownEra(eras, era, told)
  const meta = shown === null ? told : timelineOf(told, eras[shown])
  const { places, placeIndex } = readPlaces(database, leftOut)
  const { hosts, hostIndex } = yield* readHosts(database, placeIndex, leftOut)
  const names = yield* readNames(database, hostIndex, leftOut)
  const read = yield* readFlows(database, { hosts, hostIndex, before: live?.before, file, leftOut })
  const rowOfFlow = rowLookup(read.flows)
  const activity = yield* readActivity(database, rowOfFlow, meta, file, leftOut)
  const alerts = readAlerts(database, hostIndex, rowOfFlow, leftOut)
  return {
    meta,
    eras,
    shownEra: shown,
    places,
    placeIds: [...placeIndex.keys()],
    hosts,
    names,
    activity,
    alerts,
    rowOfFlow,
    leftOut,
    ...read,
  }
}

/** Most rows of `meta`; the analyzer writes about sixty. */
const MOST_KEYS = 1000

/** Throws when a number that other computations need is missing or impossible. */
export function readMeta(database: Database): Record<string, string> {
  const meta: Record<string, string> = {}
  forEachRow(database, `SELECT key, value FROM meta LIMIT ${MOST_KEYS}`, (row) => {
    const [key, value] = row.get()
    meta[textOf(key)] = textOf(value)
  })
  for (const key of ['first_us', 'last_us', 'main_first_us', 'main_last_us', 'tick_us', 'packets', 'bytes']) {
    const value = Number(meta[key] || 0)
    if (key.endsWith('t_us') ? !isTime(value) : !isCount(value))
      throw new DatabaseError(
        `The database of this report has ${key} = ${textOf(meta[key]).slice(0, 40)}, which is impossible. Run rtnvis on the capture again.`,
      )
  }
  return meta
}

/**
 * After a clock jump the page shows one part: the timeline covers that part, and `first_tick` is the number of its first tick in the table
 * `activity`; `outer_first_us` and `outer_last_us` are the ends of all packets.
 */
function timelineOf(meta: Record<string, string>, { fromUs, toUs }: Span): Record<string, string> {
  const [firstUs, tickUs] = [Number(meta.first_us), Number(meta.tick_us)]
  const ticks = Math.floor((toUs - fromUs) / tickUs) + 1
  const firstTick = Math.round((fromUs - firstUs) / tickUs)
  const outer = { outer_first_us: meta.first_us, outer_last_us: meta.last_us }
  return { ...meta, ...outer, first_us: String(fromUs), last_us: String(toUs), ticks: String(ticks), first_tick: String(firstTick) }
}

function readPlaces(database: Database, leftOut: LeftOut) {
  const places: ReportPlace[] = []
  const placeIndex = new Map<number, number>()
  countRows(database, 'places')
  forEachRow(
    database,
    'SELECT id, latitude_deg, longitude_deg, accuracy_km, city, region, country_code, country, time_zone, precision FROM places ORDER BY id',
    (row) => {
      const [id, latitudeDeg, longitudeDeg, accuracyKm, city, region, countryCode, country, timeZone, precision] = row.get()
      if (!isCount(id) || !isPosition(latitudeDeg, longitudeDeg)) {
        leaveOut(leftOut, 'places')
        return
      }
      placeIndex.set(id, places.length)
      places.push({
        latitudeDeg: Number(latitudeDeg),
        longitudeDeg: Number(longitudeDeg),
        accuracyKm: isCount(accuracyKm) ? Math.min(accuracyKm, FARTHEST_KM) : null,
        city: textOf(city) || null,
        region: textOf(region) || null,
        countryCode: textOf(countryCode) || null,
        country: textOf(country) || null,
        timeZone: textOf(timeZone) || null,
        precision: textOf(precision),
      })
    },
  )
  return { places, placeIndex }
}

/** Half the circumference of the earth. */
const FARTHEST_KM = 20_038

/** Addresses of the rows that stand for all hosts without their own row (flows/hosts.ts). */
const EVERY_ADDRESS: ReadonlySet<unknown> = new Set(['0.0.0.0/0', '::/0'])

function* readHosts(
  database: Database,
  placeIndex: Map<number, number>,
  leftOut: LeftOut,
): Generator<void, { hosts: HostColumns; hostIndex: Map<number, number> }> {
  const count = countRows(database, 'hosts')
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
    const key = EVERY_ADDRESS.has(ip) ? '' : addressKey(textOf(ip))
    if (!isCount(id) || key === null || hostIndex.has(id)) {
      leaveOut(leftOut, 'hosts')
      return
    }
    const index = hosts.ip.push(textOf(ip)) - 1
    hosts.id[index] = id
    hosts.key.push(key)
    hosts.scope.push(textOf(scope))
    hosts.asn.push(isCount(asn) ? asn : null)
    hosts.asName.push(textOf(asName))
    hosts.name.push(textOf(name))
    hostIndex.set(id, index)
    if (place !== null) hosts.place[index] = placeIndex.get(Number(place)) ?? -1
  })
  const kept = hosts.ip.length
  if (kept < count) Object.assign(hosts, { count: kept, id: hosts.id.slice(0, kept), place: hosts.place.slice(0, kept) })
  return { hosts, hostIndex }
}

/** Reads the host names again after they changed. */
export function updateHostNames(database: Database, hosts: HostColumns, hostIndex: Map<number, number>): void {
  forEachRow(database, 'SELECT id, name FROM hosts WHERE name IS NOT NULL', (row) => {
    const [id, name] = row.get()
    const index = hostIndex.get(id as number)
    if (index !== undefined) hosts.name[index] = textOf(name)
  })
}

/** Reads the names of all hosts. */
export function* readNames(database: Database, hostIndex: Map<number, number>, leftOut: LeftOut): Generator<void, NameColumns> {
  const rows = countRows(database, 'names')
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
    if (host === undefined || !isCount(count) || !isTime(firstUs)) {
      leaveOut(leftOut, 'names')
      return
    }
    const index = names.texts.push(textOf(name)) - 1
    names.host[index] = host
    names.source.push(textOf(source))
    names.count[index] = count
    names.firstUs[index] = firstUs
  })
  return names
}

/** Builds a column of texts that repeat; null and "" count as no text. */
export class TextBuilder implements TextColumn {
  readonly texts: string[] = []
  readonly code: Int32Array
  readonly #codes = new Map<string, number>()

  constructor(count: number) {
    this.code = new Int32Array(count).fill(-1)
  }

  set(row: number, value: unknown): void {
    const text = textOf(value)
    if (text === '') return
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
  if (flows.count === 0 || (flows.id[0] === 1 && flows.id[flows.count - 1] === flows.count))
    return (id) => (Number.isInteger(id) && id >= 1 && id <= flows.count ? id - 1 : -1)
  const rows = new Map(Array.from(flows.id, (id, row) => [id, row]))
  return (id) => rows.get(id) ?? -1
}
