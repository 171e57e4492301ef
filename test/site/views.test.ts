// Every view there is, in both themes, at three widths: no serious finding of axe, nothing to complain of, nothing beyond the edges.
// Pictures of all of them land in output/screenshots (not in the repository), for people to look at.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { publishSite } from '../../src/node/output/publish.ts'
import { ensureSite, fileAddress, launchChromium, openPage, SITE_DIR, serveStrictly } from '../support/browser.ts'
import { makeSampleDatabase, SAMPLE_SUMMARY } from '../support/sample-database.ts'

const PICTURES = fileURLToPath(new URL('../../output/screenshots', import.meta.url))

let folder: string
let browser: Browser
let withWebGl: Browser
let server: Awaited<ReturnType<typeof serveStrictly>>

beforeAll(async () => {
  await ensureSite()
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-views-'))
  await publishSite({ siteDir: SITE_DIR, outDir: folder, database: await makeSampleDatabase(), summary: SAMPLE_SUMMARY, singleFile: false })
  browser = await launchChromium({ webGl: false })
  withWebGl = await launchChromium({ webGl: true })
  server = await serveStrictly(folder)
  await mkdir(PICTURES, { recursive: true })
})

afterAll(async () => {
  await browser?.close()
  await withWebGl?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Opens each tab in turn; `visit` is called when its panel is there and has settled. */
async function eachView(page: Page, visit: (view: string) => Promise<void>): Promise<string[]> {
  const tabs = await page.getByRole('tab').all()
  const names: string[] = []
  for (const tab of tabs) {
    if (!(await tab.isVisible()) || (await tab.getAttribute('aria-disabled')) === 'true') continue
    await tab.click()
    const view = await page.evaluate(() => document.documentElement.dataset.view!)
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
    await page.waitForTimeout(150)
    names.push(view)
    await visit(view)
  }
  return names
}

function look(width: number, colorScheme: 'dark' | 'light') {
  return { width, height: width < 600 ? 740 : width < 1200 ? 768 : 900, colorScheme, reducedMotion: 'reduce' as const }
}

/** Takes a picture at a width, and holds the page against its edges. */
async function takePicture(page: Page, view: string, width: number, colorScheme: 'dark' | 'light'): Promise<void> {
  await page.setViewportSize(look(width, colorScheme))
  await page.waitForTimeout(200)
  await page.screenshot({ path: join(PICTURES, `${view}-${width}-${colorScheme}.png`) })
  expect(await page.evaluate(() => document.documentElement.scrollWidth), `${view} at ${width}`).toBe(width)
}

/** Serious and critical findings, one line each. */
async function findings(page: Page): Promise<string[]> {
  const results = await page.evaluate(
    () =>
      (window as unknown as { axe: typeof axe }).axe.run(document, {
        preload: false, // it would ask for the style sheet again, which file:// refuses
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      }) as Promise<axe.AxeResults>,
  )
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary?.split('\n')[1]?.trim()}`),
    )
}

const SIZES = [
  { name: 'desktop', sizes: [1440, 1024] },
  { name: 'phone', sizes: [360] },
]

describe.each(['dark', 'light'] as const)('in %s colours', (colorScheme) => {
  it.each(SIZES)('every view on a $name is whole, and axe finds nothing serious', async ({ sizes }) => {
    const [first] = sizes as [number]
    const { page, complaints, foreign } = await openPage(browser, fileAddress(folder), look(first, colorScheme))
    await page.evaluate(axe.source)
    const found: string[] = []
    const names = await eachView(page, async (view) => {
      found.push(...(await findings(page)).map((line) => `${view}: ${line}`))
      for (const width of sizes) await takePicture(page, view, width, colorScheme)
      await page.setViewportSize(look(first, colorScheme))
    })
    expect(names).toEqual(expect.arrayContaining(['map', 'dashboard', 'sql']))
    expect(found).toEqual([])
    expect(complaints.filter((text) => !/WebGL/.test(text))).toEqual([])
    expect(foreign).toEqual([])
    await page.context().close()
  })

  it('the globe, a selected span and the help sheet too', async () => {
    const { page, complaints } = await openPage(withWebGl, `${fileAddress(folder)}#s=10-20`, look(360, colorScheme))
    await page.evaluate(axe.source)
    for (const width of [360, 1024, 1440]) await takePicture(page, 'globe', width, colorScheme)
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys and gestures' }).waitFor()
    await page.screenshot({ path: join(PICTURES, `help-${colorScheme}.png`) })
    const told = await page.locator('#help kbd').allTextContents()
    const shortcuts = await page
      .locator('[aria-keyshortcuts]')
      .evaluateAll((controls) => controls.flatMap((control) => control.getAttribute('aria-keyshortcuts')!.split(' ')))
    expect(shortcuts.map((key) => key.replaceAll('Control+', 'Ctrl + ')).filter((key) => !told.includes(key))).toEqual([])
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await page.locator('#help').isVisible()).toBe(false)
    expect(complaints).toEqual([])
    await page.context().close()
  })
})

it('no view breaks the policy of a strict host', async () => {
  const { page, complaints, foreign } = await openPage(browser, server.address, { reducedMotion: 'reduce' })
  await eachView(page, async () => {})
  expect(complaints.filter((text) => !/WebGL/.test(text))).toEqual([])
  expect(foreign).toEqual([])
  await page.context().close()
})
