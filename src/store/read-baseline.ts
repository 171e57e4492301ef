// traffic.sqlite of an earlier report -> what each client did in it: countries, networks, names, fingerprints.
import type { Baseline, BaselineClient } from '../detect/engine/baseline.ts'
import type { SqlDatabase } from '../types.ts'

interface Client extends BaselineClient {
  countries: Set<string>
  asns: Set<number>
  names: Set<string>
  ja4s: Set<string>
}

export function readBaseline(database: SqlDatabase, name: string): Baseline {
  const hosts = new Set<string>()
  for (const [ip] of rows(database, 'SELECT ip FROM hosts')) hosts.add(ip as string)
  const clients = new Map<string, Client>()
  const found = rows(
    database,
    `SELECT DISTINCT c.ip, p.country_code, s.asn, f.server_name, f.ja4
     FROM flows f JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id
     LEFT JOIN places p ON p.id = s.place_id`,
  )
  for (const [ip, country, asn, serverName, ja4] of found as Iterable<
    [string, string | null, number | null, string | null, string | null]
  >) {
    let client = clients.get(ip)
    if (client === undefined) {
      client = { countries: new Set(), asns: new Set(), names: new Set(), ja4s: new Set() }
      clients.set(ip, client)
    }
    if (country !== null) client.countries.add(country)
    if (asn !== null) client.asns.add(asn)
    if (serverName !== null) client.names.add(serverName)
    if (ja4 !== null) client.ja4s.add(ja4)
  }
  return { name, hosts, clients }
}

function* rows(database: SqlDatabase, sql: string) {
  const statement = database.prepare(sql)
  try {
    while (statement.step()) yield statement.get()
  } finally {
    statement.free()
  }
}
