// Messages from the server to a live page, by WebSocket or as responses. Names no platform: the page's compiler reads this file, too.
import type { LiveBatch } from './live-feed.ts'

/** All changes after batch `after`, up to batch `sequence`; a conversation that changed several times is sent once, with its last values. */
export interface LiveChange extends Omit<LiveBatch, 'packets'> {
  type: 'change'
  after: number
  /** The capture's clock, microseconds since the epoch: advances while no packet arrives. Null before the first packet. */
  nowUs: number | null
}

/** The page's data is too old for updates: it must load the database again. */
export interface LiveResync {
  type: 'resync'
}

/** The capture has ended; sent after the last change. */
export interface LiveEnd {
  type: 'end'
  /** Reason, in words. */
  endedBy: string
}

export type LiveMessage = LiveChange | LiveResync | LiveEnd

/** Header of a response with the database: later changes are not in it. */
export const SEQUENCE_HEADER = 'rtnvis-sequence'

/** Part of the manifest of a live page. */
export interface LiveManifest {
  interfaceName: string
  /** '' for none. */
  filter: string
}

type Value = string | number | null

/** New and changed rows of a table, and the keys of removed rows. */
export interface LiveTable {
  name: string
  columns: string[]
  /** Columns of the primary key. */
  key: string[]
  rows: Value[][]
  /** True: the page has the rows from earlier changes; only these columns are updated, no row is added or removed. */
  isUpdate?: boolean
  gone: Value[][]
}

/** Response of /api/tables: changes in tables that /live does not send, since a version received before. */
export interface LiveTables {
  version: number
  tables: LiveTable[]
}
