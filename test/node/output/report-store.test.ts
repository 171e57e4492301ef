// The database of a report in memory and in its file: the same bytes, and the same parts for the page.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { ReportStore } from '../../../src/node/output/report-store.ts'
import { PART_BYTES } from '../../../src/publish/manifest.ts'
import { randomOf } from '../../support/random.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtnvis-report-store-'))
afterAll(() => rmSync(folder, { recursive: true }))

const PAGE = 4096
const OWN = 3 * PAGE
const LENGTH = 12 * PART_BYTES + 5 * PAGE

/** What is written: pages in their order, those of SQLite last. */
const whole = Buffer.alloc(LENGTH)
const random = randomOf(7)
for (let at = 0; at < LENGTH; at += 512) whole.writeUInt32LE(random(2 ** 31), at)

function fill(store: ReportStore): void {
  store.begin(OWN, LENGTH - OWN)
  for (let at = OWN; at < LENGTH; at += PAGE) store.write(whole.subarray(at, at + PAGE), at)
  store.write(whole.subarray(0, OWN), 0)
  store.end(LENGTH)
}

async function parts(store: ReportStore): Promise<Buffer[]> {
  const all: Buffer[] = []
  for await (const part of store.parts.finish(store.bytes)) all.push(gunzipSync(Buffer.from(part, 'base64')))
  return all
}

test.each([
  ['in memory', LENGTH, false],
  ['in its file', LENGTH - 1, true],
])('a database %s has the bytes that were written, and so have its parts', async (place, largeBytes, isInFile) => {
  const path = join(folder, `${place}.sqlite`)
  const store = new ReportStore(path, true, largeBytes)
  fill(store)
  expect(store.bytes.length).toBe(LENGTH)
  expect(whole.equals(store.bytes.subarray(0))).toBe(true)
  expect(whole.equals(Buffer.concat(await parts(store)))).toBe(true)
  expect(existsSync(path)).toBe(isInFile)
  if (isInFile) expect(whole.equals(readFileSync(path))).toBe(true)
  store.close()
  store.close()
})

test('what cannot be written is known as that', () => {
  const path = join(folder, 'taken.sqlite')
  writeFileSync(path, '')
  const store = new ReportStore(path, false, 0)
  expect(() => store.begin(OWN, 0)).toThrow('EEXIST')
  expect(store.failure).toMatchObject({ code: 'EEXIST' })
  store.close()
})
