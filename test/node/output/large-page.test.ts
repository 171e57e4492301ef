// A page of one file that no browser opens is told, with what opens instead.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { largePageWarnings } from '../../../src/node/output/large-page.ts'

const draft = mkdtempSync(join(tmpdir(), 'rtnvis-large-'))
afterAll(() => rmSync(draft, { recursive: true, force: true }))

test.each([
  [5e6, []],
  [
    412e6,
    [
      'output/x/index.html is 412 MB in one file, which browsers hardly open: without --single-file the report is a folder whose page reads it part by part',
    ],
  ],
])('%d bytes', async (bytes, lines) => {
  writeFileSync(join(draft, 'index.html'), '')
  truncateSync(join(draft, 'index.html'), bytes) // sparse: nothing is written
  expect(await largePageWarnings(draft, 'output/x')).toEqual(lines)
})
