// traffic.sqlite -> the stations that send most frames without IP.
import { objectsOf, rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase } from '../types.ts'

export interface StationRow {
  mac: string
  vendor: string | null
  /** Those with most packets first, separated by commas. */
  protocols: string
  packets: number
  bytes: number
}

/** The busiest first, at most `limit`; none where there are at least as many hosts with IP, whose table then says more. */
export function readStations(db: SqlDatabase, limit: number): StationRow[] {
  const [[stations, hosts]] = rowsOf(db, 'SELECT (SELECT count(DISTINCT source_mac) FROM link_traffic), (SELECT count(*) FROM hosts)')
  if (Number(stations) <= Number(hosts)) return []
  return objectsOf<StationRow>(
    db,
    `SELECT source_mac AS mac, max(source_vendor) AS vendor, group_concat(protocol, ', ') AS protocols, sum(packets) AS packets, sum(bytes) AS bytes
     FROM (SELECT source_mac, source_vendor, protocol, sum(packets) AS packets, sum(bytes) AS bytes
       FROM link_traffic GROUP BY source_mac, source_vendor, protocol ORDER BY source_mac, 4 DESC, protocol)
     GROUP BY source_mac ORDER BY 5 DESC, 4 DESC, source_mac LIMIT ${limit}`,
  )
}
