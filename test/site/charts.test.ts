// Timeline, dashboard and SQL console in real Chromium, held against numbers that one can do in the head (sample-database.ts).
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { openPage } from '../support/browser.ts'
import { filterText } from '../support/filter-field.ts'
import { HOSTILE } from '../support/sample-database.ts'
import { useSampleReport } from '../support/sample-report.ts'

const sample = useSampleReport({ webGl: false })

/** All of the minute is in one tick, which is longer: so is a part of a capture whose clock jumped by years. */
const oneTick = useSampleReport({
  webGl: false,
  change(database) {
    database.run(`
      CREATE TEMP TABLE whole AS SELECT 0, flow_id, sum(client_packets), sum(server_packets), sum(client_bytes), sum(server_bytes) FROM activity GROUP BY flow_id;
      DELETE FROM activity; INSERT INTO activity SELECT * FROM whole;
      DELETE FROM retransmissions;
      UPDATE meta SET value = CASE key WHEN 'tick_us' THEN '100000000' ELSE '1' END WHERE key IN ('tick_us', 'ticks')`)
  },
})

const open = async (hash: string) => (await openPage(sample.browser, `${sample.address}${hash}`, { reducedMotion: 'reduce' })).page
const text = (page: Page, selector: string) => page.locator(selector).textContent()

/** Cells of a table, row by row. */
const cells = (page: Page, selector: string) =>
  page.locator(`${selector} tbody tr`).evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)))

async function saved(page: Page, press: () => Promise<void>): Promise<string> {
  const download = page.waitForEvent('download')
  await press()
  return readFile(await (await download).path(), 'utf8')
}

describe('the timeline', () => {
  it('has one bar from edge to edge where everything is in one tick', async () => {
    const { page } = await openPage(oneTick.browser, oneTick.address, { reducedMotion: 'reduce' })
    const filled = () =>
      page.locator('#histogram canvas').evaluate((canvas: HTMLCanvasElement) => {
        const { width, height } = canvas
        const { data } = canvas.getContext('2d')!.getImageData(0, Math.floor(height / 2), width, 1)
        return data.filter((value, at) => at % 4 === 3 && value > 128).length / width
      })
    await expect.poll(filled).toBeGreaterThan(0.98)
    await page.context().close()
  })

  it('selects a span by a drag, keeps it in the address, and lets it go', async () => {
    const page = await open('')
    const plot = (await page.locator('#histogram .u-over').boundingBox())!
    await page.mouse.move(plot.x + plot.width / 4, plot.y + 20)
    await page.mouse.down()
    await page.mouse.move(plot.x + plot.width / 3, plot.y + 20, { steps: 3 })
    await page.mouse.move(plot.x + plot.width / 2, plot.y + 20, { steps: 3 })
    await page.mouse.up()
    // A quarter and a half of a minute; a pixel is about 0.07 s.
    await expect.poll(() => text(page, '#span-text')).toMatch(/^10:00:(14\.9|15\.[01])\d* – 10:00:(29\.9|30\.[01])\d* · /)
    expect(await page.evaluate(() => window.rtnvis.positionUs)).toBe(0)
    await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/s=1[45][\d.]*-(29|30)/)
    // Its later edge is moved, the other one stays.
    await page.mouse.move(plot.x + plot.width / 2 + 2, plot.y + 20)
    await page.mouse.down()
    await page.mouse.move(plot.x + plot.width * 0.6, plot.y + 20, { steps: 3 })
    await page.mouse.move(plot.x + plot.width * 0.75, plot.y + 20, { steps: 3 })
    await page.mouse.up()
    await expect.poll(() => text(page, '#span-text')).toMatch(/^10:00:(14\.9|15\.[01])\d* – 10:00:(44\.9|45\.[01])\d* · /)
    await page.keyboard.press('x')
    expect(await page.locator('#span-tools').isVisible()).toBe(false)
    await page.context().close()
  })

  it('seeks by a click', async () => {
    const page = await open('')
    const plot = (await page.locator('#histogram .u-over').boundingBox())!
    await page.mouse.click(plot.x + plot.width / 2, plot.y + 20)
    expect(Math.abs((await page.evaluate(() => window.rtnvis.positionUs)) - 30e6)).toBeLessThan(100_000)
    await page.context().close()
  })

  it('marks a span and zooms by keys alone', async () => {
    const page = await open('#t=20')
    await page.keyboard.press('i')
    await page.getByLabel('Time', { exact: true }).fill('40000000')
    await page.keyboard.press('o')
    expect(await text(page, '#span-text')).toBe('10:00:20.000 – 10:00:40.000 · 20 s')
    await page.keyboard.press('z')
    expect(
      await page.locator('#timeline-view').evaluate(({ style }) => [style.left, style.width].map(Number.parseFloat).map(Math.round)),
    ).toEqual([33, 33])
    await page.keyboard.press('+')
    expect(await page.locator('#timeline-view').evaluate(({ style }) => Math.round(Number.parseFloat(style.width)))).toBe(17)
    await page.keyboard.press('0')
    expect(await page.locator('#timeline-view').isVisible()).toBe(false)
    await page.context().close()
  })

  it('shows the highest rate in the chosen unit, and times in the chosen zone', async () => {
    const page = await open('#t=30')
    // Second 0 has most bytes (2000) and most packets (4); the tick is a second.
    await expect.poll(() => text(page, '#timeline-peak')).toBe('peak 16 kbit/s')
    await page.getByLabel('Unit', { exact: true }).selectOption('Packets/s')
    await expect.poll(() => text(page, '#timeline-peak')).toBe('peak 4 packets/s')
    expect(await text(page, '#clock-time')).toBe('10:00:30.000')
    await page.getByLabel('Time zone', { exact: true }).selectOption('Capture (Africa/Nairobi)')
    await expect.poll(() => text(page, '#clock-time')).toBe('13:00:30.000')
    expect(await text(page, '#clock-date')).toBe('2026-03-02 GMT+3')
    await page.context().close()
  })
})

