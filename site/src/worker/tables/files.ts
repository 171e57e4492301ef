// The rows of a list as a file: CSV (RFC 4180, safe in a spreadsheet), JSON or GeoJSON (RFC 7946). Made in slices of rows.
import { isoTime } from '../../../../src/iso-time.ts'
import { placeName } from '../../model/report.ts'
import { type Cell, TABLES } from '../../model/table-columns.ts'
import type { Questions } from '../../protocol/messages.ts'
import { type Cell as CsvCell, formatCsv } from '../../ui/csv.ts'
import type { OpenReport } from '../data/report-state.ts'
import { TextFile } from '../text-file.ts'
import { columnIds, readInParts } from './index.ts'

/** Rows made between two checks for other messages. */
const SLICE = 5000

type Making = Generator<void, Blob>

export function* makeFile(report: OpenReport, { list, columns, format }: Questions['file']['question']): Making {
  if (format === 'geojson') return yield* makeGeoJson(report, list)
  const ids = format === 'csv' ? [...columns] : columnIds(list.table)
  const specs = ids.map((id) => TABLES[list.table].find((column) => column.id === id)!)
  const file = new TextFile()
  file.add(format === 'csv' ? formatCsv(specs.map(headOf), []) : '[')
  let divider = '\n'
  for (const rows of readInParts(report, list, ids, SLICE)) {
    for (const row of rows) {
      const values = row.map((cell, at): CsvCell => fileValue(specs[at].kind, cell))
      if (format === 'csv') file.add(formatCsv(null, [values]))
      else file.add(`${divider}${JSON.stringify(Object.fromEntries(values.map((value, at) => [ids[at], value])))}`)
      divider = ',\n'
    }
    yield
  }
  if (format === 'json') file.add('\n]\n')
  return file.finish()
}

/** Units are in the header, not in the cells. */
function headOf({ label, kind }: { label: string; kind: string }): string {
  return kind === 'time' ? `${label} (UTC)` : kind === 'duration' ? `${label} (s)` : label
}

function fileValue(kind: string, cell: Cell): Cell {
  if (typeof cell !== 'number') return cell
  if (kind === 'time') return isoTime(cell)
  return kind === 'duration' ? cell / 1e6 : cell
}

/** Hosts as points, flows as lines between their places; a flow without two places has no geometry, but is in the file. */
function* makeGeoJson(report: OpenReport, list: Questions['file']['question']['list']): Making {
  const { hosts, places } = report.rows
  const ids = columnIds(list.table)
  const kinds = ids.map((id) => TABLES[list.table].find((column) => column.id === id)!.kind)
  const placeOf = new Map(hosts.ip.map((ip, host) => [ip, hosts.place[host]]))
  const point = (place: number) => [places[place].longitudeDeg, places[place].latitudeDeg]
  const clientAt = ids.indexOf('client')
  const serverAt = ids.indexOf('server')
  const ipAt = ids.indexOf('ip')
  const file = new TextFile()
  file.add('{"type":"FeatureCollection","features":[')
  let divider = '\n'
  for (const rows of readInParts(report, list, ids, SLICE)) {
    for (const row of rows) {
      const properties: Record<string, Cell> = Object.fromEntries(row.map((cell, at) => [ids[at], fileValue(kinds[at], cell)]))
      let geometry: object | null = null
      if (list.table === 'hosts') {
        const place = placeOf.get(String(row[ipAt]))!
        if (place >= 0) {
          geometry = { type: 'Point', coordinates: point(place) }
          properties.precision = places[place].precision
        }
      } else {
        const [from, to] = [placeOf.get(String(row[clientAt]))!, placeOf.get(String(row[serverAt]))!]
        if (from >= 0 && to >= 0) {
          properties.clientPlace = placeName(places[from])
          properties.serverPlace = placeName(places[to])
          geometry = { type: 'LineString', coordinates: [point(from), point(to)] }
        }
      }
      file.add(`${divider}${JSON.stringify({ type: 'Feature', geometry, properties })}`)
      divider = ',\n'
    }
    yield
  }
  file.add('\n]}\n')
  return file.finish()
}
