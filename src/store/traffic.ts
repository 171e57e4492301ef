// All that an analysis has found: what the database is written from.
import type { CaptureSummary } from '../capture/coverage.ts'
import type { Detection } from '../detect/index.ts'
import type { Flows } from '../flows/index.ts'
import type { LocatedHosts } from '../geo/index.ts'
import type { NameResults } from '../names/index.ts'
import type { GeoSource, ReportInputs } from '../types.ts'
import type { TrafficPages } from './traffic-pages.ts'

export interface Traffic {
  captures: CaptureSummary[]
  flows: Flows
  /** Packets in flows beyond one a frame, of aggregated 802.11 frames. */
  subframes: number
  /** Flows.firstClients(). */
  isFirstClient: Uint8Array
  pages: TrafficPages
  names: NameResults
  located: LocatedHosts
  detection: Detection
  /** Null: there was no geolocation database. */
  geoSource: GeoSource | null
  reportName: string
  programVersion: string
  /** Undefined: not told, so that the report cannot be made again. */
  inputs?: ReportInputs | undefined
  /** Of a live capture. */
  drops?: Drops | undefined
}

/** Packets that were on the wire and were not captured. */
export interface Drops {
  kernel: number
  queue: number
  isEstimate: boolean
}
