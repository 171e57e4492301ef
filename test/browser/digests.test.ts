// The digests of captures that are known only after the database was made.
import initSqlJs from 'sql.js'
import { expect, test } from 'vitest'
import { Digests, fillDigests } from '../../src/browser/digests.ts'
import type { SqlDatabase } from '../../src/types.ts'

const A = 'a'.repeat(64)

async function made(values: string[]) {
  const { Database } = await initSqlJs()
  const open = (bytes?: Uint8Array) => new Database(bytes) as unknown as SqlDatabase
  const database = new Database()
  database.run('CREATE TABLE captures (id INTEGER PRIMARY KEY, sha256 TEXT)')
  for (const value of values) database.run('INSERT INTO captures (sha256) VALUES (?)', [value])
  const bytes = database.export()
  return { bytes, open, read: (of: Uint8Array) => new Database(of).exec('SELECT sha256 FROM captures ORDER BY id')[0].values.flat() }
}

test('take the place of what stood for them, and nothing else of the file changes', async () => {
  const digests = new Digests()
  const pending = [digests.pendingOf(0), digests.pendingOf(1)]
  expect(pending.map((text) => text.length)).toEqual([64, 64])
  const { bytes, open, read } = await made(pending)
  const before = bytes.slice()
  digests.set(1, 'b'.repeat(64))
  digests.set(0, A)
  await digests.areKnown
  const filled = fillDigests(bytes, digests.all, open)
  expect(read(filled)).toEqual([A, 'b'.repeat(64)])
  expect(filled.length).toBe(before.length)
  expect(filled.reduce((count, byte, i) => count + Number(byte !== before[i]), 0)).toBeLessThanOrEqual(128)
})

test('are NULL where the file could not be read again', async () => {
  const digests = new Digests()
  const { bytes, open, read } = await made([digests.pendingOf(0), digests.pendingOf(1)])
  digests.set(0, null)
  digests.set(1, A)
  await digests.areKnown
  expect(read(fillDigests(bytes, digests.all, open))).toEqual([null, A])
})

test('of a reading that was stopped are NULL', async () => {
  const digests = new Digests()
  const { bytes, open, read } = await made([digests.pendingOf(0)])
  digests.skip()
  await digests.areKnown
  expect(read(fillDigests(bytes, digests.all, open))).toEqual([null])
})
