// Texts of DuckDB's columns, read by their addresses: the same as its client reads them one by one.
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { joinTexts, loadBindings } from '../../src/node/lake/text-column.ts'

const ROWS = 20_000
const textOf = (i: number) => `${'é'.repeat(i % 23)}${i}`

test.each([
  ['made by an expression', "SELECT concat(repeat('é', i % 23), i) FROM range(20000) r(i)"],
  ['sorted', "SELECT concat(repeat('é', i % 23), i) AS t FROM range(20000) r(i) ORDER BY hash(i)"],
  ['empty ones among them', "SELECT CASE WHEN i % 3 = 0 THEN '' ELSE concat(repeat('é', i % 23), i) END FROM range(20000) r(i)"],
  ['one for all rows', "SELECT 'more than twelve bytes' FROM range(20000)"],
])('texts: %s', async (_, sql) => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const bindings = loadBindings()
  const parts: Uint8Array[] = []
  for await (const chunk of await connection.stream(sql)) parts.push(joinTexts(bindings, chunk))
  const rows = (await connection.runAndReadAll(sql)).getRows().map(([text]) => String(text))
  expect(rows).toHaveLength(ROWS)
  expect(Buffer.concat(parts).toString()).toBe(rows.join(''))
})

test('texts follow each other in the order of rows', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const parts: Uint8Array[] = []
  const sql = "SELECT concat(text, chr(10)) FROM (SELECT concat(repeat('é', i % 23), i) AS text FROM range(20000) r(i) ORDER BY i)"
  for await (const chunk of await connection.stream(sql)) parts.push(joinTexts(loadBindings(), chunk))
  expect(Buffer.concat(parts).toString()).toBe(Array.from({ length: ROWS }, (_, i) => `${textOf(i)}\n`).join(''))
})
