// Several reports are read at the same time: which one an error names does not depend on which is read first.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { analyzeBytes } from '../../support/analysis.ts'
import { pcap } from '../../support/capture-files.ts'

const CLI = fileURLToPath(new URL('../../../dist/node/cli.js', import.meta.url))
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(`${tmpdir()}/rtnvis-rows-`)
  const report = (await analyzeBytes(pcap([]))).export()
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, `${name}.sqlite`), report)
  for (const name of ['bad', 'worse']) writeFileSync(join(folder, `${name}.sqlite`), 'no database')
})
afterAll(() => rmSync(folder, { recursive: true }))

it.each([
  ['bad', ['a', 'bad', 'worse', 'b']],
  ['worse', ['worse', 'bad', 'a']],
  ['bad', ['a', 'b', 'c', 'bad', 'worse']],
])('names the first that cannot be read: %s', (first, names) => {
  const files = names.map((name) => `${name}.sqlite`)
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'merge', ...files, '-o', 'all'], { cwd: folder, encoding: 'utf8' })
  expect(stderr).toMatch(new RegExp(`^rtnvis: [^\\n]*\\b${first}\\.sqlite: [^\\n]+\\n$`))
  expect(status).toBe(1)
})
