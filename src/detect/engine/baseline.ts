// Hosts and contacts in an earlier database, so that a rule can find new ones.

/** Keys are texts, because ids are local to a database. */
export interface Baseline {
  /** File name of the earlier database, for the report. */
  name: string
  /** All its addresses. */
  hosts: ReadonlySet<string>
  /** By client address: the countries (ISO 3166-1), AS numbers, server names and JA4 fingerprints its conversations had. */
  clients: ReadonlyMap<string, BaselineClient>
}

export interface BaselineClient {
  countries: ReadonlySet<string>
  asns: ReadonlySet<number>
  names: ReadonlySet<string>
  ja4s: ReadonlySet<string>
}
