// Moves the origin: the place of private addresses changes in the open report and in its database, and with it all arcs that touch it.
import type { Origin } from '../../model/origin.ts'
import type { Report } from '../../model/report.ts'
import { shapeRoutes } from '../../model/routes.ts'
import { Matches } from '../data/matches.ts'
import type { OpenReport } from '../data/report-state.ts'
import { checkPlacesAgain } from './place-bounds.ts'

/** The database that is saved from the page has this origin, too: meta.origin_source is "page". */
export function moveOrigin(open: OpenReport, { name, latitudeDeg, longitudeDeg, timeZone, source }: Origin & { source: string }): Report {
  const { rows, database, report } = open
  const place = rows.places[report.origin]
  if (!place) return report
  Object.assign(place, { city: name, region: null, countryCode: null, country: null, latitudeDeg, longitudeDeg, timeZone })
  const id = rows.placeIds[report.origin]
  database.run(
    `UPDATE places SET city = ?, latitude_deg = ?, longitude_deg = ?, time_zone = ?,
     region = NULL, country_code = NULL, country = NULL, continent_code = NULL WHERE id = ?`,
    [...[name, latitudeDeg, longitudeDeg, timeZone, id]],
  )
  const meta = { origin_name: name, origin_latitude_deg: latitudeDeg, origin_longitude_deg: longitudeDeg, origin_source: source }
  for (const [key, value] of Object.entries(meta)) {
    rows.meta[key] = String(value)
    database.run('UPDATE meta SET value = ? WHERE key = ?', [String(value), key])
  }
  checkPlacesAgain(open)
  shapeRoutes(report.routes, rows.places)
  open.matches = new Matches(database, rows)
  return report
}
