// Where a browser or a policy gives the page no worker, the page does the worker's work itself, in slices, and shows the same.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishSite } from '../../src/node/output/publish.ts'
import { ensureSite, fileAddress, launchBrowser, openPage, SITE_DIR } from '../support/browser.ts'
import { fillFilter, filterField } from '../support/filter-field.ts'
import { makeSampleDatabase, SAMPLE_SUMMARY } from '../support/sample-database.ts'
import { readArcs, seek } from './player-suite.ts'

let browser: Browser
let folder: string

beforeAll(async () => {
  await ensureSite()
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-no-worker-'))
  const database = await makeSampleDatabase()
  await publishSite({ siteDir: SITE_DIR, outDir: folder, database, summary: SAMPLE_SUMMARY, singleFile: false })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

const REFUSALS = {
  'is refused at once': `Worker = function () { throw new DOMException('refused', 'SecurityError') }`,
  'is refused later, as policies do': `Worker = class extends EventTarget {
    constructor() { super(); setTimeout(() => this.onerror?.(new Event('error')), 50) }
    postMessage() { throw new Error('nobody is there') }
    terminate() {}
  }`,
}

describe.each(Object.entries(REFUSALS))('a worker that %s', (_, script) => {
  it('is done without', async () => {
    const { page, complaints } = await openPage(browser, fileAddress(folder), { script })
    const text = (selector: string) => page.locator(selector).textContent()
    expect(await page.evaluate(() => window.rtnvis.state)).toBe('ready')
    await expect.poll(() => text('#total-bytes')).toBe('10 kB')
    await seek(page, 20)
    expect(await readArcs(page)).toEqual(['Brazil → Nairobi, Kenya · ssh'])
    await fillFilter(page, 'app:tls')
    await filterField(page).press('Enter')
    await expect.poll(() => text('#total-bytes')).toBe('5 kB')
    await page.getByRole('tab', { name: 'Flows' }).click()
    await page
      .getByRole('row', { name: /192\.168\.1\.10/ })
      .first()
      .waitFor()
    await page.getByRole('tab', { name: 'SQL' }).click()
    await page.getByRole('group', { name: 'Tables of the database' }).locator('summary', { hasText: 'flows' }).first().waitFor()
    await page.getByRole('button', { name: 'Run' }).click()
    await expect.poll(() => text('.sql-status')).toContain('could not be stopped here')
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
