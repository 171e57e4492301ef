// The page in real Chromium: playing, seeking, filtering, flows, CSV, from file:// and from a host with a strict policy.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishSite } from '../../src/node/output/publish.ts'
import { differingPixels, fileAddress, openPage, SITE_DIR, shootStill } from '../support/browser.ts'
import { SAMPLE_SUMMARY } from '../support/sample-database.ts'
import { useSampleReport } from '../support/sample-report.ts'
import { readArcs, seek, testReport } from './player-suite.ts'

const sample = useSampleReport({ webGl: true })
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-player-'))
  await publishSite({ siteDir: SITE_DIR, outDir: folder, database: sample.bytes, summary: SAMPLE_SUMMARY, singleFile: true })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** The stage at a time, as PNG, once it stands still: the part that no panel covers. */
async function shoot(page: Page, seconds: number): Promise<Buffer> {
  await seek(page, seconds)
  return shootStill(page, { x: 150, y: 70, width: 450, height: 370 })
}

const addresses = [
  { name: 'file://', address: () => sample.address },
  { name: 'file://, one file', address: () => fileAddress(folder) },
  { name: 'http with a strict policy', address: () => sample.served },
]

describe.each(addresses)('the report over $name', ({ address }) => {
  testReport(
    'globe',
    () => openPage(sample.browser, address(), { reducedMotion: 'reduce' }),
    () => sample.bytes,
  )
})

describe('the globe', () => {
  it('shows the same pixels at the same time, and others at another', async () => {
    const { page } = await openPage(sample.browser, sample.address, { width: 1000, height: 640, reducedMotion: 'reduce' })
    const first = await shoot(page, 30)
    const other = await shoot(page, 46)
    const again = await shoot(page, 30)
    expect(await differingPixels(page, again, first)).toBe(0)
    expect(await differingPixels(page, other, first)).toBeGreaterThan(100)
    await page.context().close()
  })

  it('is replaced by a flat map with the same time and filter, and back', async () => {
    const { page, complaints } = await openPage(sample.browser, sample.address, { reducedMotion: 'reduce' })
    await page.getByLabel('Application', { exact: true }).selectOption('http')
    await seek(page, 30)
    await page.getByRole('tab', { name: 'Map' }).click()
    expect(await page.evaluate(() => window.rtnvis.picture)).toBe('map')
    expect(await readArcs(page)).toEqual(['Berlin, Germany → Tokyo, Japan · http'])
    await page.getByRole('tab', { name: 'Globe' }).click()
    expect(await page.evaluate(() => window.rtnvis.picture)).toBe('globe')
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
