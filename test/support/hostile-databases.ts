// Databases made to do harm to whoever opens them, out of the sample's.
import initSqlJs from 'sql.js'
import { LeafWriter } from '../../src/sqlite/btree-leaves.ts'
import { SqliteRecord } from '../../src/sqlite/record-writer.ts'
import { makeSampleDatabase } from './sample-database.ts'

const PAGE_BYTES = 4096
/** Children of each page of the tree below, and its levels: 500^3 leaves of the same 7 rows. */
const CHILDREN = 500
const LEVELS = 3

const ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i'

/** The sample with its schema changed by SQL. */
export async function changedBy(sql: string): Promise<Uint8Array> {
  const database = new (await initSqlJs()).Database(await makeSampleDatabase())
  database.run(sql)
  // export() closes the database, which needs no other end.
  return database.export()
}

/** A view that never ends where a table is expected. */
export const endlessView = () => changedBy(`DROP TABLE ticks; CREATE VIEW ticks AS ${ENDLESS} AS tick, 1 AS packets, 1 AS bytes FROM n`)

/** A column that is not stored but computed when it is read, from anything. */
export const computedColumn = () =>
  changedBy(`ALTER TABLE flows ADD COLUMN slow INTEGER GENERATED ALWAYS AS (length(hex(zeroblob(id)))) VIRTUAL`)

/** Tables that are in order, in pages that are not: those of `hosts` lead to the same leaf again and again (SQLite's file format, 1.6). */
export async function endlessPages(): Promise<Uint8Array> {
  const sample = await makeSampleDatabase()
  const database = new (await initSqlJs()).Database(sample)
  const root = Number(database.exec("SELECT rootpage FROM sqlite_schema WHERE name = 'hosts'")[0].values[0][0])
  database.close()
  const pages = sample.length / PAGE_BYTES
  const file = Buffer.alloc(sample.length + LEVELS * PAGE_BYTES)
  file.set(sample)
  const pageOf = (number: number) => file.subarray((number - 1) * PAGE_BYTES, number * PAGE_BYTES)
  const leaf = pages + LEVELS
  pageOf(root).copy(pageOf(leaf))
  for (let level = 0; level < LEVELS; level++) {
    const page = pageOf(level === 0 ? root : pages + level)
    writeInterior(page, level === LEVELS - 1 ? leaf : pages + level + 1)
  }
  file.writeUInt32BE(pages + LEVELS, 28)
  return file
}

/** Its schema never ends: the index of `hosts` stands in a leaf to which pages lead again and again, so SQLite is busy as soon as it opens the file. */
export async function endlessSchema(): Promise<Uint8Array> {
  const sample = await makeSampleDatabase()
  const database = new (await initSqlJs()).Database(sample)
  const [index] = database.exec("SELECT type, name, tbl_name, rootpage FROM sqlite_schema WHERE type = 'index' LIMIT 1")[0].values
  database.close()
  const record = new SqliteRecord()
  record.begin()
  for (const text of index.slice(0, 3)) record.textOrNull(String(text))
  record.integer(Number(index[3]))
  record.null()
  record.finish()
  let leaf = new Uint8Array()
  const leaves = new LeafWriter('rowid', { leaf: () => {}, last: (content) => (leaf = content.slice()) })
  leaves.add(record, 1)
  leaves.finish()
  const pages = sample.length / PAGE_BYTES
  const file = Buffer.alloc(sample.length + (LEVELS + 1) * PAGE_BYTES)
  file.set(sample)
  if (file[100] !== 0x05) throw new Error('the schema of the sample fits into a page: there is no pointer to change')
  const lastChild = file.readUInt32BE(108)
  file.writeUInt32BE(pages + 1, 108)
  for (let level = 1; level <= LEVELS; level++) {
    const page = file.subarray((pages + level - 1) * PAGE_BYTES, (pages + level) * PAGE_BYTES)
    writeInterior(page, pages + level + 1)
    if (level === 1) page.writeUInt32BE(lastChild, page.readUInt16BE(12))
  }
  file.set(leaf, (pages + LEVELS) * PAGE_BYTES)
  file.writeUInt32BE(pages + LEVELS + 1, 28)
  return file
}

function writeInterior(page: Buffer, child: number): void {
  page.fill(0)
  const cellBytes = 5
  const contentAt = PAGE_BYTES - CHILDREN * cellBytes
  page.writeUInt8(0x05, 0)
  page.writeUInt16BE(CHILDREN, 3)
  page.writeUInt16BE(contentAt, 5)
  page.writeUInt32BE(child, 8)
  for (let cell = 0; cell < CHILDREN; cell++) {
    const at = contentAt + cell * cellBytes
    page.writeUInt16BE(at, 12 + 2 * cell)
    page.writeUInt32BE(child, at)
    page.writeUInt8(cell % 128, at + 4)
  }
}
