// The legend in real browsers, with more applications than there are colours.
import type { Page } from 'playwright-core'
import type { Database } from 'sql.js'
import { beforeAll, expect, it } from 'vitest'
import { openPage } from '../support/browser.ts'
import { fillFilter, filterText } from '../support/filter-field.ts'
import { useSampleReport } from '../support/sample-report.ts'

let page: Page

/** One flow is there ten times more, as ten more applications, each with fewer bytes than the one before. */
function addApplications(database: Database): void {
  database.run('CREATE TEMP TABLE copied AS SELECT * FROM flows WHERE id = 1')
  for (let nth = 1; nth <= 10; nth++)
    database.run(
      `UPDATE copied SET id = ${nth * 100 + 1}, client_packets = 1, server_packets = 1, client_bytes = ${100 - nth}, server_bytes = 0,
         application = 'kind ${nth}', application_source = 'port';
       INSERT INTO flows SELECT * FROM copied`,
    )
}

const sample = useSampleReport({ webGl: false, change: addApplications })

beforeAll(async () => {
  page = (await openPage(sample.browser, sample.address, { reducedMotion: 'reduce' })).page
})

const filter = () => filterText(page)
const pressed = () => page.locator('#legend button[aria-pressed="true"]').allTextContents()

it('shows an application alone at a press, and all at another', async () => {
  await page.locator('#legend').getByRole('button', { name: 'ssh' }).click()
  await expect.poll(filter).toBe('app:ssh')
  await expect.poll(pressed).toEqual(['ssh'])
  await page.locator('#legend').getByRole('button', { name: 'ssh' }).click()
  await expect.poll(filter).toBe('')
  await expect.poll(pressed).toEqual([])
})

it('shows those that share a colour alone, beside what is filtered already', async () => {
  const names = await page.locator('#legend button').allTextContents()
  expect(names).toHaveLength(8)
  const others = page.locator('#legend').getByRole('button', { name: /^\d+ others$/ })
  const count = Number.parseInt(names.at(-1)!, 10)
  expect(count).toBeGreaterThan(4)
  await fillFilter(page, 'port:443 app:ssh')
  await page.keyboard.press('Enter')
  await expect.poll(pressed).toEqual(['ssh'])
  await others.click()
  await expect.poll(pressed).toEqual([names.at(-1)])
  expect(await filter()).toMatch(/^port:443 -app:/)
  await page.getByRole('tab', { name: 'Flows' }).click()
  const shown = page.locator('#view-flows [role="gridcell"]', { hasText: /^kind \d+$/ })
  await expect.poll(() => shown.count()).toBe(count)
  await page.getByRole('tab', { name: 'Map' }).click()
  await page.locator('#legend').getByRole('button', { name: 'tls' }).click()
  await expect.poll(filter).toBe('port:443 app:tls')
  await others.click()
  await others.click()
  await expect.poll(filter).toBe('port:443')
  expect(await pressed()).toEqual([])
})
