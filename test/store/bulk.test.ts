// Tables written page by page, judged by another SQLite: the sqlite3 command.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { LeafStore, LeafWriter, type TableKind } from '../../src/sqlite/btree-leaves.ts'
import { BulkTable, MemoryPages, PageFile } from '../../src/sqlite/btree-writer.ts'
import { SqliteRecord } from '../../src/sqlite/record-writer.ts'
import { sqlite3 } from '../support/sqlite3.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-bulk-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A database with one table, filled by `fill`, straight or by way of leaves that are kept first; its path. */
async function database(ddl: string, kind: TableKind, fill: (table: LeafWriter) => void, isKept = false): Promise<string> {
  const db = (await loadSqlite())()
  db.run(`PRAGMA page_size = 4096; ${ddl}`)
  const statement = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 't'")
  statement.step()
  const root = statement.get()[0] as number
  statement.free()
  const pages = new MemoryPages()
  const file = new PageFile(db.export(), pages)
  db.close()
  const table = new BulkTable(file, root, kind)
  const store = new LeafStore()
  const writer = new LeafWriter(kind, isKept ? store : table)
  fill(writer)
  writer.finish()
  if (isKept) table.adopt(store.leaves())
  const path = join(folder, 'test.sqlite')
  file.finish()
  writeFileSync(path, pages.bytes)
  return path
}

describe.each([
  ['no row', 0],
  ['one row', 1],
  ['one page', 100],
  ['two pages', 300],
  ['two levels', 20_000],
  ['three levels', 400_000],
])('%s', (_, count) => {
  test('with rowid', async () => {
    const ddl = 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, s TEXT) STRICT; CREATE TABLE other (x INTEGER)'
    const path = await database(ddl, 'rowid', (table) => {
      const record = new SqliteRecord()
      for (let i = 1; i <= count; i++) {
        record.begin()
        record.null()
        record.integer(i * 3)
        record.textOrNull(i % 7 === 0 ? null : `row ${i}`)
        record.finish()
        table.add(record, i)
      }
    })
    expect(sqlite3(path, 'PRAGMA integrity_check')).toBe('ok\n')
    expect(sqlite3(path, 'SELECT count(*), coalesce(sum(n), 0), coalesce(max(id), 0) FROM t')).toBe(
      `${count}|${(3 * count * (count + 1)) / 2}|${count}\n`,
    )
    if (count > 50) expect(sqlite3(path, 'SELECT * FROM t WHERE id IN (49, 50)')).toBe('49|147|\n50|150|row 50\n')
    expect(sqlite3(path, "SELECT count(*) FROM t WHERE n <> id * 3 OR (id % 7 <> 0 AND s <> 'row ' || id)")).toBe('0\n')
  })

  test('without rowid', async () => {
    const ddl = 'CREATE TABLE t (a INTEGER NOT NULL, b INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID'
    const path = await database(ddl, 'withoutRowid', (table) => {
      const record = new SqliteRecord()
      for (let i = 0; i < count; i++) {
        record.begin()
        record.integer(Math.floor(i / 1000))
        record.integer(i % 1000)
        record.integer(i)
        record.finish()
        table.add(record, 0)
      }
    })
    expect(sqlite3(path, 'PRAGMA integrity_check')).toBe('ok\n')
    expect(sqlite3(path, 'SELECT count(*), coalesce(sum(n), 0) FROM t')).toBe(`${count}|${(count * (count - 1)) / 2}\n`)
    // Every row is found by its key, the ones that divide pages too.
    expect(sqlite3(path, 'SELECT count(*) FROM t x WHERE (SELECT n FROM t WHERE a = x.a AND b = x.b) = x.a * 1000 + x.b')).toBe(
      `${count}\n`,
    )
  })

  test.each(['rowid', 'withoutRowid'] as const)('%s: leaves made elsewhere give the same file', async (kind) => {
    const key = kind === 'rowid' ? 'a INTEGER PRIMARY KEY, b INTEGER' : 'a INTEGER NOT NULL PRIMARY KEY, b INTEGER'
    const ddl = `CREATE TABLE t (${key}) STRICT${kind === 'rowid' ? '' : ', WITHOUT ROWID'}`
    const fill = (table: LeafWriter) => {
      const record = new SqliteRecord()
      for (let i = 1; i <= count; i++) {
        record.begin()
        if (kind === 'rowid') record.null()
        else record.integer(i)
        record.integer(i * 977)
        record.finish()
        table.add(record, i)
      }
    }
    const straight = readFileSync(await database(ddl, kind, fill))
    expect(readFileSync(await database(ddl, kind, fill, true)).equals(straight)).toBe(true)
  })
})

test('rows that are written later go in by the usual door', async () => {
  const ddl = 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER) STRICT'
  const path = await database(ddl, 'rowid', (table) => {
    const record = new SqliteRecord()
    for (let i = 1; i <= 1000; i++) {
      record.begin()
      record.null()
      record.integer(i)
      record.finish()
      table.add(record, i)
    }
  })
  const db = (await loadSqlite())(readFileSync(path))
  db.run('INSERT INTO t SELECT id + 1000, n FROM t; DELETE FROM t WHERE id % 3 = 0')
  writeFileSync(path, db.export())
  expect(sqlite3(path, 'PRAGMA integrity_check; SELECT count(*) FROM t')).toBe('ok\n1334\n')
})

test('integers of every size, and texts, are read back unchanged', async () => {
  const integers = [
    0, 1, 2, -1, 127, 128, -128, -129, 32_767, 32_768, -32_769, 8_388_607, 8_388_608, -8_388_609, 2_147_483_647, 2_147_483_648,
  ]
  integers.push(-2_147_483_649, 140_737_488_355_327, 140_737_488_355_328, -140_737_488_355_329, 8.64e15, Number.MAX_SAFE_INTEGER)
  const texts = ['', 'a', "quote ' and | bar", 'ünïcödé ✓', 'x'.repeat(59), 'x'.repeat(4000)]
  const ddl = 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT) STRICT'
  const path = await database(ddl, 'rowid', (table) => {
    const record = new SqliteRecord()
    for (const [i, n] of integers.entries()) {
      record.begin()
      record.null()
      record.integer(n)
      record.textOrNull(texts[i] ?? null)
      record.finish()
      table.add(record, i + 1)
    }
  })
  expect(sqlite3(path, 'PRAGMA integrity_check')).toBe('ok\n')
  expect(sqlite3(path, 'SELECT n FROM t ORDER BY id').trim().split('\n').map(Number)).toEqual(integers)
  expect(sqlite3(path, 'SELECT s FROM t WHERE s IS NOT NULL ORDER BY id').slice(0, -1).split('\n')).toEqual(texts)
})

test('a row too long for a page is refused, not written wrong', async () => {
  const fill = (table: LeafWriter) => {
    const record = new SqliteRecord()
    record.begin()
    record.null()
    record.textOrNull('x'.repeat(5000))
    record.finish()
    table.add(record, 1)
  }
  await expect(database('CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT) STRICT', 'rowid', fill)).rejects.toThrow(RangeError)
})
