// A report -> Parquet: read with hyparquet, its rows are those of the database.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Zstd } from '@hpcc-js/wasm-zstd'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import initSqlJs from 'sql.js'
import { expect, test } from 'vitest'
import { TABLE_NAMES } from '../../src/export/lake-tables.ts'
import { parquetFiles } from '../../src/export/parquet.ts'
import { ReportRows } from '../../src/export/report-rows.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import { openReportDatabase } from '../../src/store/report-database.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'

const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

const zstd = await Zstd.load()
const LAKE = { hasCommunityIds: true, compress: (bytes: Uint8Array) => zstd.compress(bytes) }

async function changedSample(sql: string): Promise<SqlDatabase> {
  const { Database } = await initSqlJs()
  const database = new Database(await makeFilterDatabase())
  database.run(sql)
  return openReportDatabase((bytes) => new Database(bytes) as unknown as SqlDatabase, database.export())
}

const contentOf = (bytes: Uint8Array) => bytes.slice().buffer as ArrayBuffer

test('every conversation is there with its numbers, times and nulls, in order of time', async () => {
  const database = await analyzeBytes(readFileSync(DEMO))
  const file = [...parquetFiles(new ReportRows(database), LAKE)].find(({ path }) => path.startsWith('flows/'))!
  const rows = await parquetReadObjects({ file: contentOf(file.bytes), compressors: { ZSTD: (bytes) => zstd.decompress(bytes) } })
  const wanted = rowsOf(
    database,
    `SELECT c.ip, client_port, s.ip, server_port, f.first_us, client_bytes, server_bytes, client_packets, state, application, server_name, community_id
     FROM flows f JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id ORDER BY f.first_us, f.id`,
  )
  expect(wanted.length).toBeGreaterThan(1000)
  const found = rows.map((row) => [
    ...[row.client_ip, row.client_port, row.server_ip, row.server_port, (row.first as Date).getTime()],
    ...[Number(row.client_bytes), Number(row.server_bytes), Number(row.client_packets)],
    ...[row.state, row.application, row.server_name, row.community_id].map((text) => text ?? null),
  ])
  expect(found.map((row) => row.map((cell) => cell ?? null))).toEqual(
    wanted.map((row) => row.map((cell, i) => (i === 4 ? Math.floor(Number(cell) / 1000) : cell))),
  )
  const types = Object.fromEntries(
    parquetMetadata(contentOf(file.bytes)).schema.map(({ name, type, converted_type }) => [name, [type, converted_type]]),
  )
  expect(types).toMatchObject({
    first: ['INT64', 'TIMESTAMP_MICROS'],
    client_bytes: ['INT64', undefined],
    server_ip: ['BYTE_ARRAY', 'UTF8'],
  })
})

test('a report over midnight has a file for each day, and a name from outside leaves no folder', async () => {
  const nextDayUs = Date.UTC(2026, 2, 3) * 1000
  const sql = `UPDATE flows SET first_us = ${nextDayUs}, last_us = ${nextDayUs} WHERE id = 5;
    UPDATE meta SET value = '../../etc/x y' WHERE key = 'report_name'`
  const files = [...parquetFiles(new ReportRows(await changedSample(sql)), LAKE)]
  const flows = files.filter(({ table }) => TABLE_NAMES[table] === 'flows')
  expect(flows.map(({ path, rows }) => [path.replace(/[0-9a-f]{16}\.parquet$/, 'ID'), rows])).toEqual([
    ['flows/day=2026-03-02/sensor=..%2F..%2Fetc%2Fx%20y/ID', 7],
    ['flows/day=2026-03-03/sensor=..%2F..%2Fetc%2Fx%20y/ID', 1],
  ])
  expect(TABLE_NAMES.map((_, table) => files.filter((file) => file.table === table).reduce((sum, { rows }) => sum + rows, 0))).toEqual([
    8, 8, 3, 2, 1, 0, 0,
  ])
})
