// The analyzer's page makes its globe while a capture is chosen: the same one then shows it, in the colours that were chosen meanwhile.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { ensureSite, launchChromium, SITE_DIR } from '../support/browser.ts'
import { makeMmdb } from '../support/mmdb.ts'

const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))
const BERLIN = { location: { latitude: 52.5, longitude: 13.4 }, country: { iso_code: 'DE', names: { en: 'Germany' } } }

let browser: Browser
let scratch: string
let places: string

beforeAll(async () => {
  await ensureSite()
  scratch = await mkdtemp(join(tmpdir(), 'rtnvis-globe-'))
  places = join(scratch, 'City.mmdb')
  await writeFile(places, makeMmdb({ '0.0.0.0/1': BERLIN, '128.0.0.0/1': BERLIN }, { databaseType: 'Test-City' }))
  browser = await launchChromium({ webGl: true })
})

afterAll(async () => {
  await browser?.close()
  await rm(scratch, { recursive: true, force: true })
})

async function openStart() {
  const page = await browser.newPage({ viewport: { width: 1100, height: 760 }, colorScheme: 'dark' })
  const complaints: string[] = []
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('filechooser', () => {})
  await page.goto(pathToFileURL(join(SITE_DIR, 'analyze.html')).href)
  return { page, complaints }
}

/** Mean of a picture's red, green and blue, 0 to 255. */
async function brightness(png: Buffer): Promise<number> {
  const page = await browser.newPage()
  const mean = await page.evaluate(async (base64) => {
    const image = new Image()
    image.src = `data:image/png;base64,${base64}`
    await image.decode()
    const copy = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height }).getContext('2d')!
    copy.drawImage(image, 0, 0)
    const { data } = copy.getImageData(0, 0, image.width, image.height)
    return data.reduce((sum, value, i) => sum + (i % 4 < 3 ? value : 0), 0) / ((data.length / 4) * 3)
  }, png.toString('base64'))
  await page.close()
  return mean
}

test('the globe that was made ahead is the one that shows the report', async () => {
  const { page, complaints } = await openStart()
  await page.click('#choose-files')
  const canvas = await page.waitForSelector('.ahead .globe canvas', { state: 'attached' })
  expect(await page.locator('.ahead').evaluate((ahead) => ahead.checkVisibility({ visibilityProperty: true }))).toBe(false)
  await page.click('#theme')
  await page.setViewportSize({ width: 900, height: 700 })
  await page.setInputFiles('#files', [places, DEMO])
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready' && window.rtnvis.isComplete)
  expect(await page.evaluate(() => [window.rtnvis.picture, document.querySelectorAll('.ahead, .poster').length])).toEqual(['globe', 0])
  expect(await canvas.evaluate((element) => element === document.querySelector('#stage .globe canvas'))).toBe(true)
  expect(await canvas.evaluate(({ clientWidth, clientHeight }: HTMLElement) => [clientWidth, clientHeight])).toEqual([900, 700])
  const middle = await page.screenshot({ clip: { x: 300, y: 250, width: 100, height: 100 } })
  expect(await brightness(middle)).toBeGreaterThan(128)
  expect(complaints).toEqual([])
  await page.close()
})

test('without time to make one, the demo opens all the same', async () => {
  const { page, complaints } = await openStart()
  await page.click('#try-demo')
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready' && window.rtnvis.isComplete)
  expect(await page.locator('.ahead').count()).toBe(0)
  expect(complaints).toEqual([])
  await page.close()
})
