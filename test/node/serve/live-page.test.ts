// The player in live mode in real Chromium: follows the capture, freezes on Pause, catches up on Resume, goes back and comes to now;
// goes on after the line broke, and by questions where WebSockets do not come through.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {} from '../../../site/src/app/debug-api.ts'
import { type LiveContent, liveContent } from '../../../src/node/serve/live-content.ts'
import { type RunningServer, startServer } from '../../../src/node/serve/server.ts'
import { TCP_COLUMNS } from '../../../src/store/tcp-columns.ts'
import { ensureSite, launchChromium, type OpenPage, openPage, SITE_DIR } from '../../support/browser.ts'
import { sourceThreads } from '../../support/database-threads.ts'
import { fillFilter } from '../../support/filter-field.ts'
import { HOSTILE } from '../../support/sample-database.ts'
import { flowTo, LAST_US, ScriptedFeed, SYDNEY } from './scripted-feed.ts'
import { OPTIONS } from './served.ts'

let browser: Browser
beforeAll(async () => {
  await ensureSite()
  browser = await launchChromium({ webGl: false })
})
afterAll(() => browser?.close())

let feed: ScriptedFeed
let content: LiveContent
let server: RunningServer
let opened: OpenPage
let page: Page

async function start(port = 0): Promise<void> {
  server = await startServer({ ...OPTIONS, port }, (counters) => {
    content = liveContent(feed, '0.0.0', counters, SITE_DIR, sourceThreads())
    return content
  })
}

async function stop(): Promise<void> {
  content.close()
  await server.close()
}

const SIZES = [
  [390, 844],
  [740, 360],
  [1024, 700],
  [1280, 800],
]
/** Nothing cuts off the element, or lies over it. */
function isWhole(element: Element): boolean {
  const { left, right, top, bottom, width } = element.getBoundingClientRect()
  const corners = [
    [left + 2, top + 2],
    [right - 2, bottom - 2],
  ]
  return width > 0 && element.scrollWidth <= element.clientWidth && corners.every(([x, y]) => document.elementFromPoint(x, y) === element)
}

const text = (selector: string) => page.locator(selector).textContent()
const arcs = () => page.evaluate(() => window.rtnvis.arcs)
const position = () => page.evaluate(() => window.rtnvis.positionUs)
/** The page's own clock now, so many seconds after the sample's last packet. */
const flowNow = async (host: number, id: number, change = {}) => flowTo(host, id, (await position()) / 1e6 - 60, change)

