// Small maps by time: their slices have every byte of the database, and one is selected by a press, with mouse or keyboard.
import axe from 'axe-core'
import { describe, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { buildTimeMaps } from '../../site/src/worker/answers/time-maps.ts'
import { openPage } from '../support/browser.ts'
import { useOpenReport } from '../support/open-report.ts'
import { makeSampleDatabase } from '../support/sample-database.ts'
import { useSampleReport } from '../support/sample-report.ts'

describe('the slices', () => {
  const opened = useOpenReport(makeSampleDatabase)
  const ask = (sql: string) => opened.ask(sql)

  it('of 60 ticks are 12 of five, without gap or overlap, up to the last packet', () => {
    const maps = atOnce(buildTimeMaps(opened.report, { filterText: '', slices: 12 }))
    expect(maps.map(({ fromUs }) => fromUs / 1e6)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55])
    expect(maps.slice(0, -1).map(({ toUs }) => toUs)).toEqual(maps.slice(1).map(({ fromUs }) => fromUs))
    expect(maps.at(-1)!.toUs).toBe(opened.report.report.timeline.durationUs)
  })

  it.each(['', 'app:tls'])('have each what the database has at its time, on the map and off it, with the filter "%s"', (filterText) => {
    const where = filterText === '' ? '' : "AND application = 'tls'"
    for (const { fromUs, total, off, arcs } of atOnce(buildTimeMaps(opened.report, { filterText, slices: 12 }))) {
      const tick = fromUs / 1e6
      const sums = (more: string) =>
        ask(`SELECT coalesce(sum(a.client_bytes + a.server_bytes), 0), coalesce(sum(a.client_packets + a.server_packets), 0), count(DISTINCT flow_id)
             FROM activity a JOIN flows f ON f.id = flow_id JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id
             WHERE tick >= ${tick} AND tick < ${tick === 55 ? 1e6 : tick + 5} ${where} ${more}`)
      expect([total.bytes, total.packets, total.flows]).toEqual(sums(''))
      const isOff = '(c.place_id IS NULL OR s.place_id IS NULL)'
      const drawn = sums(`AND NOT ${isOff}`)
      const sum = (of: 'bytes' | 'packets' | 'flows') => arcs.reduce((all, arc) => all + arc[of], 0)
      expect([sum('bytes'), sum('packets'), sum('flows')]).toEqual(drawn)
      expect([off.bytes, off.packets, off.flows]).toEqual(sums(`AND ${isOff}`))
    }
  })
})

describe('the maps', () => {
  const sample = useSampleReport({ webGl: false })

  it('select their span by keyboard, give it back at a second press, and are a table too', async () => {
    const { page, complaints } = await openPage(sample.browser, `${sample.address}#v=matrix`, {
      reducedMotion: 'reduce',
      colorScheme: 'dark',
    })
    await page.getByLabel('Shown as').selectOption('Maps by time')
    const maps = page.locator('.time-map')
    await expect.poll(() => maps.count()).toBe(12)
    expect(await maps.nth(2).locator('b').textContent()).toBe('10:00:10.000 – 10:00:15.000')
    await maps.nth(2).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.time-map[aria-pressed="true"] b').allTextContents()).toEqual(['10:00:10.000 – 10:00:15.000'])
    await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/s=10-15/)
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('time-map')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.time-map[aria-pressed="true"]').count()).toBe(0)
    await page.locator('.time-table summary').click()
    const row = page.locator('.time-table tbody tr').nth(2)
    // The part of flow 2 at second 10 (sample-database.ts).
    expect(await row.locator('th, td').allTextContents()).toEqual([
      '10:00:10.000 – 10:00:15.000',
      '400 B',
      '400 B',
      '1',
      'Nairobi, Kenya → Japan, 400 B, 2 packets, 1 flow',
    ])
    // An arc has a colour that the ground has not, and axe finds nothing serious.
    const blue = await maps
      .nth(2)
      .locator('canvas')
      .evaluate((canvas) => {
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 640, 320)
        let found = 0
        for (let at = 0; at < data.length; at += 4) if (data[at]! < 110 && data[at + 1]! > 120 && data[at + 2]! > 180) found++
        return found
      })
    expect(blue).toBeGreaterThan(100)
    await page.evaluate(axe.source)
    const results = await page.evaluate(() =>
      (window as unknown as { axe: typeof axe }).axe.run('#views', { preload: false, runOnly: ['wcag2a', 'wcag2aa', 'best-practice'] }),
    )
    expect(results.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
    expect(complaints.filter((text) => !/WebGL/.test(text))).toEqual([])
    await page.context().close()
  })
})
