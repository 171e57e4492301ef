// Several reports are read at the same time: which one an error names does not depend on which is read first. They are read twice, and must be the same.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
  for (const [atUs, name] of ['a', 'b', 'c'].entries()) {
    const report = (await analyzeBytes(pcap([{ bytes: new Uint8Array(60), atUs }]))).export()
    writeFileSync(join(folder, `${name}.sqlite`), report)
  }
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

/** Puts new.sqlite, which has the same bytes, in the place of b.sqlite just when the rows that are needed last are asked for. */
const REPLACE_LATE = `import { renameSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
const { postMessage } = Worker.prototype
let isDone = false
Worker.prototype.postMessage = function (message, ...rest) {
  if (message.question === 'timeline' && !isDone) renameSync('new.sqlite', 'b.sqlite')
  isDone ||= message.question === 'timeline'
  return postMessage.call(this, message, ...rest)
}`

it('says which report was replaced between its two readings, and makes nothing', () => {
  copyFileSync(join(folder, 'b.sqlite'), join(folder, 'new.sqlite'))
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(REPLACE_LATE)}`, CLI, 'merge', 'a.sqlite', 'b.sqlite', 'c.sqlite', '-o', 'all'],
    { cwd: folder, encoding: 'utf8' },
  )
  expect(stderr).toMatch(/^rtnvis: \S*b\.sqlite: it was replaced while it was read: try again\n$/)
  expect(status).toBe(1)
  expect(existsSync(join(folder, 'all'))).toBe(false)
})