describe('a page over a running capture', () => {
  beforeAll(async () => {
    feed = new ScriptedFeed()
    await start()
    feed.push() // there is traffic: the sample's
    opened = await openPage(browser, server.address, { reducedMotion: 'reduce' })
    page = opened.page
    return async () => {
      await page.context().close()
      await stop()
    }
  })

  test('opens with what was captured so far, and without the key in its address', async () => {
    expect(page.url()).not.toContain('key')
    await expect.poll(() => text('#live')).toBe('Live')
    expect(await text('#total-flows')).toBe('7')
    expect(await text('#report-name')).toBe('eth7')
  })

  test('shows new traffic when it arrives: arcs, totals, flows', async () => {
    feed.push({ hosts: [SYDNEY], flows: [await flowNow(8, 8, { serverName: HOSTILE.markup })] })
    await expect.poll(arcs).toContain('Nairobi, Kenya → Sydney, Australia · tls')
    await expect.poll(() => text('#total-flows')).toBe('8')
    await expect.poll(() => text('#total-bytes')).toBe('13.2 kB')
    expect(await page.locator('#outside').isHidden()).toBe(true) // all packets are in conversations
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
  })

  test('freezes on Pause while the capture goes on, and catches up on Resume', async () => {
    await page.getByRole('button', { name: 'Pause' }).click()
    await expect.poll(() => text('#live')).toMatch(/^Now/)
    const frozen = await position()
    feed.push({ flows: [await flowNow(4, 9)] })
    await expect.poll(() => text('#total-flows')).toBe('9')
    await page.waitForTimeout(1500)
    expect(await position()).toBe(frozen)
    await page.getByRole('button', { name: 'Play', exact: true }).click()
    await expect.poll(() => text('#live')).toBe('Live')
    expect(await position()).toBeGreaterThan(frozen + 1e6)
  })

  test('goes back to captured traffic, and to the present with one click', async () => {
    await page.getByLabel('Time', { exact: true }).fill(String(10e6))
    await expect.poll(() => text('#live')).toMatch(/^Now \(\+/)
    await expect.poll(arcs).toContain('Nairobi, Kenya → Tokyo, Japan · dns')
    await page.locator('#live').click()
    await expect.poll(() => text('#live')).toBe('Live')
    expect(await position()).toBeGreaterThan(60e6)
  })

  test('keeps the filter and applies it to new traffic', async () => {
    await fillFilter(page, 'country:AU')
    await page.keyboard.press('Enter')
    await expect.poll(() => text('#total-flows')).toBe('1')
    feed.push({ flows: [await flowNow(8, 10), await flowNow(3, 11)] })
    await expect.poll(() => text('#total-flows')).toBe('2')
    await expect.poll(arcs).toEqual(['Nairobi, Kenya → Sydney, Australia · tls'])
    await fillFilter(page, '')
    await page.keyboard.press('Enter')
  })

  test('shows alerts once they are found, and flows in their list', async () => {
    feed.push()
    await feed.edit(`INSERT INTO alerts VALUES (1, 'port-scan', 1, 'high', 'It is wide.', 'Somebody tried all doors.', 'Ask who it was.',
      ${LAST_US}, ${LAST_US}, 1, 3, 'T1046', 1, 1, '{"observed":[],"picture":null}')`)
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.getByRole('tab', { name: 'Alerts' }).click()
    await expect.poll(() => text('#view-alerts')).toContain('Somebody tried all doors.')
    await page.getByRole('tab', { name: 'Flows' }).click()
    const before = feed.status().totals.flows
    await expect.poll(() => text('#view-flows .totals-line')).toContain(`${before} flows`)
    feed.push({ flows: [await flowNow(8, 30)] })
    await expect.poll(() => text('#view-flows .totals-line')).toContain(`${before + 1} flows`)
    await page.getByRole('tab', { name: 'Map' }).click()
  })

  test('shows stations without IP as they are found, with what they have sent so far', async () => {
    feed.push()
    await feed.edit(
      `INSERT INTO link_traffic VALUES ('02:00:00:00:00:07', 'ff:ff:ff:ff:ff:ff', 'ARP', NULL, NULL, 3, 126, ${LAST_US}, ${LAST_US}, 1, 1, '10.0.0.7')`,
    )
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.getByRole('tab', { name: 'Hosts' }).click()
    await page.locator('#view-hosts .chooser button:visible', { hasText: 'Stations' }).click()
    const list = () => page.locator('#view-hosts [role=grid]:visible').innerText()
    await expect.poll(list).toMatch(/02:00:00:00:00:07.*10\.0\.0\.7/s)
    expect(await list()).toContain('126 B')
    feed.push()
    await feed.edit('UPDATE link_traffic SET packets = 4, bytes = 168')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await expect.poll(list).toContain('168 B')
    await page.getByRole('tab', { name: 'Map' }).click()
  })

  test('shows segments that are repeated as they come: in the lane, with its sum, and in the Health view', async () => {
    const lane = page.locator('.retransmission-lane')
    expect(await lane.isHidden()).toBe(true)
    feed.push({ flows: [await flowNow(8, 40)], retransmissions: [{ flowId: 40, client: 3, server: 1 }] })
    await expect.poll(() => text('#timeline-repeated')).toBe('4 retransmissions')
    expect(await lane.isVisible()).toBe(true)
    // Counts are sums so far: two more of the client.
    feed.push({ flows: [await flowNow(8, 40)], retransmissions: [{ flowId: 40, client: 5, server: 1 }] })
    await expect.poll(() => text('#timeline-repeated')).toBe('6 retransmissions')
    await page.getByRole('tab', { name: 'Health' }).click()
    await page.getByRole('button', { name: 'Retransmissions over time as a table' }).click()
    const counts = () => page.locator('#card-retransmissions tbody tr td:nth-child(2)').allTextContents()
    await expect.poll(async () => (await counts()).reduce((sum, count) => sum + Number(count), 0)).toBe(6)
    await page.getByRole('tab', { name: 'Map' }).click()
  })

  test('shows round-trip times in the Health view as they come', async () => {
    feed.push({ flows: [await flowNow(8, 41)] })
    const figures: Record<string, number> = { handshake_us: 260_000, syn_ack_us: 250_000, client_segments: 30, server_segments: 30 }
    feed.push({ flows: [await flowNow(8, 41)], tcp: [[41, ...TCP_COLUMNS.map(({ name }) => figures[name] ?? 0)]] })
    await page.getByRole('tab', { name: 'Health' }).click()
    await expect.poll(() => text('#view-health')).toMatch(/1\.1\.1\.1.*250 ms/)
    await page.getByRole('tab', { name: 'Map' }).click()
  })

  test('strikes out a place where a host cannot be, as soon as its round-trip time says so', async () => {
    const entry = page.locator('#legend').getByRole('button', { name: 'not there' })
    expect(await entry.count()).toBe(0)
    feed.push()
    await feed.edit("UPDATE hosts SET rtt_us = 9000, place_check = 'impossible' WHERE ip = '198.41.0.4'")
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await expect.poll(() => entry.count()).toBe(1)
    feed.push({ flows: [await flowNow(4, 31)] }) // the mark stays while the report grows
    await expect.poll(arcs).toContain('Nairobi, Kenya → Tokyo, Japan · tls')
    const [x, y] = (await page.evaluate(() => window.rtnvis.locate('Tokyo, Japan')))!
    const box = (await page.locator('#stage').boundingBox())!
    await page.mouse.move(box.x + x, box.y + y)
    await expect.poll(() => text('#tooltip')).toContain('not there: at most 900 km from the origin')
    expect(await entry.count()).toBe(1)
  })

  test('takes the line up again when the server went away, and catches up', async () => {
    const { port } = new URL(server.origin)
    await stop()
    await expect.poll(() => text('.live-note')).toContain('The server does not answer')
    const sidebar = page.locator('#toggle-sidebar')
    await sidebar.click()
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height })
      expect(await page.locator('.live-note').evaluate(isWhole), `${width} x ${height}`).toBe(true)
    }
    await sidebar.click()
    feed.push({ flows: [await flowNow(8, 12)] })
    await start(Number(port))
    // The hub is new and has not seen the batches before: the page is told to load the database again.
    feed.push({ flows: [await flowNow(8, 13)] })
    await expect.poll(() => text('#live')).toBe('Live')
    expect(feed.snapshots).toBeGreaterThan(1)
  })

  test('loads the database again when it is too far behind, and misses no change in the meantime', async () => {
    await page.route('**/capture.sqlite', async (route) => {
      const response = await route.fetch()
      feed.push({ flows: [flowTo(4, 40, 70)] }) // on its way while the page waits for the database
      await route.fulfill({ response })
    })
    feed.push({ hosts: new Array(100_001).fill(SYDNEY) }) // more than is kept for those who are behind
    // The scripted database has the sample's seven, whatever was pushed.
    await expect.poll(() => text('#total-flows')).toBe('8')
    await page.unroute('**/capture.sqlite')
    feed.push({ flows: [flowTo(4, 41, 71)] })
    await expect.poll(() => text('#total-flows')).toBe('9')
  })

  test('says that the capture has ended, and can be played', async () => {
    feed.end('the time was up')
    await expect.poll(() => text('#live')).toBe('Ended')
    expect(await text('.live-note')).toBe('The capture has ended (the time was up). Everything captured can be played.')
    await page.getByLabel('Time', { exact: true }).fill(String(10e6))
    await expect.poll(arcs).toContain('Nairobi, Kenya → Tokyo, Japan · dns')
    expect(opened.complaints.filter((line) => !/WebSocket|ERR_CONNECTION|Failed to load/.test(line))).toEqual([])
  })
})

test('without WebSockets, changes are requested over HTTP', async () => {
  feed = new ScriptedFeed()
  await start()
  feed.push()
  const context = await browser.newContext()
  page = await context.newPage()
  await page.addInitScript(() => {
    // What a proxy that knows no WebSockets does: the line closes before it opens.
    window.WebSocket = class extends EventTarget {
      onclose: (() => void) | null = null
      constructor() {
        super()
        setTimeout(() => this.onclose?.(), 10)
      }
    } as unknown as typeof WebSocket
  })
  await page.goto(server.address)
  await expect.poll(() => text('.live-note')).toContain('every 20 seconds')
  feed.push({ hosts: [SYDNEY], flows: [flowTo(8, 8, 30)] })
  await page.evaluate(() => dispatchEvent(new Event('online'))) // the next question would come by itself, after a while
  await expect.poll(() => text('#total-flows')).toBe('8')
  await context.close()
  await stop()
})
