// Small windows: the card that says what happened leaves the picture free, and both ends of an arc over half the earth are seen.
import { afterEach, describe, expect, it } from 'vitest'
import { type OpenPage, openPage } from '../support/browser.ts'
import { useSampleReport } from '../support/sample-report.ts'

/** Berlin is moved 140 degrees to the east of Nairobi, and no other host has a place. */
const sample = useSampleReport({
  webGl: true,
  change(database) {
    database.run("UPDATE places SET latitude_deg = -1.3, longitude_deg = 176.8, city = 'Far', country = 'Side' WHERE city = 'Berlin'")
    database.run(
      "UPDATE hosts SET place_id = NULL WHERE place_id IN (SELECT id FROM places WHERE precision <> 'origin' AND city IS NOT 'Far')",
    )
  },
})

let opened: OpenPage
afterEach(() => opened.page.context().close())

describe.each([
  { width: 1280, height: 640 },
  { width: 1280, height: 560 },
  { width: 1024, height: 768 },
  { width: 960, height: 620 },
  { width: 960, height: 560 },
  { width: 740, height: 360 },
  { width: 640, height: 512 },
  { width: 360, height: 740 },
])('at $width x $height', ({ width, height }) => {
  it('card and picture have each their place', async () => {
    opened = await openPage(sample.browser, sample.address, { width, height, reducedMotion: 'reduce' })
    const { page } = opened
    await page.waitForFunction(() => window.rtnvis.isComplete)
    const over = () =>
      page.evaluate(() =>
        ['Nairobi, Kenya', 'Far, Side'].map((name) => {
          const at = window.rtnvis.locate(name)
          return at ? (document.elementFromPoint(...(at as [number, number]))?.closest('[id]')?.id ?? 'nothing') : 'not in sight'
        }),
      )
    await expect.poll(over).toEqual(['stage', 'stage'])
    const box = async (id: string) => (await page.locator(id).boundingBox())!
    const [story, filter, dock] = await Promise.all([box('#story'), box('#filter'), box('#dock')])
    expect(story.y).toBeGreaterThanOrEqual(filter.y + filter.height)
    expect(story.y + story.height).toBeLessThanOrEqual(dock.y)
    // The first sentence, and the others in the list, or on demand.
    const list = page.locator('#story-sentences')
    expect((await list.boundingBox())!.height).toBeGreaterThanOrEqual(26)
    const areAllThere = (await list.locator('li:visible').count()) === (await list.locator('li').count())
    expect(areAllThere || (await page.getByRole('button', { name: 'All sentences' }).isVisible())).toBe(true)
    expect(opened.complaints).toEqual([])
  })
})

it('the sidebar closes when the window gets narrow, and is there again when it is wide, unless it was closed', async () => {
  opened = await openPage(sample.browser, `${sample.address}#v=map`, { width: 1280, height: 720, reducedMotion: 'reduce' })
  const { page } = opened
  const isThere = async (width: number) => {
    await page.setViewportSize({ width, height: 720 })
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
    return page.locator('#sidebar').isVisible()
  }
  expect([await isThere(1280), await isThere(390), await isThere(1280)]).toEqual([true, false, true])
  await page.click('#toggle-sidebar')
  expect([await isThere(390), await isThere(1280)]).toEqual([false, false])
})

it.each([
  { width: 320, height: 568, view: 'map' },
  { width: 320, height: 568, view: 'local' },
  { width: 480, height: 400, view: 'map' },
])('no control of the $view lies on another one at $width x $height', async ({ width, height, view }) => {
  opened = await openPage(sample.browser, `${sample.address}#v=${view}`, { width, height, reducedMotion: 'reduce' })
  const { page } = opened
  const clock = (await page.locator('#clock-time').boundingBox())!
  expect(clock.height).toBeLessThan(30) // one line
  const covered = await page
    .locator('#dock :is(button, select, input), #stage-tools button, #story header button')
    .evaluateAll((controls) =>
      controls
        .filter((control) => control.checkVisibility())
        .filter((control) => {
          const { left, top, width, height } = control.getBoundingClientRect()
          return !control.contains(document.elementFromPoint(left + width / 2, top + height / 2))
        })
        .map((control) => control.id),
    )
  expect(covered).toEqual([])
})

it('the matrix shows rows on a phone in landscape', async () => {
  opened = await openPage(sample.browser, `${sample.address}#v=matrix`, { width: 740, height: 360, reducedMotion: 'reduce' })
  const { page } = opened
  const [row, panel] = await Promise.all(
    ['.matrix-table tbody tr:first-child', '#views'].map(async (selector) => (await page.locator(selector).boundingBox())!),
  )
  expect(row.y + row.height).toBeLessThanOrEqual(panel.y + panel.height)
})

it.each([
  { width: 740, height: 360 },
  { width: 390, height: 844 },
])('the SQL console shows its first line and Run at $width x $height', async ({ width, height }) => {
  opened = await openPage(sample.browser, `${sample.address}#v=sql`, { width, height, reducedMotion: 'reduce' })
  const { page } = opened
  const [line, run, panel] = await Promise.all(
    ['.sql-editor .cm-line:first-child', '.sql-tools .primary', '#views'].map(
      async (selector) => (await page.locator(selector).first().boundingBox())!,
    ),
  )
  expect(line.y).toBeGreaterThanOrEqual(panel.y)
  // Part of the button is enough to press it.
  expect(run.y + 20).toBeLessThanOrEqual(panel.y + panel.height)
})

// A window of 1440 x 900 at 300 and 400 % zoom.
it.each([
  [480, 300],
  [360, 225],
])('a view can be read at %i x %i', async (width, height) => {
  for (const view of ['flows', 'alerts', 'dashboard']) {
    opened = await openPage(sample.browser, `${sample.address}#v=${view}`, { width, height, reducedMotion: 'reduce' })
    const box = (await opened.page.locator('#views').boundingBox())!
    expect([view, box.height > 0.45 * height, box.y + box.height <= height]).toEqual([view, true, true])
    if (view !== 'dashboard') await opened.page.context().close()
  }
})

it('the dock of a phone of 320 pixels has no row for each select', async () => {
  opened = await openPage(sample.browser, sample.address, { width: 320, height: 640, reducedMotion: 'reduce' })
  const { page } = opened
  await page.waitForFunction(() => window.rtnvis.isComplete)
  const tops = await page.locator('.timeline-tools select:visible').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top))
  expect(tops).toHaveLength(3)
  expect(new Set(tops).size).toBe(1)
})
