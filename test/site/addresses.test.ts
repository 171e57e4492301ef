// Texts that need room or a direction: IPv6 addresses in tables, names from right to left, values beside a chart, the zone of a link.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { openPage } from '../support/browser.ts'
import { FIRST_US } from '../support/sample-database.ts'
import { useSampleReport } from '../support/sample-report.ts'

/** Two hosts of one network, a name that begins with letters from right to left, and three years in place of a minute. */
const sample = useSampleReport({
  webGl: false,
  change(database) {
    database.run(`
      UPDATE hosts SET ip = '2001:db8:1234:5678:9abc:def0:1111:aaaa' WHERE id = 3;
      UPDATE hosts SET ip = '2001:db8:1234:5678:9abc:def0:1111:bbbb', name = 'مثال1.example', name_source = 'dns' WHERE id = 4;
      UPDATE names SET name = 'مثال1.example' WHERE host_id = 4;
      UPDATE flows SET first_us = ${FIRST_US} + (first_us - ${FIRST_US}) * 1500000, last_us = ${FIRST_US} + (last_us - ${FIRST_US}) * 1500000;
      UPDATE meta SET value = CASE key WHEN 'tick_us' THEN '1500000000000' ELSE '${FIRST_US + 60 * 1_500_000_000_000}' END WHERE key IN ('tick_us', 'last_us')`)
  },
})

const open = async (hash: string, width = 1280): Promise<Page> =>
  (await openPage(sample.browser, `${sample.address}#${hash}`, { reducedMotion: 'reduce', width })).page

describe.each([1280, 390])('a table in a window of %i pixels', (width) => {
  it('shows the end of every IPv6 address: addresses of one network differ there', async () => {
    const page = await open('v=hosts', width)
    const grid = page.getByRole('grid', { name: 'Hosts' })
    for (const last of ['aaaa', 'bbbb']) {
      const cell = grid.getByRole('gridcell', { name: new RegExp(`:${last}$`) }).first()
      await cell.waitFor()
      expect(await cell.textContent()).toBe(`2001:db8:1234:5678:9abc:def0:1111:${last}`)
      const shown = await cell.evaluate((element) => {
        const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
        let end: Text | null = null
        for (let node = text.nextNode(); node; node = text.nextNode()) end = node as Text
        const range = document.createRange()
        range.setStart(end!, end!.length - 4)
        range.setEnd(end!, end!.length)
        return range.getBoundingClientRect().right <= element.getBoundingClientRect().right
      })
      expect(shown).toBe(true)
    }
    await page.context().close()
  })
})

it('a name ends with its top-level domain on the right, in lists as in tables', async () => {
  const page = await open('')
  const name = page.locator('#hosts bdi', { hasText: 'example' }).filter({ hasText: 'مثال1' })
  await name.first().waitFor()
  const isRight = await name.first().evaluate((element) => {
    const text = element.firstChild as Text
    const part = (from: number, to: number) => {
      const range = document.createRange()
      range.setStart(text, from)
      range.setEnd(text, to)
      return range.getBoundingClientRect().left
    }
    return part(text.length - 7, text.length) > part(0, 4)
  })
  expect(isRight).toBe(true)
  await page.context().close()
})

it('values beside a chart are whole: no digit is cut off', async () => {
  const page = await open('v=dashboard')
  const card = page.locator('.card', { hasText: 'New flows' }).first()
  await card.locator('.u-over').waitFor()
  // The longest of its values, in the font of the axis, has room between the card's edge and the plot.
  const [room, needed] = await card.evaluate((element) => {
    const plot = element.querySelector('.u-over')!.getBoundingClientRect()
    const chart = element.querySelector('.uplot')!.getBoundingClientRect()
    const context = document.createElement('canvas').getContext('2d')!
    context.font = '12px system-ui, sans-serif'
    return [plot.left - chart.left, context.measureText('0.0000002 flows/s').width]
  })
  expect(room).toBeGreaterThan(needed)
  await page.context().close()
})

it('the zone that a link names is the one that is chosen, though this report does not offer it', async () => {
  const page = await open('o.zone=Asia%2FTokyo&t=0')
  await expect.poll(() => page.locator('#clock-time').textContent()).toBe('19:00:00.000')
  expect(await page.getByLabel('Time zone', { exact: true }).inputValue()).toBe('Asia/Tokyo')
  await page.context().close()
})
