// The lights of cities, pixel by pixel: where cities are and it is night, in the dark theme, and nowhere else.
import { describe, expect, it } from 'vitest'
import { openPage, shootStill } from '../support/browser.ts'
import { ALTITUDE, OVER, onGlobe, onMap, type Point, type Position } from '../support/projections.ts'
import { useSampleReport } from '../support/sample-report.ts'

/** From 10:00 to 02:00 of the next day: night from America to the Urals, day in the Far East. */
const LATER_US = 16 * 3600e6

const sample = useSampleReport({
  webGl: true,
  change(database) {
    database.run(`UPDATE flows SET first_us = first_us + ${LATER_US}, last_us = last_us + ${LATER_US};
      UPDATE meta SET value = value + ${LATER_US} WHERE key IN ('first_us', 'last_us')`)
  },
})

const CAIRO: Position = [30.05, 31.24]
const MOSCOW: Position = [55.75, 37.62]
/** Rub al-Khali, where nobody lives. */
const DESERT: Position = [20, 51]
/** By day. */
const CHENGDU: Position = [30.66, 104.07]

/** By how much red is stronger than blue near a place, at most. Land and sea are blue. */
async function warmth(view: 'globe' | 'map', colorScheme: 'dark' | 'light', layers: string): Promise<number[]> {
  const camera = view === 'globe' ? `globe:${OVER.join(',')},${ALTITUDE}` : 'map:25,60,1.6'
  const { page, complaints } = await openPage(sample.browser, `${sample.address}#v=${view}&c=${camera}&o.layers=${layers}`, {
    ...{ reducedMotion: 'reduce', colorScheme, width: 1440, height: 900 },
  })
  await page.waitForFunction(() => window.rtnvis.state === 'ready' && window.rtnvis.isComplete)
  const locate = async (name: string) => (await page.evaluate((place) => window.rtnvis.locate(place), name)) as Point
  const height = await page.locator('#stage').evaluate((stage) => stage.clientHeight)
  const nairobi = await locate('Nairobi, Kenya')
  const project = view === 'globe' ? onGlobe(nairobi, height) : onMap(nairobi, await locate('Berlin, Germany'))
  const picture = await shootStill(page, { x: 0, y: 0, width: 1440, height: 900 })
  const found = await page.evaluate(
    async ({ source, points }) => {
      const image = new Image()
      image.src = `data:image/png;base64,${source}`
      await image.decode()
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d', { willReadFrequently: true })!
      context.drawImage(image, 0, 0)
      return points.map(([x, y]) => {
        if (!document.elementFromPoint(x, y)?.closest('#stage')) throw new Error(`a panel covers ${x}, ${y}`)
        const { data } = context.getImageData(x - 3, y - 3, 7, 7)
        let most = -255
        for (let at = 0; at < data.length; at += 4) most = Math.max(most, data[at] - data[at + 2])
        return most
      })
    },
    { source: picture.toString('base64'), points: [CAIRO, MOSCOW, DESERT, CHENGDU].map(project) },
  )
  expect(complaints).toEqual([])
  await page.context().close()
  return found
}

describe.each(['globe', 'map'] as const)('the %s', (view) => {
  it('has lights in the dark theme where it is night', async () => {
    const [cairo, moscow, desert, chengdu] = await warmth(view, 'dark', 'd')
    expect(Math.min(cairo, moscow)).toBeGreaterThan(20)
    expect(Math.max(desert, chengdu)).toBeLessThan(0)
  })

  it('has none where night is not drawn, nor in the light theme', async () => {
    expect(Math.max(...(await warmth(view, 'dark', 'a')).slice(0, 3))).toBeLessThan(0)
    expect(Math.max(...(await warmth(view, 'light', 'd')))).toBeLessThan(12)
  })
})
