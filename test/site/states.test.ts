// The page when there is nothing to play, when the report is damaged, and without WebGL: designed states, not accidents.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { publishSite } from '../../src/node/output/publish.ts'
import { differingPixels, ensureSite, fileAddress, launchChromium, openPage, SITE_DIR, shootStill } from '../support/browser.ts'
import { EMPTY_SUMMARY, FIRST_US, makeDatabase, makeEmptyDatabase, makeSampleDatabase, SAMPLE_SUMMARY } from '../support/sample-database.ts'
import { sqlite3 } from '../support/sqlite3.ts'

let folder: string
let browser: Browser

beforeAll(async () => {
  await ensureSite()
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-states-'))
  browser = await launchChromium({ webGl: false })
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

async function publish(name: string, database: Uint8Array, summary = SAMPLE_SUMMARY): Promise<string> {
  const outDir = join(folder, name)
  await publishSite({ siteDir: SITE_DIR, outDir, database, summary, singleFile: false })
  return outDir
}

describe('without WebGL', () => {
  it('a flat map plays the same', async () => {
    const report = await publish('map', await makeSampleDatabase())
    const { page, complaints, foreign } = await openPage(browser, fileAddress(report))
    expect(await page.evaluate(() => [window.rtnvis.state, window.rtnvis.picture])).toEqual(['ready', 'map'])
    const shoot = async (seconds: number) => {
      await page.getByLabel('Time', { exact: true }).fill(String(seconds * 1e6))
      return shootStill(page, { x: 150, y: 70, width: 750, height: 500 })
    }
    const first = await shoot(30)
    expect(await page.evaluate(() => window.rtnvis.arcs)).toEqual([
      'Nairobi, Kenya → Berlin, Germany · tls',
      'Berlin, Germany → Tokyo, Japan · http',
    ])
    const other = await shoot(46)
    expect(await differingPixels(page, await shoot(30), first)).toBe(0)
    expect(await differingPixels(page, other, first)).toBeGreaterThan(100)
    await page.keyboard.press('Space')
    await expect.poll(() => page.evaluate(() => window.rtnvis.positionUs)).toBeGreaterThan(31_000_000)
    await page.locator('#tab-globe').click({ force: true })
    expect(await page.locator('.toast').textContent()).toContain('needs WebGL')
    expect(await page.evaluate(() => window.rtnvis.picture)).toBe('map')
    await page.keyboard.press('f')
    await page.keyboard.type('app:tls')
    await page.keyboard.press('Escape') // the suggestions
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true)
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('q=app:tls')
    expect(complaints.filter((text) => !/WebGL/.test(text))).toEqual([])
    expect(foreign).toEqual([])
    await page.context().close()
  })

  it('a click on a place of the map shows its flows', async () => {
    // The map does not fly: the place stays where it was found.
    const { page } = await openPage(browser, fileAddress(join(folder, 'map')), { reducedMotion: 'reduce' })
    await page.waitForFunction(() => window.rtnvis.isComplete)
    const [x, y] = (await page.evaluate(() => window.rtnvis.locate('Berlin, Germany')))!
    await page.mouse.click(x, y)
    await expect.poll(() => page.locator('#flows-title').textContent()).toBe('Berlin, Germany')
    // What is in focus can be read, and let go.
    expect(await page.locator('#focus-chip').textContent()).toBe('Focus: Berlin, Germany×')
    await page.locator('#focus-chip').click()
    expect(await page.locator('#focus-chip').isVisible()).toBe(false)
    await expect.poll(() => page.evaluate(() => location.hash)).not.toContain('f=place')
    await page.context().close()
  })
})

describe('the origin', () => {
  it('is assumed until the reader says where it is; then arcs, link and database have it', async () => {
    const { page } = await openPage(browser, fileAddress(join(folder, 'map')))
    const chip = page.locator('#tray-origin')
    expect(await chip.textContent()).toBe('Origin: Nairobi, Kenya (assumed)')
    await chip.click()
    await page.getByLabel('City, or latitude and longitude').fill('reykjavík')
    await page.getByRole('button', { name: 'Use this place' }).click()
    await expect.poll(() => chip.textContent()).toBe('Origin: Reykjavík, Iceland')
    await expect.poll(() => page.evaluate(() => window.rtnvis.arcs)).toContain('Reykjavík, Iceland → Berlin, Germany · tls')
    await page.waitForFunction(() => location.hash.includes('o.origin=64.1'))
    await page.reload()
    await page.waitForFunction(() => window.rtnvis?.state === 'ready' && window.rtnvis.picture !== undefined)
    expect(await chip.textContent()).toBe('Origin: Reykjavík, Iceland')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download traffic.sqlite' }).click()
    const saved = "SELECT city, round(latitude_deg), round(longitude_deg) FROM places WHERE precision = 'origin'"
    expect(sqlite3(await (await download).path(), saved).trim()).toBe('Reykjavík, Iceland|64.0|-22.0')
    await page.context().close()
  })
})

describe('an empty capture', () => {
  it('is a valid report that says so', async () => {
    const report = await publish('empty', await makeEmptyDatabase(), EMPTY_SUMMARY)
    const { page, complaints } = await openPage(browser, fileAddress(report))
    expect(await page.evaluate(() => document.documentElement.dataset.state)).toBe('empty')
    await page.getByRole('heading', { name: 'No packets in this capture' }).waitFor()
    expect(await page.getByRole('button', { name: 'Play', exact: true }).isDisabled()).toBe(true)
    // No time and no speed of nothing.
    expect(await page.locator('#clock-time').textContent()).toBe('--:--:--.---')
    expect(await page.locator('#speed option').count()).toBe(0)
    // Nor a tick whose text has no room.
    const drawn = await page.locator('#histogram canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      return data.filter((value, at) => at % 4 === 3 && value > 0).length
    })
    expect(drawn).toBe(0)
    expect(await page.getByRole('link', { name: 'Read the report' }).isVisible()).toBe(true)
    expect(complaints.filter((text) => !/WebGL/.test(text))).toEqual([])
    await page.context().close()
  })
})

