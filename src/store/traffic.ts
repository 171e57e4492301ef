// All results of an analysis, in the form that the database is written from.
import type { CaptureSummary } from '../capture/coverage.ts'
import type { Detection } from '../detect/index.ts'
import type { Observations } from '../detect/observe/observations.ts'
import type { Flows } from '../flows/index.ts'
import type { LinkRows } from '../flows/link-traffic.ts'
import type { LocatedHosts } from '../geo/index.ts'
import type { TcpFacts } from '../health/tcp-records.ts'
import type { NameResults } from '../names/index.ts'
import type { TableRows } from '../sqlite/btree-leaves.ts'
import type { GeoSource, ReportInputs } from '../types.ts'
import type { TrafficPages } from './traffic-pages.ts'

export interface Traffic {
  captures: CaptureSummary[]
  flows: Flows
  /** For the rows of the table tcp, unless another thread makes them. */
  tcp: TcpFacts
  /** Result of leastRttByHost(). */
  rttUs: Float64Array
  /** Time of the last packet that was read, where some were left out by choice; -Infinity for none. */
  chosenLastUs: number | undefined
  /** Packets in aggregated 802.11 frames (A-MSDU) beyond one per frame. */
  subframes: number
  /** Result of Flows.firstClients(). */
  isFirstClient: Uint8Array
  pages: Omit<TrafficPages, 'activity' | 'retransmissions' | 'packets'> & Record<'activity' | 'retransmissions' | 'packets', TableRows>
  names: NameResults
  located: LocatedHosts
  detection: Detection
  /** Null where they are not kept: reports of an earlier version were merged. */
  observations: Observations | null
  links: LinkRows
  /** Null if there was no geolocation database. */
  geoSource: GeoSource | null
  reportName: string
  programVersion: string
  /** Undefined if unknown: the report cannot be reproduced then. */
  inputs?: ReportInputs | undefined
  /** Only for a live capture. */
  drops?: Drops | undefined
}

/** Packets that were on the wire but not captured. */
export interface Drops {
  kernel: number
  queue: number
  isEstimate: boolean
}
