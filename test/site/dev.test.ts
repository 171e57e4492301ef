// `npm run dev`: the page of a report from the sources, loaded again when one of them is saved.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { isOpen } from '../support/browser.ts'
import { useSampleReport } from '../support/sample-report.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const sample = useSampleReport({ webGl: false })
let server: ChildProcess | undefined

afterAll(() => server?.kill())

/** As if an editor had saved the file. */
function save(file: string): void {
  const now = new Date()
  utimesSync(join(ROOT, 'site/src', file), now, now)
}

test('the page opens from its sources, and follows them', async () => {
  server = spawn(process.execPath, [join(ROOT, 'site/build/dev.mjs'), dirname(fileURLToPath(sample.address))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Not Vitest's own environment: under it Vite does not watch files.
    env: { PATH: process.env.PATH, PORT: '0' },
  })
  const [line] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string]
  const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(line)![0]
  const page = await sample.browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(address)
  await page.waitForFunction(isOpen)
  expect(await page.evaluate(() => window.rtnvis.state)).toBe('ready')
  for (const file of ['views/sql/sql-view.ts', 'worker/answers/details.ts', 'ui/base.css']) {
    const loaded = page.waitForEvent('load')
    save(file)
    await loaded
    await page.waitForFunction(isOpen)
  }
  expect(complaints).toEqual([])
})
