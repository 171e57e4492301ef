// `npm run bench:database`: what the hand-written SQLite pages are worth. 500,000 rows shaped like conversations, written and read both ways; numbers
// are of this machine and this moment.

import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { LeafWriter } from '../../src/sqlite/btree-leaves.ts'
import { BulkTable, MemoryPages, PageFile } from '../../src/sqlite/btree-writer.ts'
import { SqliteRecord } from '../../src/sqlite/record-writer.ts'
import { BLOCK_ROWS, scanTable } from '../../src/sqlite/table-scan.ts'
import type { SqlDatabase } from '../../src/types.ts'

const ROWS = 500_000
const NUMBERS = 12
const ROUNDS = 3
const DDL = `CREATE TABLE t (id INTEGER PRIMARY KEY, ${Array.from({ length: NUMBERS }, (_, i) => `n${i} INTEGER`).join(', ')}, name TEXT) STRICT`

/** Made before the clock starts. Integers of all lengths that SQLite has. */
const VALUES = Float64Array.from({ length: ROWS * NUMBERS }, (_, i) => (i * 7919) % 2 ** (4 * ((i % NUMBERS) + 1)))
const NAMES = Array.from({ length: 5000 }, (_, i) => `host-${i}.example.com`)
const number = (row: number, column: number) => VALUES[(row - 1) * NUMBERS + column]
const name = (row: number) => NAMES[row % NAMES.length]

const open = await loadSqlite()

function emptyDatabase(): SqlDatabase {
  const database = open()
  database.run(`PRAGMA page_size = 4096; ${DDL}`)
  return database
}

function rootOf(database: SqlDatabase): number {
  const statement = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 't'")
  statement.step()
  const root = statement.get()[0] as number
  statement.free()
  return root
}

function writePages(): Uint8Array {
  const database = emptyDatabase()
  const root = rootOf(database)
  const pages = new MemoryPages()
  const file = new PageFile(database.export(), pages, ROWS * 100)
  database.close()
  const table = new LeafWriter('rowid', new BulkTable(file, root, 'rowid'))
  const record = new SqliteRecord()
  for (let row = 1; row <= ROWS; row++) {
    record.begin()
    record.null()
    for (let column = 0; column < NUMBERS; column++) record.integer(number(row, column))
    record.textOrNull(name(row))
    record.finish()
    table.add(record, row)
  }
  table.finish()
  file.finish()
  return pages.bytes
}

function writeByInsert(): Uint8Array {
  const database = emptyDatabase()
  database.run('BEGIN')
  const insert = database.prepare(`INSERT INTO t VALUES (${Array.from({ length: NUMBERS + 2 }, () => '?').join(', ')})`)
  const values: (number | string)[] = []
  for (let row = 1; row <= ROWS; row++) {
    values[0] = row
    for (let column = 0; column < NUMBERS; column++) values[column + 1] = number(row, column)
    values[NUMBERS + 1] = name(row)
    insert.run(values)
  }
  insert.free()
  database.run('COMMIT')
  const bytes = database.export()
  database.close()
  return bytes
}

/** Reads every number of every row. @returns their sum */
function readPages(file: Uint8Array): number {
  const database = open(file)
  const root = rootOf(database)
  database.close()
  let sum = 0
  const values = new Float64Array(BLOCK_ROWS)
  const scan = scanTable(file, root, NUMBERS + 2, false, (rows) => {
    for (let column = 1; column <= NUMBERS; column++) {
      rows.numbers(column, Number.NaN, values)
      for (let row = 0; row < rows.count; row++) sum += values[row]
    }
  })
  let step = scan.next()
  while (!step.done) step = scan.next()
  if (!step.value) throw new Error('the file could not be read by pages')
  return sum
}

function readBySelect(file: Uint8Array): number {
  const database = open(file)
  const select = database.prepare('SELECT * FROM t')
  let sum = 0
  while (select.step()) {
    const row = select.get()
    for (let column = 1; column <= NUMBERS; column++) sum += row[column] as number
  }
  select.free()
  database.close()
  return sum
}

function median<Result>(what: string, work: () => Result): Result {
  const seconds: number[] = []
  let result!: Result
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    result = work()
    seconds.push((performance.now() - start) / 1000)
  }
  console.log(`${what.padEnd(42)} ${seconds.sort((a, b) => a - b)[ROUNDS >> 1].toFixed(2)} s`)
  return result
}

const file = median(`${ROWS} rows written as pages`, writePages)
median(`${ROWS} rows written by INSERT (sql.js)`, writeByInsert)
const sum = median(`${ROWS} rows read from the pages`, () => readPages(file))
if (median(`${ROWS} rows read by SELECT (sql.js)`, () => readBySelect(file)) !== sum) throw new Error('the two ways read different numbers')
