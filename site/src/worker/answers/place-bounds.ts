// The place of a host, the origin and the round-trip time between them -> whether it can be there (../../../../src/geo/light.ts).
import { checkPlace, isOriginKnown, leastDistanceKm, type PlaceCheck, reachKm } from '../../../../src/geo/light.ts'
import type { Place } from '../../../../src/types.ts'
import { isCount } from '../../model/sound.ts'
import type { PlaceBound } from '../../protocol/answers.ts'
import { forEachRow } from '../data/database.ts'
import { markImpossible, placeChecks } from '../data/place-checks.ts'
import { oncePerReport } from '../data/read-once.ts'
import type { OpenReport } from '../data/report-state.ts'

/** Radii of places by id, as the database of places gives them, km; null for none. */
const radii = oncePerReport(({ database }): Map<number, number | null> => {
  const found = new Map<number, number | null>()
  forEachRow(database, 'SELECT id, accuracy_km FROM places', (row) => {
    const [id, km] = row.get()
    found.set(id as number, isCount(km) ? km : null)
  })
  return found
})

/** Checks all places against the origin again, after a reader chose another one; in the database, too. */
export function checkPlacesAgain(open: OpenReport): void {
  const { database, rows } = open
  const { rttUs, impossible } = placeChecks(open)
  const update = database.prepare('UPDATE hosts SET place_check = ? WHERE id = ?')
  for (let host = 0; host < rttUs.length; host++) {
    const check = rttUs[host] < 0 ? null : checkOf(open, host)
    impossible[host] = check === 'impossible' ? 1 : 0
    if (rttUs[host] >= 0) update.run([check, rows.hosts.id[host]])
  }
  update.free()
  markImpossible(open)
}

/** How far away a host is by its address, and at most by its round-trip time; null where that is not known. */
export function boundOf(open: OpenReport, host: number): PlaceBound | null {
  const { rttUs, impossible } = placeChecks(open)
  const [place, origin] = [placeOf(open, host), originOf(open)]
  if (!(rttUs[host] >= 0)) return null
  const isChecked = place !== null && origin !== null && checkOf(open, host) !== null
  return {
    rttUs: rttUs[host],
    reachKm: reachKm(rttUs[host]),
    leastKm: isChecked ? leastDistanceKm(place, origin) : null,
    isImpossible: impossible[host] === 1,
  }
}

function checkOf(open: OpenReport, host: number): PlaceCheck | null {
  const origin = originOf(open)
  return origin === null ? null : checkPlace(placeOf(open, host), origin, placeChecks(open).rttUs[host])
}

/** Null until somebody says where the capture was made. */
function originOf({ rows, report }: OpenReport): { latitudeDeg: number; longitudeDeg: number } | null {
  const source = rows.meta.origin_source as Parameters<typeof isOriginKnown>[0]['source']
  return isOriginKnown({ source }) ? (rows.places[report.origin] ?? null) : null
}

function placeOf(open: OpenReport, host: number): Place | null {
  const { rows } = open
  const index = rows.hosts.place[host]
  const place = rows.places[index]
  if (place === undefined) return null
  return { ...place, accuracyKm: radii(open).get(rows.placeIds[index]) ?? null } as Place
}
