// Flows and activity as typed columns, in the row order of the database.

/** Flows by row number (0, 1, ...): one row for each conversation. */
export interface FlowColumns {
  count: number
  /** `flows.id`. */
  id: Float64Array
  /** Index in ReportColumns.places, or -1 for a host that is not located. */
  sourcePlace: Int32Array
  targetPlace: Int32Array
  application: Uint16Array
  transport: Uint16Array
  /** Row number in the host columns. */
  clientHost: Int32Array
  serverHost: Int32Array
  bytes: Float64Array
  packets: Float64Array
}

/** Activity by row number, ascending by tick. Rows of tick t are [tickStart[t], tickStart[t + 1]). */
export interface ActivityColumns {
  count: number
  tickStart: Int32Array
  flow: Int32Array
  bytes: Float64Array
  packets: Float64Array
  /** Bytes and packets that the client sent, included in `bytes` and `packets`. */
  clientBytes: Float64Array
  clientPackets: Float64Array
  /** After a clock jump: the rows of the timeline that is shown, [from, to). Earlier and later ones are in its first and last tick, and in no chart. */
  inside?: { from: number; to: number }
}
