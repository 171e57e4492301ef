// What filters ask of a report: columns of flows, hosts, places, names and alerts.

/** Distinct texts, and for each row the index of its own; -1 for none. */
export interface TextColumn {
  texts: readonly string[]
  code: ArrayLike<number>
}

/** What filters ask of flows and hosts. Rows are numbered 0, 1, ... */
export interface FilterSource {
  /** The capture's first packet: relative times count from it. */
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
  /** `label` is what the page calls the place; an origin has no country: nobody located it. */
  places: readonly { label: string; countryCode: string | null; country: string | null; isOrigin: boolean }[]
  /** Names of hosts: any number a host. */
  names: { texts: readonly string[]; host: ArrayLike<number> }
  alerts: readonly { id: number; rule: string; severity: string; flows: ArrayLike<number> }[]
  /** Names asked for in DNS, and the flow of each question. Asked for only when a filter needs it. */
  dns(): TextColumn & { flow: ArrayLike<number> }
  /** Packets the report keeps: flow and frame length of each. Asked for only when a filter needs it. */
  frames(): { flow: ArrayLike<number>; bytes: ArrayLike<number> }
}

/** One byte a flow: 1 passes. */
export type Mask = Uint8Array<ArrayBuffer>