describe('a capture without IP', () => {
  it('says how many packets there were, and its findings can be read', async () => {
    const title = '02:00:00:00:00:09 claims the address 10.0.0.1 of 02:00:00:00:00:01'
    const database = await makeDatabase((insert) => {
      const finding = [1, 'arp-spoofing', 1, 'medium', 'why', title, 'next', FIRST_US, FIRST_US + 1, null, null, 'T1557.002', 0, 1]
      insert('alerts', [...finding, '{"observed":[],"picture":null}'])
      const meta = { packets: 12, first_us: FIRST_US, last_us: FIRST_US + 1, tick_us: 1000, ticks: 1 }
      for (const [key, value] of Object.entries(meta)) insert('meta', [key, String(value)])
    })
    const { page } = await openPage(browser, fileAddress(await publish('no-ip', database)))
    await page.getByText('of the 12 packets read, none has an IP address. 1 finding can be read under Alerts').waitFor()
    expect(await page.evaluate(() => [window.rtnvis.state, window.rtnvis.picture])).toEqual(['ready', 'local'])
    await page.keyboard.press('4')
    await page.locator('#view-alerts').getByText(title).first().waitFor()
    await page.context().close()
  })
})

describe('a damaged report', () => {
  const cases: { name: string; spoil(report: string): Promise<void>; says: RegExp }[] = [
    {
      name: 'without its manifest',
      spoil: (report) => rm(join(report, 'assets/data/manifest.js')),
      says: /manifest\.js is missing.*copy the whole report folder/i,
    },
    { name: 'with a part missing', spoil: (report) => rm(join(report, 'assets/data/part-0.js')), says: /part-0\.js \(1 of 1\) is missing/ },
    {
      name: 'with a part cut short',
      spoil: (report) => writeFile(join(report, 'assets/data/part-0.js'), 'rtnvisPart(0,"H4sI'),
      says: /part-0\.js \(1 of 1\) is damaged/,
    },
    {
      name: 'with a part of other bytes',
      spoil: (report) => writeFile(join(report, 'assets/data/part-0.js'), 'rtnvisPart(0,"AAAA")'),
      says: /A part of the report is damaged/,
    },
    ...Object.entries({ worker: 'worker', 'first script': 'start', 'shared script': 'shared', 'page script': 'app', globe: 'globe' }).map(
      ([part, file]) => ({
        name: `without its ${part}`,
        spoil: (report: string) => rm(join(report, `assets/${file}.js`)),
        says: new RegExp(`assets/${file}\\.js is missing.*copy the whole report folder`, 'i'),
      }),
    ),
  ]

  it.each(cases)('$name says what to do', async ({ name, spoil, says }) => {
    const report = await publish(name.replaceAll(' ', '-'), await makeSampleDatabase())
    await spoil(report)
    const { page } = await openPage(browser, fileAddress(report))
    expect(await page.evaluate(() => document.documentElement.dataset.state)).toBe('error')
    await page.getByRole('heading', { name: 'This report cannot be opened' }).waitFor()
    expect(await page.locator('#notice-text').textContent()).toMatch(says)
    await page.context().close()
  })

  it('without its editor has a plain text field for SQL', async () => {
    const report = await publish('without-its-editor', await makeSampleDatabase())
    await rm(join(report, 'assets/editor.js'))
    const { page } = await openPage(browser, `${fileAddress(report)}#v=sql`)
    await page.getByLabel('SQL statement').fill('SELECT count(*) FROM hosts')
    await page.keyboard.press('Control+Enter')
    await page.locator('.sql-result td', { hasText: /^7$/ }).waitFor()
    expect(await page.getByLabel('SQL statement').evaluate((element) => element.localName)).toBe('textarea')
    await page.context().close()
  })

  it('without its assets says so even so', async () => {
    const report = await publish('alone', await makeSampleDatabase())
    const seen = async () => {
      const page = await (await browser.newContext()).newPage()
      await page.goto(fileAddress(report))
      const isSeen = await page.getByText('the page of a report without its assets folder').isVisible()
      await page.context().close()
      return isSeen
    }
    expect(await seen()).toBe(false)
    await rm(join(report, 'assets'), { recursive: true })
    expect(await seen()).toBe(true)
  })

  it('without JavaScript says what can be read', async () => {
    const report = await publish('no-script', await makeSampleDatabase())
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    await page.goto(fileAddress(report))
    expect(await page.locator('noscript p').isVisible()).toBe(true)
    expect(await page.locator('noscript a').getAttribute('href')).toBe('./report.html')
    await page.context().close()
  })

  it.each([
    { name: 'no-database', bytes: () => new TextEncoder().encode('this is no database at all'.repeat(200)), says: /damaged/ },
    { name: 'nothing', bytes: () => new Uint8Array(0), says: /not written by rtnvis/ },
    {
      name: 'half',
      bytes: (whole: Uint8Array) => whole.slice(0, whole.length >> 1),
      says: /damaged/,
    },
  ])('with a database that is $name says so', async ({ name, bytes, says }) => {
    const report = await publish(`database-${name}`, bytes(await makeSampleDatabase()))
    const { page } = await openPage(browser, fileAddress(report))
    expect(await page.evaluate(() => document.documentElement.dataset.state)).toBe('error')
    expect(await page.locator('#notice-text').textContent()).toMatch(says)
    await page.context().close()
  })
})
