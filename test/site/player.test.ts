// The page in real Chromium: playing, seeking, filtering, flows, CSV, from file:// and from a host with a strict policy.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {} from '../../site/src/player/page-view.ts'
import { publishSite } from '../../src/node/publish.ts'
import { ensureSite, fileAddress, launchChromium, type OpenPage, openPage, SITE_DIR, serveStrictly } from '../support/browser.ts'
import { HOSTILE, makeSampleDatabase, SAMPLE_SUMMARY } from '../support/sample-database.ts'

let folder: string
let browser: Browser
let server: Awaited<ReturnType<typeof serveStrictly>>
let database: Uint8Array

beforeAll(async () => {
  await ensureSite()
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-player-'))
  database = await makeSampleDatabase()
  for (const singleFile of [false, true])
    await publishSite({
      siteDir: SITE_DIR,
      outDir: join(folder, singleFile ? 'single' : 'report'),
      database,
      summary: SAMPLE_SUMMARY,
      singleFile,
    })
  browser = await launchChromium({ webGl: true })
  server = await serveStrictly(join(folder, 'report'))
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

const readArcs = (page: Page) => page.evaluate(() => window.rtnvis.arcs)
const readText = (page: Page, selector: string) => page.locator(selector).textContent()

async function seek(page: Page, seconds: number): Promise<void> {
  await page.getByLabel('Time', { exact: true }).fill(String(seconds * 1e6))
}

async function readDownload(download: Promise<Download>): Promise<Buffer> {
  return readFile(await (await download).path())
}

/** The stage at a time, as PNG, once it stands still: the part that no panel covers. */
async function shoot(page: Page, seconds: number): Promise<Buffer> {
  await seek(page, seconds)
  await page.waitForTimeout(1500)
  let before: Buffer
  let now = await page.screenshot({ clip: { x: 150, y: 70, width: 450, height: 370 } })
  do {
    before = now
    await page.waitForTimeout(500) // a software renderer on a busy machine takes its time
    now = await page.screenshot({ clip: { x: 150, y: 70, width: 450, height: 370 } })
  } while (!now.equals(before))
  return now
}

const addresses = [
  { name: 'file://', address: () => fileAddress(join(folder, 'report')) },
  { name: 'file://, one file', address: () => fileAddress(join(folder, 'single')) },
  { name: 'http with a strict policy', address: () => server.address },
]

describe.each(addresses)('the report over $name', ({ address }) => {
  let opened: OpenPage
  let page: Page

  beforeAll(async () => {
    opened = await openPage(browser, address(), { reducedMotion: 'reduce' })
    page = opened.page
  })

  afterAll(() => page?.context().close())

  it('opens with its totals, located and unlocated', async () => {
    expect(await page.evaluate(() => [window.rtnvis.state, window.rtnvis.picture])).toEqual(['ready', 'globe'])
    expect(await page.title()).toBe('sample · rtnvis')
    await expect.poll(() => readText(page, '#total-bytes')).toBe('10 kB')
    expect(await readText(page, '#total-packets')).toBe('30')
    expect(await readText(page, '#total-flows')).toBe('7')
    expect(await readText(page, '#share-located')).toBe('7.4 kB · 4 flows')
    expect(await readText(page, '#share-local')).toBe('1.6 kB · 1 flow')
    expect(await readText(page, '#share-unlocated')).toBe('1 kB · 2 flows')
    expect(await readText(page, '#located-hosts')).toBe('3 of 4 public hosts located, 1 not.')
    expect(await readText(page, '#attribution')).toContain('MaxMind')
  })

  it('draws from client to server what is active, and only that', async () => {
    await seek(page, 0)
    expect(await readArcs(page)).toEqual(['Nairobi, Kenya → Berlin, Germany · tls'])
    await seek(page, 20)
    expect(await readArcs(page)).toEqual(['Brazil → Nairobi, Kenya · ssh'])
    await seek(page, 30)
    expect(await readArcs(page)).toEqual(['Nairobi, Kenya → Berlin, Germany · tls', 'Berlin, Germany → Tokyo, Japan · http'])
    await seek(page, 46)
    expect(await readArcs(page)).toEqual([])
  })

  it('draws the same at a time however it was reached', async () => {
    await seek(page, 30.5)
    const direct = [await readArcs(page), await readText(page, '#clock-time')]
    await seek(page, 59)
    await seek(page, 3)
    await seek(page, 30.5)
    expect([await readArcs(page), await readText(page, '#clock-time')]).toEqual(direct)
    expect(direct[1]).toBe('10:00:30.500')
  })

  it('plays and pauses by button and by Space', async () => {
    await seek(page, 0)
    await page.getByRole('button', { name: 'Play' }).click()
    await expect.poll(() => page.evaluate(() => window.rtnvis.positionUs)).toBeGreaterThan(500_000)
    await page.getByRole('button', { name: 'Pause' }).click()
    const stopped = await page.evaluate(() => window.rtnvis.positionUs)
    await page.waitForTimeout(300)
    expect(await page.evaluate(() => window.rtnvis.positionUs)).toBe(stopped)
    await page.locator('#report-name').click()
    await page.keyboard.press('Space')
    await expect.poll(() => page.evaluate(() => window.rtnvis.positionUs)).toBeGreaterThan(stopped)
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Play' }).waitFor()
  })

  it('filters by application and by transport', async () => {
    await seek(page, 30)
    await page.getByLabel('Application', { exact: true }).selectOption('http')
    await expect.poll(() => readArcs(page)).toEqual(['Berlin, Germany → Tokyo, Japan · http'])
    await expect.poll(() => readText(page, '#total-flows')).toBe('1')
    await page.getByLabel('Application', { exact: true }).selectOption('All')
    await page.getByLabel('Transport', { exact: true }).selectOption('udp')
    await expect.poll(() => readArcs(page)).toEqual([])
    await expect.poll(() => readText(page, '#total-flows')).toBe('3')
    await page.getByLabel('Transport', { exact: true }).selectOption('All')
    await expect.poll(() => readText(page, '#total-flows')).toBe('7')
  })

  it('counts the moment alone when asked', async () => {
    await seek(page, 45)
    await page.getByRole('radio', { name: 'Moment' }).check()
    await expect.poll(() => readText(page, '#total-bytes')).toBe('600 B')
    expect(await readText(page, '#share-unlocated')).toBe('600 B · 1 flow')
    await seek(page, 20)
    await expect.poll(() => readText(page, '#total-bytes')).toBe('500 B')
    await page.getByRole('radio', { name: 'Whole capture' }).check()
    await expect.poll(() => readText(page, '#total-bytes')).toBe('10 kB')
  })

  it('shows the flows of a place and gives them as CSV', async () => {
    await page.getByRole('button', { name: /^Berlin, Germany/ }).click()
    await expect.poll(() => readText(page, '#flows-summary')).toBe('2 flows · 6 kB · whole capture')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download CSV of these flows' }).click()
    const lines = (await readDownload(download)).toString().split('\r\n')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatch(/^first \(UTC\),duration_s,client,/)
    expect(lines[1]).toBe('2026-03-02T10:00:00.000000Z,30,192.168.1.10,,50000,203.0.114.5,www.example.org,443,tcp,tls,5000,10,SF')
    await page.keyboard.press('Escape')
    expect(await page.locator('#flows').isVisible()).toBe(false)
  })

  it('keeps hostile names as text, on the page and in the CSV', async () => {
    await page.getByRole('button', { name: 'Show flows' }).click()
    const table = page.locator('#flow-rows')
    await table.getByText(HOSTILE.markup, { exact: true }).waitFor()
    await table.getByText('gepj[U+202E].exe', { exact: true }).waitFor()
    expect(await page.evaluate(() => [document.querySelectorAll('img').length, 'hacked' in window])).toEqual([0, false])
    await page.keyboard.press('Escape')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download CSV', exact: true }).click()
    const csv = (await readDownload(download)).toString()
    expect(csv).toContain(",'=cmd|calc!A0,")
    expect(csv).toContain(',"a""b,c\r\nd",')
    expect(csv).toContain(',"<img src=x onerror=""window.hacked=1"">",')
  })

  it('gives the database back byte for byte', async () => {
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download traffic.sqlite' }).click()
    expect((await readDownload(download)).equals(database)).toBe(true)
  })

  it('asked nobody for anything and had nothing to complain of', () => {
    expect(opened.foreign).toEqual([])
    expect(opened.complaints).toEqual([])
  })
})

describe('the globe', () => {
  it('shows the same pixels at the same time, and others at another', async () => {
    const { page } = await openPage(browser, fileAddress(join(folder, 'report')), { width: 1000, height: 640, reducedMotion: 'reduce' })
    const first = await shoot(page, 30)
    const other = await shoot(page, 46)
    const again = await shoot(page, 30)
    expect(again.equals(first)).toBe(true)
    expect(other.equals(first)).toBe(false)
    await page.context().close()
  })

  it('gives way to a flat map of the same moment and filter, and comes back', async () => {
    const { page, complaints } = await openPage(browser, fileAddress(join(folder, 'report')), { reducedMotion: 'reduce' })
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
