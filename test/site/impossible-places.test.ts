// Places where light could not have gone: struck out on the map, with an entry of the legend (impossible-circle.test.ts has where all marks stand).
import type { Page } from 'playwright-core'
import type { Database } from 'sql.js'
import { beforeAll, expect, it } from 'vitest'
import { ALERT, rgbOf } from '../../site/src/ui/palette.ts'
import { openPage } from '../support/browser.ts'
import { filterText } from '../support/filter-field.ts'
import { useSampleReport } from '../support/sample-report.ts'

function markImpossible(database: Database): void {
  database.run(`
    UPDATE hosts SET rtt_us = 9000, place_check = 'impossible' WHERE place_id = (SELECT id FROM places WHERE city = 'Tokyo');
    UPDATE meta SET value = 'option' WHERE key = 'origin_source'`)
}

const sample = useSampleReport({ webGl: false, change: markImpossible })
let page: Page

beforeAll(async () => {
  page = (await openPage(sample.browser, sample.address, { reducedMotion: 'reduce', colorScheme: 'dark' })).page
  await page.waitForSelector('#legend button')
})

/** Pixels of all canvases about in the colour of the crosses. */
function countMarked(): Promise<number> {
  const colour = rgbOf(ALERT.dark).map((part) => Math.round(part * 255))
  return page.evaluate(([red, green, blue]) => {
    let marked = 0
    for (const canvas of document.querySelectorAll('canvas')) {
      const context = canvas.width > 300 ? canvas.getContext('2d') : null
      const data = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
      for (let at = 0; at < data.length; at += 4)
        if (
          Math.abs(data[at] - red) < 30 &&
          Math.abs(data[at + 1] - green) < 30 &&
          Math.abs(data[at + 2] - blue) < 30 &&
          data[at + 3] > 200
        )
          marked++
    }
    return marked
  }, colour)
}

/** The number once it no longer changes. */
async function settled(): Promise<number> {
  let last = -1
  await expect
    .poll(async () => {
      const number = await countMarked()
      const isSame = number === last
      last = number
      return isSame
    })
    .toBe(true)
  return last
}

it('strikes the place out, and the legend filters by these hosts', async () => {
  // Arcs of findings have the same colour: what goes away with the places are the crosses.
  if (await page.isHidden('#layers')) await page.click('#toggle-layers')
  const places = page.locator('[data-layer="places"]')
  await places.uncheck()
  const before = await settled()
  await places.check()
  await expect.poll(countMarked).toBeGreaterThan(before + 20)
  await page.click('#toggle-layers')
  const entry = page.locator('#legend').getByRole('button', { name: 'not there' })
  await entry.click()
  await expect.poll(() => filterText(page)).toBe('place:impossible')
  await expect.poll(() => entry.getAttribute('aria-pressed')).toBe('true')
  await entry.click()
  await expect.poll(() => filterText(page)).toBe('')
})
