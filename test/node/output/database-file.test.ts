// A database written to its file page by page: what lies on the disk, and what SQLite reads of it without having it in memory.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { borrowBytes, loadSqlite } from '../../../src/node/database/sqlite.ts'
import { DatabaseFile } from '../../../src/node/output/database-file.ts'
import type { FileRanges } from '../../../src/sqlite/byte-ranges.ts'
import { rowsOf } from '../../../src/sqlite/query.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtnvis-database-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const page = (value: number, length = 4096) => new Uint8Array(length).fill(value)

test('pages follow each other, a gap is zero, the first ones come last, also if they are many', () => {
  const path = join(folder, 'pages')
  const file = new DatabaseFile()
  file.open(path)
  const expected = new Uint8Array(8_396_800)
  const write = (content: Uint8Array, at: number) => {
    expected.set(content, at)
    file.write(content, at)
  }
  // More than is written at once.
  for (let at = 3_145_728; at < 8_388_608; at += 4096) write(page(1 + (at % 251)), at)
  write(page(7), 8_392_704)
  write(page(9, 3_145_728), 0)
  file.end(expected.length)
  expect(readFileSync(path).equals(expected)).toBe(true)
  expect(file.bytes.length).toBe(expected.length)
  expect(Buffer.from(file.bytes.subarray(3_140_000, 3_150_000)).equals(expected.subarray(3_140_000, 3_150_000))).toBe(true)
  expect(file.bytes.subarray(8_392_704, 9_000_000)).toEqual(page(7))
  expect(() => new DatabaseFile().open(path)).toThrow(/EEXIST/)
  file.close()
  file.close()
})

test('SQLite reads the file where it is', async () => {
  const openDatabase = await loadSqlite()
  const made = openDatabase()
  made.run('CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)')
  made.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT i, 'text ' || i FROM n")
  const content = made.export()
  made.close()
  const file = new DatabaseFile()
  file.open(join(folder, 'database'))
  file.write(content, 0)
  file.end(content.length)
  const database = openDatabase(borrowBytes(file.bytes))
  const sql = "SELECT count(*), sum(id), max(text), (SELECT integrity_check FROM pragma_integrity_check) FROM t WHERE text LIKE 'text %'"
  expect(rowsOf(database, sql)).toEqual([[20_000, 200_010_000, 'text 9999', 'ok']])
  database.close()
  file.close()
})

test('of a file, SQLite reads each page about once: of two tables in turns, and of rows anywhere', async () => {
  const openDatabase = await loadSqlite()
  const made = openDatabase()
  const fill = (table: string) =>
    `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, text TEXT);
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO ${table} SELECT i, printf('%.100c', 'x') FROM n`
  made.run(fill('a'))
  made.run(fill('b'))
  const content = made.export()
  made.close()
  let bytesRead = 0
  const file: FileRanges = {
    length: content.length,
    subarray: (from, to) => content.slice(from, to),
    copy(from, into) {
      into.set(content.subarray(from, from + into.length))
      bytesRead += into.length
    },
  }
  const database = openDatabase(borrowBytes(file))
  expect(rowsOf(database, 'SELECT sum(length(a.text) + length(b.text)) FROM a JOIN b ON b.id = a.id')).toEqual([[20_000_000]])
  expect(bytesRead).toBeLessThan(1.1 * content.length)
  bytesRead = 0
  expect(rowsOf(database, 'SELECT sum(length(text)) FROM a WHERE id IN (SELECT 1000 * id FROM b WHERE id <= 100)')).toEqual([[10_000]])
  expect(bytesRead).toBeLessThan(2 * 100 * 4096)
  database.close()
})
