// Types of the rows in the worker: typed columns and details of flows, hosts and names.
import type { TextColumn } from '../../../../src/filter/source.ts'
import type { Span } from '../../../../src/flows/spans.ts'
import type { CamelCase, PageColumn } from '../../../../src/store/flow-columns.ts'
import type { ActivityColumns, FlowColumns } from '../../model/flow-columns.ts'
import type { ReportPlace } from '../../model/report.ts'
import type { LeftOut } from '../../model/sound.ts'
import type { AlertColumns } from './alert-rows.ts'

/** Hosts by row number. */
export interface HostColumns {
  count: number
  ip: string[]
  /** The host's name; "" for none. */
  name: string[]
  scope: string[]
  /** `hosts.id`. */
  id: Float64Array
  /** 32 hexadecimal digits, see filter/address.ts. */
  key: string[]
  asn: (number | null)[]
  /** "" when it is not known. */
  asName: string[]
  /** Index in places, or -1. */
  place: Int32Array
}

/** Rows of `names`, ordered by host. */
export interface NameColumns {
  texts: string[]
  host: Int32Array
  source: string[]
  /** First time the name was seen. */
  firstUs: Float64Array
  count: Float64Array
}

export type RetransmissionColumns = {
  /** Of the timeline that the page shows; rows outside it are left out. A flow may have several rows of a tick. */
  tick: Int32Array
  /** Row number of the flow. */
  flow: Int32Array
  /** Repeated segments of both ends. */
  segments: Float64Array
}

export interface ReportRows {
  meta: Record<string, string>
  /** As in Timeline. */
  eras: Span[]
  shownEra: number | null
  places: ReportPlace[]
  /** `places.id`. */
  placeIds: number[]
  hosts: HostColumns
  flows: FlowColumns
  details: FlowDetails
  names: NameColumns
  alerts: AlertColumns
  /** `flows.id` -> row number, or -1 for a flow that is not there. */
  rowOfFlow(id: number): number
  activity: ActivityColumns
  /** Undefined until they are needed. */
  retransmissions?: RetransmissionColumns
  applications: string[]
  transports: string[]
  leftOut: LeftOut
}

type DetailColumn = PageColumn<'port' | 'time' | 'count' | 'text'>

/** Columns of flows that are not needed for drawing, from the declarations of `flows`; a null port is -1. */
export type FlowDetails = {
  [Column in DetailColumn as CamelCase<Column['name']>]: Column['page'] extends 'text'
    ? TextColumn & { code: Int32Array }
    : Column['page'] extends 'port'
      ? Int32Array
      : Float64Array
}
