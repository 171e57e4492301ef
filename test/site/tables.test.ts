// Tables, alerts, pages of one thing, files and links in real Chromium, from file://.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import initSqlJs from 'sql.js'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { publishSite } from '../../src/node/output/publish.ts'
import { doubleClick, ensureSite, fileAddress, type Look, launchBrowser, type OpenPage, openPage, SITE_DIR } from '../support/browser.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'
import { fillFilter, filterField, filterText } from '../support/filter-field.ts'
import { LARGE, makeLargeDatabase } from '../support/large-database.ts'
import { HOSTILE, makeSampleDatabase, SAMPLE_SUMMARY } from '../support/sample-database.ts'

/** Conversation 8 is a day later; the timeline has the others, as after a clock that jumped. */
async function makeTwoDays(): Promise<Uint8Array> {
  const database = new (await initSqlJs()).Database(await makeFilterDatabase())
  database.run(`
    UPDATE flows SET first_us = first_us + 86400000000, last_us = last_us + 86400000000 WHERE id = 8;
    UPDATE activity SET tick = tick + 86400 WHERE flow_id = 8;
    INSERT OR REPLACE INTO meta SELECT 'main_' || key, value FROM meta WHERE key IN ('first_us', 'last_us');
    UPDATE meta SET value = value + 86400000000 WHERE key = 'last_us'`)
  const bytes = database.export()
  database.close()
  return bytes
}

let folder: string
let browser: Browser
let opened: OpenPage[] = []

beforeAll(async () => {
  await ensureSite()
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-tables-'))
  const databases = {
    report: await makeFilterDatabase(),
    days: await makeTwoDays(),
    unsearched: await makeSampleDatabase(),
    large: await makeLargeDatabase(),
  }
  for (const [name, database] of Object.entries(databases))
    await publishSite({ siteDir: SITE_DIR, outDir: join(folder, name), database, summary: SAMPLE_SUMMARY, singleFile: false })
  browser = await launchBrowser()
})

afterEach(async () => {
  for (const { page, complaints, foreign } of opened) {
    expect([complaints, foreign]).toEqual([[], []])
    await page.context().close()
  }
  opened = []
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(hash: string, report = 'report', look: Look = {}): Promise<Page> {
  const one = await openPage(browser, `${fileAddress(join(folder, report))}#${hash}`, { reducedMotion: 'reduce', ...look })
  opened.push(one)
  return one.page
}

/** Texts of a column of the table on show, as many rows as are drawn. */
async function column(page: Page, label: string): Promise<string[]> {
  const at = await page.locator('.table-view:visible .grid-head .grid-cell').allTextContents()
  const rows = page.locator(`.table-view:visible .grid-row .grid-cell:nth-child(${at.indexOf(label) + 1})`)
  return rows.allTextContents()
}

const totals = (page: Page) => page.locator('.view:visible .totals-line:visible').textContent()
const hash = (page: Page) => page.evaluate(() => location.hash.slice(1))

async function download(page: Page, item: string): Promise<string> {
  await page.getByRole('button', { name: 'Export' }).click()
  const file = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: item }).click()
  return (await readFile(await (await file).path())).toString()
}

