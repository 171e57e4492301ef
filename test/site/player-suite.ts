// What a reader does with a report, as tests: run by player.test.ts in Chromium and by firefox.test.ts in Firefox.
import { readFile } from 'node:fs/promises'
import type { Download, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import type { OpenPage } from '../support/browser.ts'
import { filterText } from '../support/filter-field.ts'
import { HOSTILE } from '../support/sample-database.ts'

export const readArcs = (page: Page) => page.evaluate(() => window.rtnvis.arcs)
const readText = (page: Page, selector: string) => page.locator(selector).textContent()

export async function seek(page: Page, seconds: number): Promise<void> {
  await page.getByLabel('Time', { exact: true }).fill(String(seconds * 1e6))
}

async function readDownload(download: Promise<Download>): Promise<Buffer> {
  return readFile(await (await download).path())
}

/** `picture`: what the browser can draw. `database`: the bytes of the report that `open` opens. */
export function testReport(picture: 'globe' | 'map', open: () => Promise<OpenPage>, database: () => Uint8Array): void {
  let opened: OpenPage
  let page: Page

  beforeAll(async () => {
    opened = await open()
    page = opened.page
  })

  afterAll(() => page?.context().close())

  it('opens with its totals, located and unlocated', async () => {
    expect(await page.evaluate(() => [window.rtnvis.state, window.rtnvis.picture])).toEqual(['ready', picture])
    expect(await page.title()).toBe('sample · rtnvis')
    await expect.poll(() => readText(page, '#total-bytes')).toBe('10 kB')
    expect(await readText(page, '#total-packets')).toBe('30')
    expect(await readText(page, '#total-flows')).toBe('7')
    expect(await readText(page, '#share-located')).toBe('7.4 kB · 4 flows')
    expect(await readText(page, '#share-local')).toBe('1.6 kB · 1 flow')
    expect(await readText(page, '#share-unlocated')).toBe('1 kB · 2 flows')
    expect(await readText(page, '#located-hosts')).toBe('3 of 4 public hosts located, 1 not.')
    expect(await readText(page, '#outside')).toBe('')
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
    await page.getByRole('button', { name: 'Play', exact: true }).click()
    await expect.poll(() => page.evaluate(() => window.rtnvis.positionUs)).toBeGreaterThan(500_000)
    await page.getByRole('button', { name: 'Pause' }).click()
    const stopped = await page.evaluate(() => window.rtnvis.positionUs)
    await page.waitForTimeout(300)
    expect(await page.evaluate(() => window.rtnvis.positionUs)).toBe(stopped)
    await page.locator('#report-name').click()
    await page.keyboard.press('Space')
    await expect.poll(() => page.evaluate(() => window.rtnvis.positionUs)).toBeGreaterThan(stopped)
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    // While it plays, the numbers are those of the moment; who chooses keeps the choice.
    expect(await page.getByRole('radio', { name: 'Moment (1 s)' }).isChecked()).toBe(true)
    await page.getByRole('radio', { name: 'Whole capture' }).check()
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

  it('counts the current moment alone on request', async () => {
    await seek(page, 45)
    await page.getByRole('radio', { name: 'Moment' }).check()
    await expect.poll(() => readText(page, '#total-bytes')).toBe('600 B')
    expect(await readText(page, '#share-unlocated')).toBe('600 B · 1 flow')
    await seek(page, 20)
    await expect.poll(() => readText(page, '#total-bytes')).toBe('500 B')
    await page.getByRole('radio', { name: 'Whole capture' }).check()
    await expect.poll(() => readText(page, '#total-bytes')).toBe('10 kB')
  })

  it('narrows the filter to a row of the sidebar, and takes that back', async () => {
    const row = page.locator('#places .row', { hasText: 'Berlin' })
    await row.click()
    await expect.poll(() => readText(page, '#total-bytes')).toBe('6 kB')
    expect(await filterText(page)).toBe('place:"Berlin, Germany"')
    expect(await row.getAttribute('aria-pressed')).toBe('true')
    expect(await row.evaluate((button) => button === document.activeElement)).toBe(true)
    await page.locator('#applications .row', { hasText: 'http' }).click()
    await expect.poll(() => readText(page, '#total-bytes')).toBe('1 kB')
    await page.locator('#applications .row', { hasText: 'http' }).click()
    await row.click()
    await expect.poll(() => readText(page, '#total-bytes')).toBe('10 kB')
    expect(await filterText(page)).toBe('')
    expect(await row.getAttribute('aria-pressed')).toBe('false')
  })

  it('shows the flows of a place and gives them as CSV', async () => {
    await page.getByRole('button', { name: 'Show flows of Berlin, Germany' }).click()
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
    await page.getByRole('button', { name: 'Show flows', exact: true }).click()
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
    expect((await readDownload(download)).equals(database())).toBe(true)
  })

  it('has the editor of the SQL console, loaded on its own', async () => {
    await page.getByRole('tab', { name: 'SQL' }).click()
    await page.locator('.cm-content').click()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('SELECT count(*) FROM hosts')
    await page.keyboard.press('Control+Enter')
    await page.locator('.sql-result td', { hasText: /^7$/ }).waitFor()
  })

  it('made no request and logged no error', () => {
    expect(opened.foreign).toEqual([])
    expect(opened.complaints).toEqual([])
  })
}