describe('the dashboard', () => {
  it('ranks what the rows add up to, as charts and as tables', async () => {
    const page = await open('#v=dashboard')
    await page.getByRole('button', { name: 'Applications as a table' }).click()
    await expect
      .poll(() => cells(page, '#card-applications'))
      .toEqual([
        ['tls', '5 kB', '50.0 %', '10', '1'],
        ['smb', '1.6 kB', '16.0 %', '4', '1'],
        ['ssh', '1 kB', '10.0 %', '6', '1'],
        ['http', '1 kB', '10.0 %', '4', '1'],
        ['other udp', '600 B', '6.0 %', '2', '1'],
        ['dns', '400 B', '4.0 %', '2', '1'],
        ['mdns', '400 B', '4.0 %', '2', '1'],
      ])
    await page.getByRole('button', { name: 'Countries as a table' }).click()
    // Flows with an end in Germany: 1, 4; in Japan: 2, 4; in Brazil: 3.
    expect((await cells(page, '#card-countries')).map((row) => row.slice(0, 3))).toEqual([
      ['Germany', 'DE', '6 kB'],
      ['Japan', 'JP', '1.4 kB'],
      ['Brazil', 'BR', '1 kB'],
    ])
    await page.getByRole('button', { name: 'TCP outcomes as a table' }).click()
    expect((await cells(page, '#card-outcomes')).map((row) => [row[0], row[5]])).toEqual([
      ['Opened and closed', '3'],
      ['Refused', '1'],
    ])
    expect(await text(page, '#card-sizes .none')).toContain('has no packet rows')
    await page.context().close()
  })

  it('narrows the filter by a press, everywhere, and takes it back', async () => {
    const page = await open('#v=dashboard')
    const bar = page.locator('#card-ports').getByRole('button', { name: /^443/ })
    await bar.click()
    await expect.poll(() => filterText(page)).toBe('port:443')
    await expect.poll(() => text(page, '.dashboard-summary')).toBe('Whole capture · 1 flow · 10 packets · 5 kB')
    expect(await bar.getAttribute('aria-pressed')).toBe('true')
    // The bars were drawn anew: the keyboard stands where it stood.
    expect(await bar.evaluate((element) => element === document.activeElement)).toBe(true)
    await expect.poll(() => text(page, '#total-flows')).toBe('1')
    await bar.click()
    await expect.poll(() => text(page, '.dashboard-summary')).toContain('7 flows')
    await page.context().close()
  })

  it('counts a selected span alone', async () => {
    const page = await open('#v=dashboard&s=30-31')
    // Second 30: flow 1 (1200 bytes, 2 packets) and flow 4 (500 bytes, 2 packets).
    await expect.poll(() => text(page, '.dashboard-summary')).toMatch(/2 flows · 4 packets · 1\.7 kB$/)
    await page.context().close()
  })

  it('gives a card as CSV that no spreadsheet computes', async () => {
    const page = await open('#v=dashboard')
    await page.locator('#card-talkers .bar').first().waitFor()
    const csv = await saved(page, () => page.getByRole('button', { name: 'Download Top talkers as CSV' }).click())
    expect(csv).toContain(`'${HOSTILE.formula},5.5.5.5,600,0.06,2,1`)
    expect(csv.split('\r\n')).toHaveLength(9)
    await page.context().close()
  })
})