describe('the table of flows', () => {
  it('lists, sorts and totals what passes', async () => {
    const page = await open('v=flows')
    await expect.poll(() => totals(page)).toBe('8 flows · 10.2 kB · 32 packets')
    expect(await page.getByRole('grid', { name: 'Flows' }).getAttribute('aria-rowcount')).toBe('9')
    await page.getByRole('button', { name: 'Bytes', exact: true }).click()
    await expect.poll(() => column(page, 'Bytes')).toEqual(['5 kB', '1.6 kB', '1 kB', '1 kB', '600 B', '400 B', '400 B', '200 B'])
    expect(await page.getByRole('columnheader', { name: 'Bytes' }).getAttribute('aria-sort')).toBe('descending')
    await page.getByRole('button', { name: 'Bytes', exact: true }).click()
    await expect.poll(async () => (await column(page, 'Bytes'))[0]).toBe('200 B')
    await fillFilter(page, 'proto:udp')
    await expect.poll(() => totals(page)).toBe('3 flows · 1.4 kB · 6 packets')
    expect(await column(page, 'Application')).toEqual(['dns', 'mdns', 'other udp'])
  })

  it('has the date of each time where packets are of several days, whole, and the alerts, too', async () => {
    const page = await open('v=flows', 'days', { width: 1024 })
    await page.getByRole('button', { name: 'First' }).click()
    await expect.poll(async () => (await column(page, 'First'))[0]).toBe('2026-03-03 10:00:55.000')
    expect(await column(page, 'First')).toContain('2026-03-02 10:00:20.000')
    const isWhole = (cell: Element) => cell.scrollWidth <= cell.clientWidth
    expect(await page.locator('.table-view:visible .grid-row .grid-cell').first().evaluate(isWhole)).toBe(true)
    await page.getByRole('tab', { name: 'Alerts' }).click()
    await expect
      .poll(() =>
        page
          .getByRole('button', { name: /guessed passwords/ })
          .first()
          .textContent(),
      )
      .toContain('2026-03-02 10:00:20.000')
  })

  it('says where the clock jumped, and has in no chart what happened a day later', async () => {
    const page = await open('v=dashboard', 'days')
    expect(await page.locator('#report-span').textContent()).toMatch(/^2026-03-02 · 1 min of 1 d/)
    expect(await page.locator('#story-sentences').textContent()).toContain(
      'The clock of the capture jumped; charts and playback show 2026-03-02 10:00:00.000 UTC to 2026-03-02 10:01:00.000 UTC (1 min).',
    )
    await page.getByRole('button', { name: 'Traffic over time as a table' }).click()
    const packets = page.locator('#views table').first().locator('tbody td:last-child')
    await expect.poll(async () => (await packets.allTextContents()).reduce((sum, text) => sum + Number(text), 0)).toBe(30)
    expect(await page.locator('.time-chart i.gap:not([hidden])').count()).toBe(0)
  })

  it.each(['flows', 'hosts', 'names'])('of %s can be read to the last letter of each head in a narrow window', async (view) => {
    const page = await open(`v=${view}`, 'report', { width: 1024 })
    const heads = page.locator('.table-view:visible .grid-head button')
    await expect.poll(() => heads.count()).toBeGreaterThan(5)
    const cut = await heads.evaluateAll((all) => all.filter((head) => head.scrollWidth > head.clientWidth).map((head) => head.textContent))
    expect(cut).toEqual([])
  })

  it('goes back in one step from another tab to the page that the tab closed', async () => {
    const page = await open('v=flows')
    await page.getByRole('grid', { name: 'Flows' }).press('Enter')
    await page.locator('#detail').waitFor()
    const before = await page.evaluate(() => history.length)
    await page.getByRole('tab', { name: 'Hosts' }).click()
    await expect.poll(() => page.locator('#detail').isVisible()).toBe(false)
    expect(await page.evaluate(() => history.length)).toBe(before + 1)
    await page.goBack()
    await expect.poll(() => page.locator('#detail').isVisible()).toBe(true)
    expect(await page.getByRole('tab', { selected: true }).textContent()).toBe('Flows')
  })

  it('has its times in the zone that is chosen, as the page of a host has', async () => {
    const page = await open('v=flows')
    await expect.poll(async () => (await column(page, 'First'))[0]).toBe('10:00:00.000')
    const zone = page.getByLabel('Time zone', { exact: true })
    await zone.selectOption('Capture (Africa/Nairobi)')
    await expect.poll(async () => (await column(page, 'First'))[0]).toBe('13:00:00.000')
    await page.getByRole('grid', { name: 'Flows' }).press('Enter')
    await expect.poll(() => page.locator('#detail').textContent()).toContain(' GMT+3')
    await zone.focus()
    await zone.selectOption('UTC')
    await expect.poll(() => page.locator('#detail').textContent()).not.toContain('GMT+3')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('timeline-zone')
  })

  it('has its times in the zone that is chosen, as the list beside the stage has', async () => {
    const page = await open('')
    await page
      .getByRole('button', { name: /^Show flows of / })
      .first()
      .click()
    const times = () => page.locator('#flow-rows tr').first().textContent()
    await expect.poll(times).toContain('10:00:')
    await page.getByLabel('Time zone', { exact: true }).selectOption('Capture (Africa/Nairobi)')
    await expect.poll(times).toContain('13:00:')
  })

  it('covers a map that draws nothing, be it opened just when that is made', async () => {
    const script = `
      window.requestAnimationFrame = (draw) => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => draw(performance.now())
        port2.postMessage(null)
        return 1
      }
      const made = new MutationObserver(() => {
        if (!document.querySelector('.layer.map')) return
        made.disconnect()
        document.getElementById('tab-flows').click()
      })
      made.observe(document, { childList: true, subtree: true })`
    const page = await open('', 'report', { script })
    await expect.poll(() => totals(page)).toBe('8 flows · 10.2 kB · 32 packets')
    await page.getByRole('tab', { name: 'Map', exact: true }).click()
    await page.waitForFunction(() => window.rtnvis.isComplete)
  })

  it('is worked by keyboard alone: move, focus, open, close, filter', async () => {
    const page = await open('v=flows')
    const grid = page.getByRole('grid', { name: 'Flows' })
    await grid.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await expect.poll(() => hash(page)).toContain('f=flow:3')
    expect(await page.locator('.grid-row[aria-selected=true]').getAttribute('data-key')).toBe('3')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '200.160.2.3 → =cmd|calc!A0:22' }).waitFor()
    expect(await page.locator('#detail').textContent()).toContain('The server refused the connection')
    await page.keyboard.press('Escape')
    expect(await page.locator('#detail').isVisible()).toBe(false)
    expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.press('End')
    await page.keyboard.press('-') // without this state
    await expect.poll(() => totals(page)).toBe('7 flows · 9.2 kB · 26 packets')
    expect(await filterText(page)).toBe('-state:REJ')
  })

  it('takes a value into the filter from its menu, and columns come and go', async () => {
    const page = await open('v=flows')
    await page.locator('.grid-row').getByText('dns', { exact: true }).click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Only app:dns' }).click()
    await expect.poll(() => totals(page)).toBe('1 flow · 400 B · 2 packets')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Client port' }).click()
    await page.keyboard.press('Escape')
    await expect.poll(() => column(page, 'Client port')).toEqual(['50001'])
  })

  it('says so when nothing passes, with the way back', async () => {
    const page = await open('v=flows&q=app:gopher')
    await page.getByText('No flows pass the filter.').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).last().click()
    await expect.poll(() => totals(page)).toBe('8 flows · 10.2 kB · 32 packets')
  })

  it('gives a spreadsheet the cells that were selected with the mouse', async () => {
    const page = await open('v=hosts')
    const hosts = page.getByRole('grid', { name: 'Hosts' })
    await hosts.locator('.grid-row').first().waitFor()
    const copied = await hosts.evaluate((grid) => {
      const cell = (row: number, at: number) => grid.querySelectorAll('.grid-row')[row].children[at]
      const texts = [0, 1, 2].map((row) => cell(row, 0).textContent)
      getSelection()!.setBaseAndExtent(cell(0, 0), 0, cell(2, 0), 1)
      let text = ''
      const clipboardData = { setData: (_: string, data: string) => (text = data) } // Firefox lets no script fill one
      cell(0, 0).dispatchEvent(Object.assign(new Event('copy', { bubbles: true, cancelable: true }), { clipboardData }))
      return { texts, lines: text.split('\n') }
    })
    expect(copied.lines.map((line) => line.split('\t')[0])).toEqual(copied.texts)
    expect(copied.lines[0].split('\t').length).toBeGreaterThan(5)
    expect(copied.lines[2].split('\t').length).toBe(1)
  })

  it('of 100,000 flows draws only what is seen, to its very end', async () => {
    const page = await open('v=flows', 'large')
    await expect.poll(() => totals(page)).toContain('100,000 flows')
    await page.getByRole('grid', { name: 'Flows' }).focus()
    await page.keyboard.press('Control+End')
    await page.locator(`.grid-row[data-key="${LARGE.flows}"]`).waitFor()
    expect(await page.locator('.grid-row').count()).toBeLessThan(80)
    // Upwards, too, rows are in their order: a selection with the mouse takes them so.
    await page.keyboard.press('PageUp')
    const inOrder = await page.locator('.grid-row').evaluateAll((rows) => rows.map((row) => Number(row.ariaRowIndex)))
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b))
    await fillFilter(page, 'from:10.0.0.7 port:443')
    await expect.poll(() => totals(page)).toContain('2,000 flows') // every fiftieth client
  })
})

