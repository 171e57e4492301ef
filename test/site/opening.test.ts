// The seconds in which a report opens: what a reader does then is not lost, and nothing false is shown.
import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { openPage } from '../support/browser.ts'
import { filterField, filterText } from '../support/filter-field.ts'
import { useSampleReport } from '../support/sample-report.ts'

const sample = useSampleReport({ webGl: true })

it('shows a table as soon as the report is read, without waiting for the globe, and the globe after that', async () => {
  const page = await (await sample.browser.newContext({ reducedMotion: 'reduce' })).newPage()
  await page.addInitScript(() => {
    const seen = { panel: false, selected: '' as string | null }
    Object.assign(window, { seen })
    new MutationObserver(() => {
      if (document.documentElement.dataset.state !== 'ready' || seen.selected) return
      document.getElementById('tab-flows')!.click()
      seen.panel = document.getElementById('view-flows')?.hidden === false
      seen.selected = document.getElementById('tab-flows')!.getAttribute('aria-selected')
    }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-state'] })
  })
  await page.goto(sample.address)
  await page.getByRole('gridcell').first().waitFor()
  const seen = await page.evaluate(() => (window as unknown as { seen: unknown }).seen)
  expect(seen).toEqual({ panel: true, selected: 'true' })
  await page.getByRole('tab', { name: 'Globe' }).click()
  await page.waitForFunction(() => window.rtnvis.picture === 'globe' && window.rtnvis.isComplete)
  expect(await page.locator('.layer.globe').isVisible()).toBe(true)
  await page.context().close()
})

it('waits for a script that is long in coming', async () => {
  const page = await (await sample.browser.newContext({ reducedMotion: 'reduce' })).newPage()
  await page.route('**/assets/globe.js', async (route) => {
    await setTimeout(1500)
    await route.continue()
  })
  await page.goto(sample.address)
  await page.waitForFunction(() => window.rtnvis?.isComplete)
  expect(await page.evaluate(() => [window.rtnvis.state, window.rtnvis.picture])).toEqual(['ready', 'globe'])
  await page.context().close()
})

it('opens on the map where a link says so, and never on the globe first', async () => {
  const { page } = await openPage(sample.browser, `${sample.address}#v=map`, { reducedMotion: 'reduce' })
  await page.waitForFunction(() => window.rtnvis.isComplete)
  expect(await page.evaluate(() => window.rtnvis.picture)).toBe('map')
  expect(await page.locator('.layer.globe').count()).toBe(0)
  await page.context().close()
})

it('answers what was asked before the report was read', async () => {
  const page = await (await sample.browser.newContext({ reducedMotion: 'reduce' })).newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.addInitScript(() => {
    const press = setInterval(() => {
      if (!('rtnvis' in window)) return
      clearInterval(press)
      Object.assign(window, { pressedAt: document.documentElement.dataset.state })
      document.getElementById('show-flows')!.click()
    }, 1)
  })
  await page.goto(sample.address)
  await expect.poll(() => page.locator('#flow-rows tr').count()).toBe(7)
  expect(await page.evaluate(() => (window as unknown as { pressedAt: string }).pressedAt)).toBe('loading')
  expect(errors).toEqual([])
  await page.context().close()
})

it('says what is wrong with the filter of a link, instead of showing everything', async () => {
  const { page } = await openPage(sample.browser, `${sample.address}#q=foo:bar`, { reducedMotion: 'reduce' })
  expect(await filterText(page)).toBe('foo:bar')
  expect(await filterField(page).getAttribute('aria-invalid')).toBe('true')
  expect(await page.locator('#filter-note').textContent()).toContain('There is no field “foo”')
  await page.context().close()
})

it('keeps keys away from the page while a dialog is open', async () => {
  const { page } = await openPage(sample.browser, sample.address, { reducedMotion: 'reduce' })
  await page.keyboard.press('?')
  await page.locator('#help[open]').waitFor()
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  for (const key of ['Space', 'd', 'f', 'End']) await page.keyboard.press(key)
  expect(await page.evaluate(() => document.documentElement.dataset.view)).toBe('globe')
  expect(await page.evaluate(() => window.rtnvis.positionUs)).toBe(0)
  await page.keyboard.press('Escape')
  await page.keyboard.press('d')
  expect(await page.evaluate(() => document.documentElement.dataset.view)).toBe('dashboard')
  await page.context().close()
})

it('asks for no frame while nothing moves', async () => {
  const page = await (await sample.browser.newContext({ reducedMotion: 'reduce' })).newPage()
  await page.addInitScript(() => {
    const ask = window.requestAnimationFrame
    Object.assign(window, { asked: 0 })
    window.requestAnimationFrame = (draw) => {
      ;(window as unknown as { asked: number }).asked++
      return ask(draw)
    }
  })
  await page.goto(sample.address)
  await page.waitForFunction(() => window.rtnvis?.isComplete)
  await page.waitForTimeout(2500)
  const asked = () => page.evaluate(() => (window as unknown as { asked: number }).asked)
  const before = await asked()
  await page.waitForTimeout(1000)
  expect(await asked()).toBe(before)
  await page.context().close()
})

it('leaves playback free under the flows of what was clicked; on a phone they are a sheet over everything', async () => {
  for (const [width, height] of [
    [1280, 800],
    [1100, 800],
    [800, 700],
  ] as const) {
    const { page } = await openPage(sample.browser, sample.address, { width, height, reducedMotion: 'reduce' })
    await page.locator('#tray-unlocated').click()
    await page.locator('#flows').waitFor()
    const [panel, dock] = await Promise.all(['#flows', '#dock'].map((id) => page.locator(id).boundingBox()))
    expect(panel!.height).toBeGreaterThan(100)
    expect(panel!.y + panel!.height).toBeLessThanOrEqual(dock!.y)
    await page.context().close()
  }
})