describe('the SQL console', () => {
  const run = async (page: Page, sql: string) => {
    const editor = page.getByLabel('SQL statement')
    await editor.press('Control+a') // Firefox's fill() adds to what is there
    await editor.press('Delete')
    await editor.fill(sql)
    await page.keyboard.press('Control+Enter')
  }
  const status = (page: Page) => text(page, '.sql-status')

  it('answers a query, says when it was cut, and gives all of it as CSV', async () => {
    const page = await open('#v=sql')
    await run(page, 'SELECT application, sum(client_bytes + server_bytes) AS bytes FROM flows GROUP BY 1 ORDER BY 2 DESC LIMIT 2')
    await expect.poll(() => status(page)).toMatch(/^2 rows · /)
    expect(await cells(page, '.sql-result')).toEqual([
      ['tls', '5000'],
      ['smb', '1600'],
    ])
    await run(page, 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) SELECT i FROM n')
    await expect.poll(() => status(page)).toMatch(/^The first 1,000 rows; there are more/)
    const csv = await saved(page, () => page.getByRole('button', { name: 'Download the result as CSV' }).click())
    expect(csv.trim().split('\r\n')).toHaveLength(1501)
    await run(page, 'SELECT 1 AS one; SELECT 2 AS two')
    await expect.poll(() => status(page)).toMatch(/^1 row · the last result of 2 statements · /)
    expect(await cells(page, '.sql-result')).toEqual([['2']])
    await page.context().close()
  })

  it('shows as much of a result as a page can, and says what it left out', async () => {
    const page = await open('#v=sql')
    const without = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)'
    const columns = Array.from({ length: 1990 }, (_, index) => `i + ${index} AS c${index}`)
    await run(page, `${without} SELECT ${columns} FROM n`)
    await expect.poll(() => status(page)).toMatch(/^The first 200 rows; there are more, the first 100 of 1,990 columns/)
    expect(await page.locator('.sql-result td').count()).toBe(20_000)
    await run(page, "SELECT printf('%.100000000c', 'x') AS long, 'short' AS other")
    await expect.poll(() => status(page)).toMatch(/^1 row, 1 text cut at 200 characters/)
    expect((await cells(page, '.sql-result'))[0][0]).toBe(`${'x'.repeat(200)}…`)
    const many = Array.from({ length: 60 }, (_, index) => `printf('%.100000000c', 'x') AS c${index}`)
    await run(page, `SELECT ${many}`)
    await expect.poll(() => status(page)).toContain('more memory than the page can use')
    await page.context().close()
  })

  it('shows hostile names as text, and makes them harmless in the CSV', async () => {
    const page = await open('#v=sql')
    await run(page, 'SELECT name FROM names ORDER BY host_id')
    await page.locator('.sql-result').getByText(HOSTILE.markup, { exact: true }).waitFor()
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
    const csv = await saved(page, () => page.getByRole('button', { name: 'Download the result as CSV' }).click())
    expect(csv).toContain("\r\n'=cmd|calc!A0\r\n")
    await page.context().close()
  })

  it('says in words what is wrong, and goes on', async () => {
    const page = await open('#v=sql')
    const wrong = {
      'SELECT * FROM flow': 'There is no table “flow”. Did you mean “flows”?',
      'SELECT ipp FROM hosts': 'There is no column “ipp” here. Did you mean “ip”?',
      'SELEC 1': 'SQLite does not understand this query; the error is at “SELEC”.',
      'DELETE FROM flows': 'The console only reads: the report stays as it was analysed.',
      'PRAGMA query_only = OFF; DELETE FROM hosts': 'The console only reads: the report stays as it was analysed.',
    }
    for (const [sql, words] of Object.entries(wrong)) {
      await run(page, sql)
      await expect.poll(() => status(page), { message: sql }).toContain(words)
      await run(page, 'SELECT (SELECT count(*) FROM flows) + (SELECT count(*) FROM hosts)')
      await expect.poll(() => cells(page, '.sql-result')).toEqual([['14']])
    }
    await page.context().close()
  })

  it('stops a query without end, and answers the next', async () => {
    const page = await open('#v=sql')
    await run(page, 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n')
    await expect.poll(() => status(page)).toBe('Running…')
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect.poll(() => status(page)).toBe('Stopped.')
    // By keyboard: what is pressed cannot be pressed twice, and the focus is on what can.
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    await page.getByRole('button', { name: 'Run', exact: true }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('Stop')
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('Run')
    await expect.poll(() => status(page)).toBe('Stopped.')
    await run(page, 'SELECT count(*) FROM hosts')
    await expect.poll(() => cells(page, '.sql-result')).toEqual([['7']])
    await page.context().close()
  })

  it('a newer query takes the place of one that runs', async () => {
    const page = await open('#v=sql')
    await run(page, 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n')
    await expect.poll(() => status(page)).toBe('Running…')
    await run(page, 'SELECT count(*) FROM hosts')
    await expect.poll(() => cells(page, '.sql-result')).toEqual([['7']])
    expect(await page.getByRole('button', { name: 'Stop' }).isDisabled()).toBe(true)
    await page.context().close()
  })

  it('loads its editor when it is first opened, completes from the schema by keyboard, and lets the keyboard go', async () => {
    const page = await open('')
    const hasEditor = () => page.evaluate(() => document.querySelector('script[src$="assets/editor.js"]') !== null)
    expect(await hasEditor()).toBe(false)
    await page.keyboard.press('q')
    const editor = page.locator('.cm-content')
    await editor.waitFor()
    expect(await hasEditor()).toBe(true)
    await expect.poll(() => status(page)).toMatch(/^Reads only/)
    await editor.fill('')
    await editor.pressSequentially('SELECT count(*) FROM hos')
    const suggestion = (label: string) => page.getByRole('option', { name: new RegExp(`^${label}`) })
    await suggestion('hosts').waitFor()
    await page.waitForTimeout(100) // CodeMirror takes no Enter in the first moment of a list
    await page.keyboard.press('Enter')
    await editor.pressSequentially(' h WHERE h.ip LIKE ')
    await editor.pressSequentially("'%' AND h.place_i")
    await suggestion('place_id').waitFor()
    await page.waitForTimeout(100)
    await page.keyboard.press('Enter')
    const written = "SELECT count(*) FROM hosts h WHERE h.ip LIKE '%' AND h.place_id"
    expect(await editor.textContent()).toBe(written)
    await editor.pressSequentially(' IS NULL OR countr')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+z')
    expect((await editor.textContent())!.length).toBeLessThan(`${written} IS NULL OR countr`.length)
    await editor.fill('')
    await editor.pressSequentially('SELECT 1 FROM hos')
    await suggestion('hosts').waitFor()
    await page.keyboard.press('Control+Enter') // a list left open would lie over the result and its buttons
    await expect.poll(() => status(page)).toContain('no table “hos”')
    expect(await suggestion('hosts').count()).toBe(0)
    await editor.fill('SELECT place_')
    await page.keyboard.press('Home')
    await page.keyboard.press('g') // no key of the page
    expect(await page.evaluate(() => document.documentElement.dataset.view)).toBe('sql')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Run')
    await page.context().close()
  })

  it('has examples that run', async () => {
    const page = await open('#v=sql')
    const examples = (await page.locator('.sql-tools option').allTextContents()).slice(1)
    for (const example of examples) {
      await page.locator('.sql-status').evaluate((element) => element.replaceChildren())
      await page.locator('.sql-tools select').selectOption(example)
      await expect.poll(() => status(page), { message: example }).toMatch(/^[\d,]+ rows? · /)
    }
    expect(examples.length).toBeGreaterThan(5)
    await page.context().close()
  })
})
