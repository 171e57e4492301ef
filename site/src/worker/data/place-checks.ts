// hosts.rtt_us and hosts.place_check -> which hosts cannot be where the database of places puts them.
import type { Database } from 'sql.js'
import { reachKm } from '../../../../src/geo/light.ts'
import { isCount } from '../../model/sound.ts'
import { forEachRow } from './database.ts'
import { oncePerReport } from './read-once.ts'
import type { ReportRows } from './row-types.ts'

interface PlaceChecks {
  /** By row of hosts, microseconds; -1 where it is not known. */
  rttUs: Float64Array
  /** By row of hosts: 1 if it is not at its place. */
  impossible: Uint8Array
}

export const placeChecks = oncePerReport(({ database, rows }): PlaceChecks => {
  const { hosts } = rows
  const rowOf = new Map(Array.from(hosts.id.subarray(0, hosts.count), (id, row) => [id, row]))
  const checks = { rttUs: new Float64Array(hosts.count).fill(-1), impossible: new Uint8Array(hosts.count) }
  forEachRow(database, 'SELECT id, rtt_us, place_check FROM hosts WHERE rtt_us IS NOT NULL', (found) => {
    const [id, rttUs, check] = found.get()
    const row = rowOf.get(id as number)
    if (row === undefined || !isCount(rttUs)) return
    checks.rttUs[row] = rttUs
    checks.impossible[row] = check === 'impossible' ? 1 : 0
  })
  return checks
})

/** Marks the places where a host cannot be. */
export function markImpossible(open: { database: Database; rows: ReportRows }): void {
  const { rows } = open
  const { rttUs, impossible } = placeChecks(open)
  for (const place of rows.places) delete place.reachKm
  for (let host = 0; host < impossible.length; host++) {
    const place = impossible[host] === 1 ? rows.places[rows.hosts.place[host]] : undefined
    if (place !== undefined) place.reachKm = Math.max(place.reachKm ?? 0, reachKm(rttUs[host]))
  }
}
