// How the page stands at usual sizes: nothing cut off, nothing on top of something else, every control with a name, and quick.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openPage, SITE_DIR } from '../support/browser.ts'
import { contrast } from '../support/contrast.ts'
import { useSampleReport } from '../support/sample-report.ts'

const sample = useSampleReport({ webGl: true })

const SIZES = [
  { width: 1440, height: 900, isBeside: true },
  { width: 1024, height: 768, isBeside: true },
  { width: 360, height: 740, isBeside: false },
]

describe.each(SIZES)('at $width x $height', ({ width, height, isBeside }) => {
  it('nothing is cut off or covered', async () => {
    const { page } = await openPage(sample.browser, sample.address, { width, height, reducedMotion: 'reduce' })
    const box = async (selector: string) => (await page.locator(selector).boundingBox())!
    const dock = await box('#dock')
    expect(dock.x).toBeGreaterThanOrEqual(0)
    expect(dock.x + dock.width).toBeLessThanOrEqual(width)
    expect(dock.y + dock.height).toBeLessThanOrEqual(height)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    for (const control of ['#play', '#speed', '#time', '#clock-time', '#theme', '#toggle-sidebar']) {
      const { x, y, width: wide, height: high } = await box(control)
      expect(x >= 0 && y >= 0 && x + wide <= width && y + high <= height, control).toBe(true)
    }
    // The sidebar stands beside the dock where there is room, else it is put away until asked for.
    expect(await page.locator('#sidebar').isVisible()).toBe(isBeside)
    if (isBeside) expect((await box('#sidebar')).x).toBeGreaterThanOrEqual(dock.x + dock.width)
    await page.getByRole('button', { name: 'Details' }).click()
    expect(await page.locator('#sidebar').isVisible()).toBe(!isBeside)
    if (!isBeside) {
      const sidebar = await box('#sidebar')
      expect(sidebar.x >= 0 && sidebar.x + sidebar.width <= width).toBe(true)
      expect(await page.evaluate(() => document.querySelector('.sidebar-scroll')!.scrollWidth)).toBeLessThanOrEqual(sidebar.width)
    }
    await page.context().close()
  })
})

describe('the page', () => {
  it('gives every control a name and tells its state to assistive technology', async () => {
    const { page } = await openPage(sample.browser, sample.address, { reducedMotion: 'reduce' })
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, a, select, input, canvas[tabindex], progress')]
        .filter((control) => control.checkVisibility())
        .filter(
          (control) => !(control.getAttribute('aria-label') || control.textContent?.trim() || (control as HTMLInputElement).labels?.length),
        )
        .map((control) => control.outerHTML),
    )
    expect(nameless).toEqual([])
    expect(await page.getByRole('slider', { name: 'Time', exact: true }).getAttribute('aria-valuetext')).toBe('2026-03-02 10:00:00.000 UTC')
    expect(await page.getByRole('status').textContent()).toContain('30 packets')
    await page.getByRole('slider', { name: 'Time', exact: true }).focus()
    await page.keyboard.press('PageUp')
    expect(await page.locator('#clock-time').textContent()).toBe('10:00:06.000')
    await page.keyboard.press('ArrowLeft')
    expect(await page.locator('#clock-time').textContent()).toBe('10:00:05.400')
    // Both are still there to be read, whichever came last.
    await page.keyboard.press('n')
    await page.keyboard.press('End')
    await page.keyboard.press('Space')
    await page.keyboard.press('Space')
    expect(await page.getByRole('status').locator('p').allTextContents()).toEqual([
      expect.anything(),
      'Playing',
      expect.stringContaining('Paused at'),
    ])
    await page.context().close()
  })

  it('turns light or dark as the system asks, and as the reader chooses', async () => {
    const { page } = await openPage(sample.browser, sample.address, { colorScheme: 'light', reducedMotion: 'reduce' })
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
    expect(await ground()).toBe('light')
    await page.getByRole('button', { name: 'Switch to dark colours' }).click()
    expect(await ground()).toBe('dark')
    await page.context().close()
  })

  it('says how long the first picture takes, and stays small', async () => {
    const { page } = await openPage(sample.browser, sample.address, { reducedMotion: 'reduce' })
    const marks = await page.evaluate(() =>
      performance.getEntriesByType('mark').map(({ name, startTime }) => [name, Math.round(startTime)]),
    )
    console.log('milliseconds after opening:', Object.fromEntries(marks))
    expect(marks.map(([name]) => name).sort()).toEqual(['first-picture', 'opened', 'picture', 'ready'])
    const files = await Promise.all(
      ['index.html', 'assets/start.js', 'assets/shared.js', 'assets/app.js', 'assets/globe.js', 'assets/worker.js', 'assets/app.css'].map(
        (file) => readFile(join(SITE_DIR, file)),
      ),
    )
    expect(files.reduce((sum, file) => sum + file.length, 0)).toBeLessThan(6_000_000)
    await page.context().close()
  })
})

describe.each(['dark', 'light'] as const)('in the %s theme', (colorScheme) => {
  it.each([
    { of: 'a report', address: () => sample.address, buttons: '.button:visible, #tabs button:visible' },
    { of: 'the start page', address: () => pathToFileURL(join(SITE_DIR, 'analyze.html')).href, buttons: '.button:visible' },
  ])('the words of buttons of $of can be read under the pointer', async ({ address, buttons }) => {
    const page = await sample.browser.newPage({ reducedMotion: 'reduce', colorScheme })
    await page.goto(address())
    await page.waitForFunction(() => ['ready', 'start'].includes(document.documentElement.dataset.state!))
    const all = await page.locator(buttons).all()
    expect(all.length).toBeGreaterThan(3)
    for (const button of all) {
      await button.hover()
      const [words, ground] = await button.evaluate((element) => {
        let under = element
        while (getComputedStyle(under).backgroundColor === 'rgba(0, 0, 0, 0)') under = under.parentElement!
        const { color } = getComputedStyle(element)
        const { backgroundColor } = getComputedStyle(under)
        const hex = (part: string) => Number(part).toString(16).padStart(2, '0')
        return [color, backgroundColor].map((rgb) => `#${rgb.match(/\d+/g)!.slice(0, 3).map(hex).join('')}`)
      })
      expect(contrast(words, ground), await button.evaluate(({ outerHTML }) => outerHTML)).toBeGreaterThanOrEqual(4.5)
    }
    await page.close()
  })
})
