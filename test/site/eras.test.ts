// A capture whose clock jumped: each part between the jumps can be shown, with all that happened in it and nothing else.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { describeMatching } from '../../site/src/worker/answers/matching.ts'
import { readRates } from '../../site/src/worker/answers/rates.ts'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import { openPage } from '../support/browser.ts'
import { useOpenReport } from '../support/open-report.ts'
import { DURATION_US, FIRST_US, makeSampleDatabase } from '../support/sample-database.ts'
import { useSampleReport } from '../support/sample-report.ts'

const DAY_US = 86_400_000_000
const JUMP_US = 400 * DAY_US

/** The last two conversations, and the last finding, are 400 days after the others. */
const makeJumped = () =>
  makeSampleDatabase((database) =>
    database.run(`
      UPDATE flows SET first_us = first_us + ${JUMP_US}, last_us = last_us + ${JUMP_US} WHERE id > 5;
      UPDATE activity SET tick = tick + ${JUMP_US / 1e6} WHERE flow_id > 5;
      UPDATE alerts SET first_us = first_us + ${JUMP_US}, last_us = last_us + ${JUMP_US} WHERE id = (SELECT max(id) FROM alerts);
      INSERT OR REPLACE INTO meta SELECT 'main_' || key, value FROM meta WHERE key = 'first_us';
      INSERT OR REPLACE INTO meta SELECT 'main_' || key, value - 9000001 FROM meta WHERE key = 'last_us';
      UPDATE meta SET value = value + ${JUMP_US} WHERE key = 'last_us'`),
  )

describe('the parts', () => {
  const opened = useOpenReport(makeJumped)

  it('are told, and the main one is shown', () => {
    const { eras, shownEra } = opened.report.report.timeline
    expect(shownEra).toBe(0)
    expect(eras.map(({ fromUs, toUs }) => [fromUs - FIRST_US, toUs - FIRST_US])).toEqual([
      [0, 50_999_999],
      [JUMP_US + 50e6, JUMP_US + DURATION_US - 1],
    ])
  })

  it.each([
    [1, 'flow_id < 6'],
    [2, 'flow_id > 5'],
    [7, 'flow_id < 6'],
  ])('have each its own packets in charts and sums: part %i', (era, where) => {
    const shown = openReport(opened.report.database, null, undefined, era)
    const { durationUs } = shown.report.timeline
    const packets = opened.ask(`SELECT sum(client_packets + server_packets), sum(client_bytes + server_bytes) FROM activity WHERE ${where}`)
    const rates = atOnce(readRates(shown, { filterText: '', span: null, bins: 480, by: 'application' }))
    const sum = (values: Float64Array) => values.reduce((all, value) => all + value, 0)
    expect([sum(rates.packets), sum(rates.bytes)]).toEqual(packets)
    // A span from edge to edge has what is in the charts, not what is before or after them.
    const { total } = atOnce(describeMatching(shown, { filterText: '', span: { fromUs: 0, toUs: durationUs } }))
    expect([total.packets, total.bytes]).toEqual(packets)
  })
})

describe('the page', () => {
  const sample = useSampleReport({ webGl: false, make: makeJumped })
  const text = (page: Page, selector: string) => page.locator(selector).textContent()
  const choice = (page: Page) => page.getByLabel('Part of the capture', { exact: true })

  it('shows another part when it is chosen, by a link, and goes back', async () => {
    const { page } = await openPage(sample.browser, sample.address, { reducedMotion: 'reduce' })
    await expect.poll(() => text(page, '#clock-date')).toBe('from 2026-03-02 10:00:00')
    expect(await choice(page).locator('option').allTextContents()).toEqual([
      'Part 1 of 2: 2026-03-02 10:00:00, 51 s',
      'Part 2 of 2: 2027-04-06 10:00:50, 10 s',
    ])
    await choice(page).selectOption({ index: 1 })
    await expect.poll(() => text(page, '#clock-date')).toBe('from 2027-04-06 10:00:50')
    await expect.poll(() => text(page, '#report-span')).toMatch(/^2027-04-06 · 10 s of /)
    await page.goBack()
    await expect.poll(() => text(page, '#clock-date')).toBe('from 2026-03-02 10:00:00')
    await page.context().close()
  })

  it('opens a link with times of another part', async () => {
    const { page } = await openPage(sample.browser, `${sample.address}#v=dashboard&t=9&s=8.5-9.5&o.era=2`, { reducedMotion: 'reduce' })
    await expect.poll(() => text(page, '#clock-time')).toBe('10:00:59.000')
    expect(await text(page, '#span-text')).toContain('2027-04-06 10:00:58.500')
    // Two of four packets of conversation 6, and both of conversation 7.
    await expect.poll(() => text(page, '#total-packets')).toBe('4')
    await page.context().close()
  })
})