describe('a link', () => {
  it('restores view, filter, time, span, focus, columns and order exactly, and again after a reload', async () => {
    const link = 'v=flows&q=proto:tcp%20-country:BR&t=12.5&x=2.5&s=5-58&f=flow:4&o.flows.columns=first,server,bytes&o.flows.sort=-bytes'
    const page = await open(link)
    for (const round of ['opened', 'reloaded']) {
      await expect.poll(() => column(page, 'Bytes'), { message: round }).toEqual(['5 kB', '1.6 kB', '1 kB', '200 B'])
      expect(await page.locator('.grid-row[aria-selected=true]').getAttribute('data-key')).toBe('4')
      expect(await page.evaluate(() => window.rtnvis.positionUs)).toBe(12_500_000)
      expect(await filterText(page)).toBe('proto:tcp -country:BR')
      await page.waitForTimeout(700) // what the page itself writes has had its time
      expect(await hash(page)).toBe(link)
      await page.reload()
    }
  })

  it('goes back and forward through views and filters', async () => {
    const page = await open('')
    await page.getByRole('tab', { name: 'Hosts' }).click()
    await fillFilter(page, 'app:tls')
    await expect.poll(() => totals(page)).toContain('3 hosts')
    await page.goBack()
    await expect.poll(() => totals(page)).toContain('8 hosts')
    await page.goBack()
    expect(await page.getByRole('tab', { selected: true }).textContent()).toBe('Map')
  })

  it('is copied with everything in it', async () => {
    const page = await open('v=hosts&q=app:tls')
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Link to this picture' }).click()
    expect(await page.getByRole('textbox', { name: 'Link' }).inputValue()).toMatch(/^file:.*index\.html#v=hosts&q=app:tls/)
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByRole('menuitem', { name: 'As capture filter (BPF)' }).click()
    expect(await page.getByRole('dialog').getByRole('textbox').inputValue()).toContain('host 203.0.114.5')
  })
})

describe('the filter', () => {
  it('completes by keyboard, with counts', async () => {
    const page = await open('v=flows')
    await fillFilter(page, 'app:')
    await page.getByRole('option', { name: /^tls.*2 flows$/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect.poll(() => totals(page)).toContain('2 flows')
    expect(await filterText(page)).toBe('app:tls ')
  })

  it('says what is wrong and keeps what was', async () => {
    const page = await open('v=flows&q=app:tls')
    await fillFilter(page, 'app:tls bites>1M')
    await page.getByText('There is no field “bites”; did you mean bytes:?').waitFor()
    expect(await filterField(page).getAttribute('aria-invalid')).toBe('true')
    expect(await totals(page)).toContain('2 flows')
  })
})

describe('hosts and names', () => {
  it('count within what passes', async () => {
    const page = await open('v=hosts&q=app:tls')
    await expect.poll(() => totals(page)).toBe('3 hosts · 2 flows · 5.2 kB · 12 packets')
    expect(await column(page, 'Address')).toEqual(['203.0.114.5', '192.168.1.10', '2001:db8::5'])
    expect(await column(page, 'Sent')).toEqual(['4.1 kB', '1 kB', '100 B'])
    expect(await column(page, 'Peers')).toEqual(['2', '1', '1'])
  })

  it('open the page of a host: names with their source, peers, ports, activity, map', async () => {
    const page = await open('v=hosts')
    await doubleClick(page.locator('.grid-row').getByText('203.0.114.5', { exact: true }))
    const detail = page.locator('#detail')
    await detail.getByRole('heading', { name: 'www.example.org (203.0.114.5)' }).waitFor()
    const text = await detail.textContent()
    for (const part of ['Berlin, Germany', 'AS64500 Example Networks', 'Names (1)', 'Peers (3)', '443/tcp', 'Activity'])
      expect(text).toContain(part)
    await expect.poll(() => hash(page)).toContain('d=host:203.0.114.5')
    await detail.getByRole('button', { name: '192.168.1.10' }).first().click()
    await detail.getByRole('heading', { name: '192.168.1.10', exact: true }).waitFor()
  })

  it('show hostile names as text everywhere', async () => {
    const page = await open('v=names')
    await expect
      .poll(async () => (await column(page, 'Name')).sort())
      .toEqual(
        [HOSTILE.markup, HOSTILE.formula, 'gepj[U+202E].exe', 'a"b,c[U+000D][U+000A]d', 'www.example.org', 'gone.example.net'].sort(),
      )
    expect(await page.evaluate(() => [document.querySelectorAll('img').length, 'hacked' in window])).toEqual([0, false])
    await page.getByRole('button', { name: 'DNS questions' }).click()
    await expect.poll(() => column(page, 'Answer')).toEqual(['NOERROR', 'NXDOMAIN'])
  })
})

describe('files', () => {
  it('are safe in a spreadsheet and complete', async () => {
    const page = await open('v=flows&q=bytes>=500')
    await expect.poll(() => totals(page)).toContain('5 flows')
    const csv = await download(page, 'CSV: the columns shown')
    const lines = csv.split('\r\n')
    expect(lines[0]).toBe('First (UTC),Client,Server,Server name,To,Port,Transport,Application,Bytes,Packets,Duration (s),State')
    expect(lines[1]).toBe('2026-03-02T10:00:00.000000Z,192.168.1.10,203.0.114.5,www.example.org,DE,443,tcp,tls,5000,10,30,SF')
    expect(csv).toContain(",'=cmd|calc!A0,")
    expect(csv).toContain(',"a""b,c\r\nd",')
    const json = JSON.parse(await download(page, 'JSON: all columns')) as Record<string, unknown>[]
    expect(json).toHaveLength(5)
    expect(json[0]).toMatchObject({
      id: 1,
      client: '192.168.1.10',
      clientPort: 50_000,
      bytes: 5000,
      duration: 30,
      ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
    })
    const geo = JSON.parse(await download(page, 'GeoJSON: places on a map')) as {
      features: { geometry: unknown; properties: { id: number } }[]
    }
    expect(geo.features.map(({ geometry, properties }) => [properties.id, geometry])).toEqual([
      [
        1,
        {
          type: 'LineString',
          coordinates: [
            [36.817223, -1.286389],
            [13.405, 52.52],
          ],
        },
      ],
      [
        3,
        {
          type: 'LineString',
          coordinates: [
            [-55, -10],
            [36.817223, -1.286389],
          ],
        },
      ],
      [
        4,
        {
          type: 'LineString',
          coordinates: [
            [13.405, 52.52],
            [139.69, 35.68],
          ],
        },
      ],
      [5, null],
      [
        6,
        {
          type: 'LineString',
          coordinates: [
            [36.817223, -1.286389],
            [36.817223, -1.286389],
          ],
        },
      ],
    ])
  })
})

describe('alerts', () => {
  it('show what was measured, the picture with its threshold, and what to do next', async () => {
    const page = await open('v=alerts')
    const card = page.getByRole('region', { name: 'Alert', exact: true })
    await card.getByRole('heading', { name: '200.160.2.3 guessed passwords of 192.168.1.20.' }).waitFor()
    expect(await card.getByRole('img', { name: 'Attempts over time' }).locator('.point').count()).toBe(2)
    expect(await card.locator('.point.beyond').count()).toBe(1)
    expect(await card.locator('.threshold-label').textContent()).toBe('15 attempts')
    expect(await card.textContent()).toContain('Look at the log of 192.168.1.20.')
    const incident = card.locator('.incident')
    await incident.getByRole('heading', { name: 'Incident: likely' }).waitFor()
    const levels = await page.locator(':is(h1, h2, h3, h4):visible').evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])))
    expect(levels.every((level, i) => level <= (levels[i - 1] ?? 0) + 1)).toBe(true)
    expect(await incident.locator('p').first().textContent()).toContain('192.168.1.20 was probably harmed, by 200.160.2.3')
    await incident.getByText('1 indicator').click()
    expect(await incident.locator('table').last().locator('td').allTextContents()).toEqual(['Address', '200[.]160[.]2[.]3', 'seen', 'show'])
    // Both tables have room beside the list of alerts.
    for (const table of await incident.locator('.table').all())
      expect(await table.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
    await card.getByRole('button', { name: 'Show its flow' }).click()
    await expect.poll(() => totals(page)).toBe('1 flow · 1 kB · 6 packets')
    expect(await page.getByRole('tab', { selected: true }).textContent()).toBe('Flows')
  })

  it('that are not there: not looked for is another thing than nothing found', async () => {
    const page = await open('v=alerts', 'unsearched')
    await page.getByRole('heading', { name: 'Not searched' }).waitFor()
    const narrowed = await open('v=alerts&q=app:tls')
    await narrowed.getByText('No alert passes what is chosen').waitFor()
  })
})

describe.each([
  { width: 360, height: 740 },
  { width: 3840, height: 2160 },
])('at $width pixels', ({ width, height }) => {
  it('every table and page stays within the window', async () => {
    const page = await open('v=flows', 'report', { width, height })
    for (const view of ['flows', 'hosts', 'names', 'alerts', 'hosts&d=host:203.0.114.5']) {
      await page.evaluate((wanted) => {
        location.hash = `v=${wanted}`
      }, view)
      const panel = page.locator(view.includes('d=') ? '#detail' : `#view-${view}`)
      await panel.waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBe(width)
      const box = (await panel.boundingBox())!
      expect(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height, view).toBe(true)
      expect(box.height, view).toBeGreaterThan(200)
    }
  })
})
