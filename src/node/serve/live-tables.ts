// Tables that are computed from the whole database (alerts, names, DNS questions, ...): their changes between two snapshots,
// so that a live page gets these rows and not the database again.
import type { LiveFeed } from '../../contract/live-feed.ts'
import type { LiveTable, LiveTables } from '../../contract/live-message.ts'
import { rowsOf } from '../../sqlite/query.ts'
import { loadSqlite } from '../database/sqlite.ts'

/** Tables that pages update themselves, or do not need during a capture. */
const LEFT_OUT = [
  'captures',
  'skipped',
  'places',
  'flows',
  'activity',
  'retransmissions',
  'ticks',
  'totals',
  'packets',
  'observations',
  'meta',
]
/** Tables that pages update themselves, except for these columns. */
const IN_PART: Record<string, { columns: string[]; where: string }> = {
  hosts: { columns: ['id', 'name', 'name_source', 'rtt_us', 'place_check'], where: "name IS NOT NULL OR place_check = 'impossible'" },
}
/** Most rows of a table whose changes are tracked; a longer table stays as it was when the page was opened. */
const ROWS = 50_000
/** Shortest time between two snapshots; the snapshot for the report on disk is used, too. */
const AGE_MS = 15_000

/** Rows by primary key as JSON, each with the version that changed it. */
interface Followed {
  columns: string[]
  key: string[]
  rows: Map<string, { text: string; version: number }>
  /** Deleted keys, each with the version that deleted it. */
  gone: Map<string, number>
}

export class LiveTablesFollower {
  readonly #feed: LiveFeed
  readonly #sqlite = loadSqlite()
  readonly #tables = new Map<string, Followed>()
  /** Starts at the time, so that versions differ from those of a server that is started later. */
  #version = Date.now()
  #sequence = -1
  #reading: Promise<void> | null = null

  constructor(feed: LiveFeed) {
    this.#feed = feed
  }

  /** Rows that were added, changed or deleted after `version`; 0 for all. */
  async since(version: number): Promise<LiveTables> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    await this.#reading
    const tables: LiveTable[] = []
    for (const [name, { columns, key, rows, gone }] of this.#tables) {
      const changed = [...rows.values()]
        .filter((row) => row.version > version)
        .map((row) => JSON.parse(row.text) as LiveTable['rows'][number])
      const lost =
        version === 0 ? [] : [...gone].filter(([, since]) => since > version).map(([text]) => JSON.parse(text) as LiveTable['gone'][number])
      if (changed.length > 0 || lost.length > 0) tables.push({ name, columns, key, rows: changed, gone: lost, isUpdate: name in IN_PART })
    }
    return { version: this.#version, tables }
  }

  async #read(): Promise<void> {
    const [openDatabase, { database: bytes, sequence }] = await Promise.all([this.#sqlite, this.#feed.snapshot(AGE_MS)])
    if (sequence === this.#sequence) return
    this.#sequence = sequence
    this.#version++
    const database = openDatabase(bytes)
    try {
      const names = rowsOf(database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").map(([name]) => String(name))
      for (const name of names) {
        if (LEFT_OUT.includes(name)) continue
        const info = rowsOf(database, `SELECT name, pk FROM pragma_table_info('${name}')`)
        const part = IN_PART[name]
        const columns = part?.columns ?? info.map(([column]) => String(column))
        const from = part ? `"${name}" WHERE ${part.where}` : `"${name}"`
        const key = info.filter(([, pk]) => Number(pk) > 0).map(([column]) => String(column))
        const [[count] = [0]] = rowsOf(database, `SELECT count(*) FROM ${from}`)
        if (key.length === 0 || Number(count) > ROWS) continue
        this.#follow(name, columns, key, rowsOf(database, `SELECT ${columns.join(', ')} FROM ${from}`))
      }
    } finally {
      database.close()
    }
  }

  #follow(name: string, columns: string[], key: string[], found: unknown[][]): void {
    const followed = this.#tables.get(name) ?? { columns, key, rows: new Map(), gone: new Map() }
    this.#tables.set(name, followed)
    const { rows, gone } = followed
    const at = key.map((column) => columns.indexOf(column))
    const seen = new Set<string>()
    for (const row of found) {
      const id = JSON.stringify(at.map((index) => row[index]))
      const text = JSON.stringify(row)
      seen.add(id)
      if (rows.get(id)?.text !== text) rows.set(id, { text, version: this.#version })
      gone.delete(id)
    }
    for (const id of rows.keys()) {
      if (seen.has(id)) continue
      rows.delete(id)
      gone.set(id, this.#version)
    }
  }
}
