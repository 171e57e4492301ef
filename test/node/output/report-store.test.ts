// The database of a report in memory and in its file: the same bytes, and the same parts for the page.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { DataParts } from '../../../src/node/output/data-parts.ts'
import { ReportStore } from '../../../src/node/output/report-store.ts'
import { PART_BYTES } from '../../../src/publish/manifest.ts'
import { sourceFile } from '../../support/database-threads.ts'
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

function fill(store: ReportStore, own = OWN, length = LENGTH): void {
  store.begin(own, length - own)
  for (let at = own; at < length; at += PAGE) store.write(whole.subarray(at, at + PAGE), at)
  store.write(whole.subarray(0, own), 0)
  store.end(length)
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
  const store = new ReportStore(path, 'file', { largeBytes })
  fill(store)
  expect(store.bytes.length).toBe(LENGTH)
  expect(whole.equals(store.bytes.subarray(0))).toBe(true)
  expect(whole.equals(Buffer.concat(await parts(store)))).toBe(true)
  expect(existsSync(path)).toBe(isInFile)
  if (isInFile) expect(whole.equals(readFileSync(path))).toBe(true)
  await store.close()
  await store.close()
})

test.each([
  ['most pages are its own', OWN, LENGTH],
  ['many are those of SQLite', 5 * PART_BYTES + PAGE, LENGTH],
  ['all are those of SQLite', 3 * PAGE, 3 * PAGE],
  ['it ends with a slice', OWN, 3 * PART_BYTES],
])('the scripts of a database in its file are those of one in memory: %s', async (name, own, length) => {
  const report = join(folder, name)
  const scripts = join(report, 'assets', 'data')
  await mkdir(report)
  const store = new ReportStore(join(report, 'traffic.sqlite'), 'folder', { largeBytes: 0, thread: sourceFile('parts-thread') })
  fill(store, own, length)
  await store.parts.start(store.bytes).writeScripts(store.bytes, scripts)
  await store.close()
  const expected = join(report, 'expected')
  await mkdir(expected)
  await new DataParts().writeScripts(whole.subarray(0, length), expected)
  expect((await readdir(scripts)).sort()).toEqual((await readdir(expected)).sort())
  for (const file of await readdir(expected))
    expect((await readFile(join(scripts, file))).equals(await readFile(join(expected, file))), file).toBe(true)
})

test('scripts that cannot be written are an error with the reason of the system', async () => {
  const report = join(folder, 'no-room')
  await mkdir(report)
  await writeFile(join(report, 'assets'), 'not a folder')
  const store = new ReportStore(join(report, 'traffic.sqlite'), 'folder', { largeBytes: 0, thread: sourceFile('parts-thread') })
  fill(store)
  await expect(store.parts.writeScripts(store.bytes, report)).rejects.toMatchObject({ code: 'ENOTDIR' })
  await store.close()
})

test('what cannot be written is known as that', async () => {
  const path = join(folder, 'taken.sqlite')
  await writeFile(path, '')
  const store = new ReportStore(path, 'none', { largeBytes: 0 })
  expect(() => store.begin(OWN, 0)).toThrow('EEXIST')
  expect(store.failure).toMatchObject({ code: 'EEXIST' })
  await store.close()
})
