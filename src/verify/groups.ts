// Precomputed sums: the rows of ticks and totals must be those that grouping activity and flows gives.
import type { SqlDatabase } from '../types.ts'
import type { Check } from './check.ts'
import { attempt, numberOf } from './query.ts'
import { none } from './totals.ts'

const PACKETS = 'sum(client_packets + server_packets)'
const BYTES = 'sum(client_bytes + server_bytes)'

/** Location of each host as in totals.subject: the country's code, or its name if it has no code. */
const STANDS = `
  SELECT h.id AS host, p.country_code AS code, p.country AS name,
    CASE WHEN p.id IS NULL THEN iif(h.scope = 'public', 'unlocated', 'none') WHEN p.precision = 'origin' THEN 'origin' ELSE 'country' END AS subject
  FROM hosts h LEFT JOIN places p ON p.id = h.place_id`

export function checkGroups(database: SqlDatabase): Check[] {
  const ticks = `SELECT tick, ${PACKETS}, ${BYTES} FROM activity GROUP BY tick`
  return [
    attempt('sums by tick', () =>
      none('sums by tick', differences(database, 'SELECT tick, packets, bytes FROM ticks', ticks), 'rows are not those of the activity'),
    ),
    attempt('sums by application and transport', () => {
      const kept = "SELECT subject, name, flows, packets, bytes FROM totals WHERE subject IN ('application', 'transport')"
      const by = (column: string) => `SELECT '${column}', ${column}, count(*), ${PACKETS}, ${BYTES} FROM flows GROUP BY ${column}`
      const counted = `${by('application')} UNION ALL ${by('transport')}`
      return none('sums by application and transport', differences(database, kept, counted), 'rows are not those of the conversations')
    }),
    attempt('sums by country', () => {
      const key = (row: string) => `${row}.subject, iif(${row}.subject = 'country', coalesce(${row}.code, ${row}.name), NULL)`
      const kept = `SELECT ${key('t')}, hosts, flows, packets, bytes
        FROM (SELECT subject, country_code AS code, name, hosts, flows, packets, bytes FROM totals) t WHERE subject NOT IN ('application', 'transport')`
      const counted = `
        WITH stands AS (SELECT host, subject, iif(subject = 'country', coalesce(code, name), NULL) AS place FROM (${STANDS})),
          ends AS (SELECT id, client_host_id AS host FROM flows UNION SELECT id, server_host_id FROM flows),
          met AS (SELECT DISTINCT ends.id, subject, place FROM ends JOIN stands USING (host)),
          traffic AS (SELECT subject, place, count(*) AS flows, ${PACKETS} AS packets, ${BYTES} AS bytes FROM met JOIN flows USING (id) GROUP BY 1, 2)
        SELECT h.subject, h.place, h.hosts, coalesce(flows, 0), coalesce(packets, 0), coalesce(bytes, 0)
        FROM (SELECT subject, place, count(*) AS hosts FROM stands GROUP BY 1, 2) h
        LEFT JOIN traffic t ON t.subject = h.subject AND t.place IS h.place`
      return none('sums by country', differences(database, kept, counted), 'rows are not those of the conversations')
    }),
  ]
}

/** Number of rows that only one of two SELECTs returns. */
function differences(database: SqlDatabase, one: string, other: string): number {
  const missing = (from: string, without: string) =>
    numberOf(database, `SELECT count(*) FROM (SELECT * FROM (${from}) EXCEPT SELECT * FROM (${without}))`)
  return missing(one, other) + missing(other, one)
}
