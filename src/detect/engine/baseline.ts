// What an older database knew, so that a rule can tell what is new.

/** Keys are texts, because ids are local to a file. */
export interface Baseline {
  /** File name of the older database, for the report. */
  name: string
  /** Addresses that were there. */
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
