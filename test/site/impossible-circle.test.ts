// Struck-out places on globe and map, pixel by pixel: crosses and the circle around the origin stand where spherical trigonometry puts them.
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { ALERT, rgbOf } from '../../site/src/ui/palette.ts'
import { openPage, shootStill } from '../support/browser.ts'
import { ALTITUDE, awayFrom, BERLIN, NAIROBI, OVER, onGlobe, onMap, type Point, type Position, TOKYO } from '../support/projections.ts'
import { useSampleReport } from '../support/sample-report.ts'

/** 9 and 30 ms, 100 km in each. */
const REACH_KM = { tokyo: 900, berlin: 3000 }
/** By index in the sample's table of places. */
const PLACE = { berlin: 1, tokyo: 2 }

const sample = useSampleReport({
  webGl: true,
  change(database) {
    const mark = (city: string, us: number) =>
      database.run("UPDATE hosts SET rtt_us = ?, place_check = 'impossible' WHERE place_id = (SELECT id FROM places WHERE city = ?)", [
        us,
        city,
      ])
    mark('Tokyo', 9000)
    mark('Berlin', 30_000)
    database.run("UPDATE meta SET value = 'option' WHERE key = 'origin_source'")
  },
})

const circle = (km: number): Position[] => Array.from({ length: 120 }, (_, step) => awayFrom(NAIROBI, km, step * 3))

const opened: Page[] = []
afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close()
})

/** Places alone, or with arcs; without names and night. */
async function open(view: 'globe' | 'map', colorScheme: 'dark' | 'light', { layers = 'p', more = '' } = {}) {
  const camera = view === 'globe' ? `globe:${OVER.join(',')},${ALTITUDE}` : 'map:10,60,1.4'
  const address = `${sample.address}#v=${view}&c=${camera}&o.layers=${layers}${more}`
  const { page, complaints } = await openPage(sample.browser, address, { reducedMotion: 'reduce', colorScheme, width: 1440, height: 900 })
  opened.push(page)
  await page.waitForFunction(() => window.rtnvis.state === 'ready' && window.rtnvis.isComplete)
  const locate = async (name: string) => (await page.evaluate((place) => window.rtnvis.locate(place), name)) as Point
  const height = await page.locator('#stage').evaluate((stage) => stage.clientHeight)
  const project =
    view === 'globe'
      ? onGlobe(await locate('Nairobi, Kenya'), height)
      : onMap(await locate('Nairobi, Kenya'), await locate('Berlin, Germany'))
  /** Takes a picture of the page, which any number of points are looked for in. */
  const shoot = async () => {
    const picture = await page.evaluateHandle(
      async (source) => {
        const image = new Image()
        image.src = `data:image/png;base64,${source}`
        await image.decode()
        const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!
        context.drawImage(image, 0, 0)
        return context.getImageData(0, 0, image.width, image.height)
      },
      (await shootStill(page, { x: 0, y: 0, width: 1440, height: 900 })).toString('base64'),
    )
    /** Share of those points that no panel covers where a pixel of the marks' colour is at most `near` pixels away. */
    return (points: Point[], near: number) =>
      page.evaluate(
        ({ picture: { data, width }, points, near, colour }) => {
          const isMarked = (x: number, y: number) =>
            [0, 1, 2].every((channel) => Math.abs(data[(y * width + x) * 4 + channel] - colour[channel]) < 50)
          const isNear = ([x, y]: number[]) => {
            for (let dx = -near; dx <= near; dx++)
              for (let dy = -near; dy <= near; dy++) if (isMarked(Math.round(x) + dx, Math.round(y) + dy)) return true
            return false
          }
          const seen = points.filter(([x, y]) => document.elementFromPoint(x, y)?.closest('#stage'))
          return { share: seen.filter(isNear).length / seen.length, seen: seen.length }
        },
        { picture, points, near, colour: rgbOf(ALERT[colorScheme]).map((part) => part * 255) },
      )
  }
  /** Whether the circle is the only one: dashed where it should be, and none a twelfth to either side. */
  const expectCircle = async (km: number, given?: Awaited<ReturnType<typeof shoot>>) => {
    const share = given ?? (await shoot())
    const drawn = await share(circle(km).map(project), 1)
    expect(drawn.share).toBeGreaterThan(0.5)
    expect(drawn.seen).toBeGreaterThan(60)
    for (const other of [km * 0.88, km * 1.12]) expect((await share(circle(other).map(project), 1)).share).toBeLessThan(0.03)
  }
  return { page, complaints, project, shoot, expectCircle }
}

const arms = ([x, y]: Point): Point[] => [-4, 4].flatMap((dx) => [-4, 4].map((dy): Point => [x + dx, y + dy]))
/** All along both arms of a cross. */
const cross = ([x, y]: Point): Point[] =>
  [-6, -5, -4, -3, -2, 2, 3, 4, 5, 6].flatMap((by): Point[] => [
    [x + by, y + by],
    [x + by, y - by],
  ])
/** Beside a dot, between the arms of a cross. */
const gaps = ([x, y]: Point): Point[] =>
  [-7, 7].flatMap((by): Point[] => [
    [x + by, y],
    [x, y + by],
  ])

describe.each(['globe', 'map'] as const)('the %s', (view) => {
  it.each(['dark', 'light'] as const)('strikes out the places, and draws the widest circle, in %s', async (scheme) => {
    const { project, shoot, expectCircle, complaints } = await open(view, scheme)
    const share = await shoot()
    for (const place of view === 'globe' ? [BERLIN] : [BERLIN, TOKYO]) {
      expect(await share(arms(project(place)), 1)).toEqual({ share: 1, seen: 4 })
      expect(await share(gaps(project(place)), 0)).toEqual({ share: 0, seen: 4 })
    }
    expect((await share(arms(project(NAIROBI)), 1)).share).toBe(0)
    await expectCircle(REACH_KM.berlin, share)
    expect(complaints).toEqual([])
  })

  it.each(['dark', 'light'] as const)('draws the crosses over the rings in which arcs end, in %s', async (scheme) => {
    const { project, shoot } = await open(view, scheme, { layers: 'ap' })
    const share = await shoot()
    expect(await share(cross(project(BERLIN)), 1)).toEqual({ share: 1, seen: 20 })
  })

  it('draws the circle of the place that was chosen, and while the pointer is on another, that of the other', async () => {
    const { page, project, expectCircle } = await open(view, 'dark', { more: `&f=place:${PLACE.tokyo}` })
    await expectCircle(REACH_KM.tokyo)
    await page.mouse.move(...project(BERLIN))
    await expect.poll(() => page.locator('#tooltip').textContent()).toContain('not there: at most 3,000 km from the origin')
    await expectCircle(REACH_KM.berlin)
    await page.mouse.move(...project(awayFrom(NAIROBI, 2000, 120)))
    await expectCircle(REACH_KM.tokyo)
  })
})
