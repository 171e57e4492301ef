// Parquet files of a draft lake -> rows in ClickHouse. What an earlier export of the same report and sensor left there, complete or not, is replaced: the
// new version is inserted and counted, then the earlier one deleted, so that nothing is missing at any time.
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { CaptureError } from '../../errors.ts'
import { CLICKHOUSE_TABLES } from '../../export/clickhouse-ddl.ts'
import { TABLE_NAMES } from '../../export/lake-tables.ts'
import { Clickhouse } from './clickhouse-client.ts'
import type { LakeFiles } from './lake-files.ts'

/** Reports of one statement: their ids are in its URL. */
const REPORTS_AT_ONCE = 100

export class ClickhouseTarget {
  /** Of all rows of this run: microseconds since the epoch, the last three digits by chance, for runs of the same millisecond. */
  readonly version = Date.now() * 1000 + Math.floor(Math.random() * 1000)
  readonly name: string
  /** Rows of a run that failed could not be taken back. */
  isPartial = false
  private readonly clickhouse: Clickhouse
  private readonly interrupt: AbortSignal

  private constructor(clickhouse: Clickhouse, interrupt: AbortSignal) {
    this.clickhouse = clickhouse
    this.name = clickhouse.place.name
    this.interrupt = interrupt
  }

  /** @throws UsageError, CaptureError if the client is not installed, or the database has not all tables */
  static async open(address: string, interrupt: AbortSignal): Promise<ClickhouseTarget> {
    const target = new ClickhouseTarget(await Clickhouse.open(address), interrupt)
    try {
      for (const table of CLICKHOUSE_TABLES) await target.count(table, 'false', {}, interrupt)
      return target
    } catch (error) {
      await target.close()
      throw error
    }
  }

  /**
   * @param files of a lake that was written with `version`
   * @param records by table, in the order of TABLE_NAMES
   * @throws CaptureError; then the rows are as before, or a message says that they are not
   */
  async fill(files: LakeFiles, records: readonly number[]): Promise<void> {
    const owners = [...ownersOf(files)]
    try {
      for (const [table, ofTable] of files) for (const { path } of ofTable) await this.insert(table, path)
      for (const [i, table] of TABLE_NAMES.entries()) {
        let found = 0
        for (const owner of owners) found += await this.count(table, 'version = {version:Int64}', owner)
        if (found !== records[i])
          throw new CaptureError(
            `${this.name}: ${table} has ${found} of ${records[i]} rows: was the report exported twice at the same time?`,
          )
      }
      for (const owner of owners) await this.removeWhere('version < {version:Int64}', owner, this.interrupt)
    } catch (error) {
      await this.takeBack(owners, error)
      throw error
    }
  }

  async close(): Promise<void> {
    await this.clickhouse.close()
  }

  private async insert(table: string, path: string): Promise<void> {
    const values = createReadStream(path)
    try {
      await this.clickhouse.request((client) => client.insert({ table, values, format: 'Parquet', abort_signal: this.interrupt }))
    } finally {
      values.destroy()
    }
  }

  /** Rows of this run, after it failed. Not stopped by an interruption, which may be why. */
  private async takeBack(owners: readonly Owner[], reason: unknown): Promise<void> {
    try {
      for (const owner of owners) await this.removeWhere('version = {version:Int64}', owner)
    } catch {
      this.isPartial = true
      throw new CaptureError(`${(reason as Error).message}; a part of the rows is there: export again, which replaces them`)
    }
  }

  /** A deletion rewrites parts of a table, so one that has nothing to delete is not begun. */
  private async removeWhere(condition: string, owner: Owner, interrupt?: AbortSignal): Promise<void> {
    for (const table of CLICKHOUSE_TABLES) {
      if ((await this.count(table, condition, owner, interrupt)) === 0) continue
      await this.clickhouse.request((client) =>
        client.command({
          query: `DELETE FROM ${table} WHERE ${OF_OWNER} AND ${condition}`,
          query_params: { ...owner, version: this.version },
          ...(interrupt && { abort_signal: interrupt }),
        }),
      )
    }
  }

  private async count(table: string, condition: string, owner: Partial<Owner>, interrupt?: AbortSignal): Promise<number> {
    return this.clickhouse.request(async (client) => {
      const result = await client.query({
        query: `SELECT count() FROM ${table} WHERE ${owner.reports === undefined ? '' : `${OF_OWNER} AND `}${condition}`,
        format: 'JSONCompactEachRow',
        query_params: { ...owner, version: this.version },
        ...(interrupt && { abort_signal: interrupt }),
      })
      return Number((await result.json<[unknown]>())[0][0])
    })
  }
}

/** Whose rows they are. */
interface Owner extends Record<string, unknown> {
  sensor: string
  reports: string[]
}

const OF_OWNER = 'sensor = {sensor:String} AND report IN {reports:Array(String)}'

function* ownersOf(files: LakeFiles): Generator<Owner> {
  const bySensor = new Map<string, Set<string>>()
  for (const { path, sensor } of [...files.values()].flat()) {
    const reports = bySensor.get(sensor) ?? new Set()
    bySensor.set(sensor, reports)
    reports.add(basename(path, '.parquet'))
  }
  for (const [sensor, ids] of bySensor) {
    const reports = [...ids].sort()
    for (let at = 0; at < reports.length; at += REPORTS_AT_ONCE)
      yield { sensor: decodeURIComponent(sensor), reports: reports.slice(at, at + REPORTS_AT_ONCE) }
  }
}
