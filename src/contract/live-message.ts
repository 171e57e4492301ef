// What a live page hears from its server, over the WebSocket or by asking. Names no platform: the page's compiler reads this file too.
import type { LiveDrops, LiveFlow, LiveHost, LiveTotals } from './live-feed.ts'

/** All that changed after batch `after`, up to and with batch `sequence`: a conversation that changed often comes once, as it stands. */
export interface LiveChange {
  type: 'change'
  after: number
  sequence: number
  flows: LiveFlow[]
  hosts: LiveHost[]
  totals: LiveTotals
  drops: LiveDrops
  /** The capture's clock, microseconds since the epoch: goes on while no packet comes. Null before the first packet. */
  nowUs: number | null
}

/** What this page has is too old to be brought up to date: load the database again. */
export interface LiveResync {
  type: 'resync'
}

/** The capture is over; the last change came before. */
export interface LiveEnd {
  type: 'end'
  /** Why, in words. */
  endedBy: string
}

export type LiveMessage = LiveChange | LiveResync | LiveEnd

/** Header of the answer with the database: changes after this one are not in it. */
export const SEQUENCE_HEADER = 'rtnvis-sequence'

/** In the manifest of a live page. */
export interface LiveManifest {
  interfaceName: string
  /** '' for none. */
  filter: string
}

type Value = string | number | null

/** Rows of a table that came or changed, and the keys of those that are gone. */
export interface LiveTable {
  name: string
  columns: string[]
  /** Columns of the primary key. */
  key: string[]
  rows: Value[][]
  /** The rows are there from changes: these columns of them are updated, and none is made or removed. */
  isUpdate?: boolean
  gone: Value[][]
}

/** Answer of /api/tables: what changed in tables that /live does not tell of, since a version that was answered before. */
export interface LiveTables {
  version: number
  tables: LiveTable[]
}
