// Paper: each view from its beginning to its end, dark on white, and no panel over it.
import { afterEach, expect, test } from 'vitest'
import { type OpenPage, openPage } from '../support/browser.ts'
import { useSampleReport } from '../support/sample-report.ts'

const sample = useSampleReport({ webGl: true })

let opened: OpenPage
afterEach(() => opened.page.context().close())

async function print(view: string) {
  opened = await openPage(sample.browser, `${sample.address}#v=${view}`, { height: 500, colorScheme: 'dark', reducedMotion: 'reduce' })
  const { page } = opened
  if (['globe', 'map', 'local'].includes(view))
    await page.waitForFunction(() => !document.querySelector<HTMLButtonElement>('#save-picture')!.disabled && window.rtnvis.isComplete)
  else await page.locator('.view:visible').waitFor()
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
  await page.emulateMedia({ media: 'print' })
  return page
}

test.each(['globe', 'map', 'local'])('the %s is a picture with its caption, under the title of the report', async (view) => {
  const page = await print(view)
  const [title, picture] = await Promise.all(['#masthead', '#paper'].map(async (part) => (await page.locator(part).boundingBox())!))
  expect(picture.y).toBeGreaterThanOrEqual(title.y + title.height)
  expect(picture.width).toBeGreaterThan(1000)
  const colours = await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('#paper')!
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height / 2)
    return new Set(new Uint32Array(data.buffer)).size
  })
  expect(colours).toBeGreaterThan(20)
  await page.evaluate(() => dispatchEvent(new Event('afterprint')))
  expect(await page.locator('#paper').count()).toBe(0)
})

test.each(['flows', 'hosts', 'names', 'alerts', 'matrix', 'dashboard', 'health', 'sql'])(
  'the view %s is not cut, and nothing lies on it',
  async (view) => {
    const page = await print(view)
    for (const panel of ['#sidebar', '#dock', '#tabs', '#paper']) expect(await page.locator(panel).isVisible()).toBe(false)
    const cut = await page.evaluate(() => {
      const cuts = (element: Element) =>
        element.scrollHeight > element.clientHeight + 2 && !['visible', 'clip'].includes(getComputedStyle(element).overflowY)
      const parts = [...document.querySelectorAll('#views, #views *')].filter((part) => part.checkVisibility() && part.clientHeight > 60)
      return [document.body, document.documentElement, ...parts].filter(cuts).map(({ className, id }) => `${className} ${id}`)
    })
    expect(cut).toEqual([])
    const [text, ground] = await page.evaluate(() => [
      getComputedStyle(document.body).color,
      getComputedStyle(document.body).backgroundColor,
    ])
    expect([text, ground]).toEqual(['rgb(15, 28, 48)', 'rgba(0, 0, 0, 0)'])
  },
)
