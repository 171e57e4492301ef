// The card that says what happened, on the demo: each sentence goes where it says, and the walk tells them.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { openPage } from '../support/browser.ts'
import { useSampleReport } from '../support/sample-report.ts'

const CAPTURE = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

const sample = useSampleReport({ webGl: false, make: async () => (await analyzeBytes(await readFile(CAPTURE))).export() })

it('goes to what each sentence speaks of, from whatever filter, and tells the story', async () => {
  const { page, complaints } = await openPage(sample.browser, sample.address, { width: 1440, height: 900, reducedMotion: 'reduce' })
  const hash = () => page.evaluate(() => decodeURIComponent(location.hash))
  const press = (about: string) => page.locator(`#story-sentences [data-about=${about}]`).first().click()
  await press('largest')
  await expect.poll(hash).toMatch(/q=flow:\d+$/) // no time: the picture of all of it
  await expect.poll(() => page.locator('#filter-note').textContent()).toMatch(/^1 flow · 1.7 MB$/)
  await press('peak')
  await expect.poll(hash).toMatch(/s=\d+-\d+$/)
  await expect.poll(() => page.locator('#total-bytes').textContent()).toBe('654 kB')
  await press('finding')
  await expect.poll(hash).toMatch(/^#t=[\d.]+&f=alert:1$/) // neither filter nor span hide it
  expect(await page.locator('#caption-title').textContent()).toContain('every 30 s, 16 times')
  await page.keyboard.press('a')
  await expect.poll(hash).not.toContain('t=')
  await page.getByRole('button', { name: 'Play the story' }).click()
  await expect.poll(() => page.locator('#caption-count').textContent()).toMatch(/^1 of \d$/)
  expect(await page.locator('#caption-title').textContent()).toContain('18,325 packets')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Play the story' }).waitFor()
  await page.keyboard.press('c')
  expect(await page.locator('#story').isVisible()).toBe(false)
  expect(complaints).toEqual([])
  await page.context().close()
})

it('keeps the focus of the keyboard where what it was on goes with its view', async () => {
  const { page } = await openPage(sample.browser, `${sample.address}#v=alerts`, { reducedMotion: 'reduce' })
  const focused = () => page.evaluate(() => document.activeElement?.id)
  await page.locator('#view-alerts .host-link button').first().press('Enter')
  await expect.poll(() => page.locator('#detail').isVisible()).toBe(true)
  await page.keyboard.press('Escape')
  await expect.poll(() => page.locator('#detail').isVisible()).toBe(false)
  expect(await page.evaluate(() => document.activeElement?.closest('#view-alerts') !== null)).toBe(true)
  await page.getByRole('button', { name: 'Show its 16 flows' }).press('Enter')
  await expect.poll(focused).toBe('view-flows')
  await page.keyboard.press('m')
  await expect.poll(focused).toBe('stage')
  await page.getByRole('button', { name: /^All findings/ }).press('Enter')
  await expect.poll(focused).toBe('view-alerts')
  await page.context().close()
})

it.each([
  { width: 1920, height: 1080 },
  { width: 1024, height: 768 },
])('on a wall of $width x $height, the sentence leaves the legend free', async ({ width, height }) => {
  const { page } = await openPage(sample.browser, sample.address, { width, height, reducedMotion: 'reduce' })
  await page.getByRole('button', { name: 'Play the story' }).waitFor({ state: 'attached' })
  await page.keyboard.press('w')
  await expect.poll(() => page.locator('#caption-count').textContent()).toMatch(/^1 of \d$/)
  const legend = (await page.locator('#legend').boundingBox())!
  const room = async () => {
    const { y, height: tall } = (await page.locator('#caption').boundingBox())!
    return legend.y - (y + tall)
  }
  await expect.poll(room).toBeGreaterThan(0)
  await page.context().close()
})
