// The rows of a list as a file: CSV (RFC 4180, safe in a spreadsheet), JSON, GeoJSON (RFC 7946). Made in slices of rows.
import { placeName } from '../../model/report.ts'
import { type Cell, TABLES } from '../../model/table-columns.ts'
import type { Questions } from '../../protocol/messages.ts'
import { type Cell as CsvCell, formatCsv } from '../../ui/csv.ts'
import type { OpenReport } from '../data/report-state.ts'
import { columnIds, readAll } from './index.ts'

/** Rows between two looks at what else is asked. */
const SLICE = 5000

type Making = Generator<void, string>

export function* makeFile(report: OpenReport, { list, columns, format }: Questions['file']['question']): Making {
  if (format === 'geojson') return yield* makeGeoJson(report, list)
  const ids = format === 'csv' ? [...columns] : columnIds(list.table)
  const rows = readAll(report, list, ids)
  const specs = ids.map((id) => TABLES[list.table].find((column) => column.id === id)!)
  let text = format === 'csv' ? formatCsv(specs.map(headOf), []) : '[\n'
  for (let from = 0; from < rows.length; from += SLICE) {
    const slice = rows.slice(from, from + SLICE)
    if (format === 'csv')
      text += formatCsv(
        null,
        slice.map((row) => row.map((cell, at): CsvCell => fileValue(specs[at]!.kind, cell))),
      )
    else
      text += slice
        .map((row, at) => {
          const fields = Object.fromEntries(row.map((cell, index) => [ids[index]!, fileValue(specs[index]!.kind, cell)]))
          return `${from + at === 0 ? '' : ',\n'}${JSON.stringify(fields)}`
        })
        .join('')
    yield
  }
  return format === 'csv' ? text : `${text}\n]\n`
}

/** Units are in the head, not in the cells. */
function headOf({ label, kind }: { label: string; kind: string }): string {
  return kind === 'time' ? `${label} (UTC)` : kind === 'duration' ? `${label} (s)` : label
}

function fileValue(kind: string, cell: Cell): Cell {
  if (typeof cell !== 'number') return cell
  if (kind === 'time') return isoTime(cell)
  return kind === 'duration' ? cell / 1e6 : cell
}

/** ISO 8601 with microseconds: Date alone would cut to milliseconds. */
export function isoTime(us: number): string {
  const seconds = Math.floor(us / 1e6)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us - seconds * 1e6).padStart(6, '0')}Z`
}

/** Hosts as points; flows as lines between their ends, those without two places with no geometry: none is left out. */
function* makeGeoJson(report: OpenReport, list: Questions['file']['question']['list']): Making {
  const { hosts, places } = report.rows
  const ids = columnIds(list.table)
  const rows = readAll(report, list, ids)
  const kinds = ids.map((id) => TABLES[list.table].find((column) => column.id === id)!.kind)
  const placeOf = new Map(hosts.ip.map((ip, host) => [ip, hosts.place[host]!]))
  const point = (place: number) => [places[place]!.longitudeDeg, places[place]!.latitudeDeg]
  const clientAt = ids.indexOf('client')
  const serverAt = ids.indexOf('server')
  const ipAt = ids.indexOf('ip')
  const features: string[] = []
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!
    const properties: Record<string, Cell> = Object.fromEntries(row.map((cell, at) => [ids[at]!, fileValue(kinds[at]!, cell)]))
    let geometry: object | null = null
    if (list.table === 'hosts') {
      const place = placeOf.get(String(row[ipAt]))!
      if (place >= 0) {
        geometry = { type: 'Point', coordinates: point(place) }
        properties.precision = places[place]!.precision
      }
    } else {
      const [from, to] = [placeOf.get(String(row[clientAt]))!, placeOf.get(String(row[serverAt]))!]
      if (from >= 0 && to >= 0) {
        properties.clientPlace = placeName(places[from]!)
        properties.serverPlace = placeName(places[to]!)
        geometry = { type: 'LineString', coordinates: [point(from), point(to)] }
      }
    }
    features.push(JSON.stringify({ type: 'Feature', geometry, properties }))
    if (index % SLICE === SLICE - 1) yield
  }
  return `{"type":"FeatureCollection","features":[\n${features.join(',\n')}\n]}\n`
}
