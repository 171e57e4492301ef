// Sparks of a scan and pulses of a beacon in the page: at the times of the database, still where the reader wants no motion, and in the legend.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FIT_SECONDS } from '../../site/src/model/clock.ts'
import { BEAT_SECONDS, SPARK_SECONDS } from '../../site/src/model/effects.ts'
import { ALERT, rgbOf } from '../../site/src/ui/palette.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { type Look, openPage } from '../support/browser.ts'
import { fillFilter, filterField, filterText } from '../support/filter-field.ts'
import { useSampleReport } from '../support/sample-report.ts'
import { spreadOverTheEarth } from '../support/spread-places.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const CAPTURE = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

const sample = useSampleReport({
  webGl: true,
  summary: { firstUs: 1_773_738_000_400_000, lastUs: 1_773_738_479_849_897 },
  make: async () => (await analyzeBytes(await readFile(CAPTURE), undefined, {}, spreadOverTheEarth)).export(),
})
const pages: Page[] = []

const entryOf = (page: Page, name: string) => page.locator('#legend').getByRole('button', { name })

/** At a moment of the capture, at a speed of capture seconds a second. */
async function open(hash: string, look: Look = {}): Promise<Page> {
  const { page, complaints } = await openPage(sample.browser, `${sample.address}#${hash}`, look)
  pages.push(page)
  await page.waitForFunction(() => window.rtnvis.state === 'ready' && window.rtnvis.isComplete)
  await entryOf(page, 'ports tried').waitFor()
  expect(complaints).toEqual([])
  return page
}

const seen = (page: Page) => page.evaluate(() => window.rtnvis.effects)
const sparks = async (page: Page) => (await seen(page)).filter(({ port }) => port !== null)
const beats = async (page: Page) => (await seen(page)).filter(({ port }) => port === null)

/** Conversations of the findings of a rule that began in (from, to], seconds since the first packet. */
function counted(rule: string, from: number, to: number): number {
  const first = "(SELECT value FROM meta WHERE key = 'first_us')"
  return Number(
    sqlite3(
      sample.database,
      `SELECT count(DISTINCT f.id) FROM alerts a JOIN alert_flows ON alert_id = a.id JOIN flows f ON f.id = flow_id
         WHERE rule = '${rule}' AND severity <> 'info' AND f.first_us - ${first} > ${from * 1e6} AND f.first_us - ${first} <= ${to * 1e6}`,
    ),
  )
}

/** Pixels of the picture's canvas of about the colour of findings. */
function marked(page: Page): Promise<number> {
  const colour = rgbOf(ALERT.dark).map((part) => Math.round(part * 255))
  return page.evaluate(([red, green, blue]) => {
    const canvas = [...document.querySelectorAll<HTMLCanvasElement>('#stage canvas.map')].find(({ offsetWidth }) => offsetWidth > 0)!
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    let found = 0
    for (let at = 0; at < data.length; at += 4)
      if (Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue) < 60) found++
    return found
  }, colour)
}

beforeAll(() => expect(counted('port-scan', 0, 500)).toBe(760))
afterAll(() => Promise.all(pages.map((page) => page.context().close())))

describe('at a moment', () => {
  it('as many sparks are seen as ports were tried in the time that a spark lives', async () => {
    const page = await open('v=globe&t=220&x=1')
    expect((await sparks(page)).length).toBe(counted('port-scan', 220 - SPARK_SECONDS, 220))
    expect((await sparks(page)).length).toBeGreaterThan(5)
  })

  it('the pulses are those of beats in the time that a pulse lives, and none between two', async () => {
    const first = "(SELECT value FROM meta WHERE key = 'first_us')"
    const [us] = sqlite3(
      sample.database,
      `SELECT f.first_us - ${first} FROM alerts a JOIN alert_flows ON alert_id = a.id JOIN flows f ON f.id = flow_id
         WHERE rule = 'beacon' AND severity <> 'info' ORDER BY 1 LIMIT 1 OFFSET 4`,
    )
      .trim()
      .split('\n')
      .map(Number)
    const page = await open(`v=map&t=${(us + 300_000) / 1e6}&x=1`)
    const [beat, ...more] = await beats(page)
    expect(more).toEqual([])
    expect(Math.round(beat.seconds * 1e6)).toBe(us)
    expect(beat.isStanding).toBe(false)
    const later = await open(`v=map&t=${us / 1e6 + BEAT_SECONDS + 1}&x=1`)
    expect(await beats(later)).toEqual([])
  })

  it('beats too fast to be told apart are one steady ring, and the legend says so', async () => {
    const page = await open('v=map&t=220&x=500')
    const rings = await beats(page)
    expect(rings.map(({ isStanding }) => isStanding)).toEqual([true])
    const entry = entryOf(page, 'beats')
    await entry.hover()
    await expect.poll(() => entry.getAttribute('title')).toMatch(/a beat every 30 s, 16 beats; every 60 ms at this speed: drawn steady/)
  })
})

describe('where the reader wants no motion', () => {
  it('the ports tried so far stand around the place, at every speed', async () => {
    const page = await open('v=map&t=220&x=1', { reducedMotion: 'reduce' })
    const found = await sparks(page)
    expect(found.length).toBe(counted('port-scan', 0, 220))
    expect(found.every(({ isStanding }) => isStanding)).toBe(true)
    expect((await beats(page)).map(({ isStanding }) => isStanding)).toEqual([true])
  })
})

describe('the whole capture', () => {
  it('has all ports tried and a ring, until a filter leaves out the findings', async () => {
    const page = await open('v=map')
    expect((await sparks(page)).length).toBe(760)
    expect((await beats(page)).length).toBe(1)
    await fillFilter(page, 'app:quic')
    await filterField(page).press('Enter')
    await expect.poll(() => seen(page)).toEqual([])
    await entryOf(page, 'ports tried').click()
    await expect.poll(() => filterText(page)).toContain('alert:port-scan,sweep')
  })

  it('is drawn on map and local network, until the layer is off', async () => {
    for (const view of ['map', 'local']) {
      const page = await open(`v=${view}&t=225&x=${(475 / FIT_SECONDS).toFixed(2)}`, { colorScheme: 'dark' })
      await page.click('#toggle-layers')
      const layer = page.locator('[data-layer="effects"]')
      await expect.poll(() => marked(page)).toBeGreaterThan(0)
      const before = await marked(page)
      await layer.uncheck()
      await expect.poll(() => marked(page)).toBeLessThan(before - 100)
      await layer.check()
      await expect.poll(() => marked(page)).toBe(before)
    }
  })
})

it('the tooltip of the place says how many ports of whom', async () => {
  const page = await open('v=map&t=225&x=10&c=map:0,37,1.5', { reducedMotion: 'reduce' })
  const [x, y] = (await page.evaluate(() => window.rtnvis.locate('Nairobi, Kenya')))!
  const box = (await page.locator('#stage').boundingBox())!
  await page.mouse.move(box.x + x + 30, box.y + y - 200)
  await page.mouse.move(box.x + x, box.y + y)
  await expect.poll(() => page.textContent('#tooltip')).toContain('760 ports of 192.168.10.10 in this scan by 171.231.85.118')
})
