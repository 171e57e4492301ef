// What filters need of a report: columns of flows, hosts, places, names and alerts.

/** Distinct texts, and the index of each row's text; -1 for none. */
export interface TextColumn {
  texts: readonly string[]
  code: ArrayLike<number>
}

/** Columns of flows and hosts. Rows are numbered 0, 1, ... */
export interface FilterSource {
  /** Time of the capture's first packet; relative times start there. */
  firstUs: number
  flows: {
    count: number
    id: ArrayLike<number>
    clientHost: ArrayLike<number>
    serverHost: ArrayLike<number>
    /** -1: none. */
    clientPort: ArrayLike<number>
    serverPort: ArrayLike<number>
    bytes: ArrayLike<number>
    packets: ArrayLike<number>
    firstUs: ArrayLike<number>
    lastUs: ArrayLike<number>
    application: TextColumn
    transport: TextColumn
    state: TextColumn
    serverName: TextColumn
    ja4: TextColumn
    tunnel: TextColumn
  }
  hosts: {
    count: number
    /** See address.ts. */
    key: readonly string[]
    ip: readonly string[]
    scope: readonly string[]
    /** Index in places, or -1. */
    place: ArrayLike<number>
    /** Null: not known. */
    asn: readonly (number | null)[]
    asName: readonly string[]
  }
  /** `label` is the place's name on the page; an origin has no country, because it was not located. */
  places: readonly { label: string; countryCode: string | null; country: string | null; isOrigin: boolean }[]
  /** Names of hosts; a host may have any number. */
  names: { texts: readonly string[]; host: ArrayLike<number> }
  alerts: readonly { id: number; rule: string; severity: string; flows: ArrayLike<number> }[]
  /** Names in DNS questions, and the flow of each question. Called only when a filter needs it. */
  dns(): TextColumn & { flow: ArrayLike<number> }
  /** Packets stored in the report: flow and frame length of each. Called only when a filter needs it. */
  frames(): { flow: ArrayLike<number>; bytes: ArrayLike<number> }
  /** Community ID of each flow. Called only when a filter needs it. */
  communityIds(): TextColumn
  /** Called only when a filter needs it. */
  tcp(): TcpFigures
  /** One byte for each host: 1 if light could not have gone to its place (hosts.place_check). Called only when a filter needs it. */
  impossiblePlaces(): Uint8Array
}

/** Figures of the TCP conversations of a report, a row each; -1 where a figure is not known. */
export interface TcpFigures {
  /** Index of the flow. */
  flow: ArrayLike<number>
  /** Microseconds. */
  rtt: ArrayLike<number>
  response: ArrayLike<number>
  tlsHandshake: ArrayLike<number>
  /** Repeated segments of both ends, in millionths of all with data. */
  retransmits: ArrayLike<number>
  lost: ArrayLike<number>
  zeroWindows: ArrayLike<number>
}

/** One byte for each flow: 1 passes. */
export type Mask = Uint8Array<ArrayBuffer>
