// A capture without IP: its stations are the first picture, with vendors; each has a page, and the list has all of them.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { openVendors } from '../../src/detect/identities/vendors.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { openPage } from '../support/browser.ts'
import { linkCapture } from '../support/link-frames.ts'
import { useSampleReport } from '../support/sample-report.ts'

const vendors = () => gunzipSync(readFileSync(new URL('../../dist/node/vendors.txt.gz', import.meta.url))).toString()
const sample = useSampleReport({
  webGl: false,
  make: async () => (await analyzeBytes(linkCapture(), undefined, { detection: { vendorOf: openVendors(vendors()) } })).export(),
})
let page: Page

beforeAll(async () => {
  page = (await openPage(sample.browser, sample.address, { reducedMotion: 'reduce' })).page
  await page.waitForFunction(() => window.rtnvis.nodes.length > 0)
})

/** Frames of test/support/link-frames.ts, counted by hand; vendors as tshark -G manuf has them. */
const PRINTER = '00:1b:78:0c:00:07 Hewlett Packard · 192.168.7.10 · sent 180 B · received 42 B · 5 packets'

it('the local network opens by itself, with a node for each station and each group address', async () => {
  expect(await page.evaluate(() => window.rtnvis.picture)).toBe('local')
  expect([...(await page.evaluate(() => window.rtnvis.nodes))].sort()).toEqual(
    [
      PRINTER,
      '00:1b:54:aa:00:01 Cisco Systems · sent 176 B · received 0 B · 4 packets',
      '01:00:0c:cc:cc:cc CDP, VTP, DTP, UDLD · sent 0 B · received 36 B · 1 packet',
      '01:80:c2:00:00:00 spanning tree · sent 0 B · received 104 B · 2 packets',
      '01:80:c2:00:00:0e LLDP, PTP · sent 0 B · received 36 B · 1 packet',
      'b8:27:eb:12:34:56 Raspberry Pi Foundation · 192.168.7.1 · sent 66 B · received 0 B · 2 packets',
      'ff:ff:ff:ff:ff:ff broadcast · sent 0 B · received 204 B · 5 packets',
    ].sort(),
  )
  // Of Cisco's switch to three group addresses, of the printer's ARP and IPX to all, of the Raspberry Pi's to all and to the printer.
  expect(await page.textContent('#arc-count')).toBe('7 links')
  // The totals have conversations alone; what they leave out is told, until the question is another.
  expect(await page.textContent('#total-packets')).toBe('0')
  expect(await page.textContent('#outside')).toBe('10 more packets are in no conversation.')
  // At a moment: a tick later, only the first frame's line has begun.
  await page.keyboard.press('.')
  await expect.poll(() => page.textContent('#arc-count')).toBe('1 link')
  await page.keyboard.press('a')
})

it('keys reach the stations; Enter opens the page of one, with peers, protocols and frames', async () => {
  const button = page.locator('.node-list button', { hasText: '00:1b:78:0c:00:07' })
  await button.focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => page.textContent('#detail-title')).toBe('00:1b:78:0c:00:07 (Hewlett Packard)')
  expect(await page.evaluate(() => location.hash)).toContain('d=station:00:1b:78:0c:00:07')
  expect(await page.textContent('#detail dl, #detail .facts')).toContain('192.168.7.10')
  const rows = await page.locator('#detail tbody tr').allTextContents()
  expect(rows).toHaveLength(3)
  expect(rows[0]).toMatch(/^ff:ff:ff:ff:ff:ffbroadcasttoARP3130 B.*1$/)
  expect(rows[1]).toMatch(/^ff:ff:ff:ff:ff:ffbroadcasttoIPX150 B.*6$/)
  expect(rows[2]).toMatch(/^b8:27:eb:12:34:56Raspberry Pi FoundationfromARP142 B.*2$/)
  await page.keyboard.press('Escape')
})

it('the view Hosts lists the stations where there is no host', async () => {
  await page.keyboard.press('2')
  await expect.poll(() => page.locator('#view-hosts [role=row]:visible').count()).toBeGreaterThan(7)
  const text = await page.locator('#view-hosts [role=grid]:visible').innerText()
  expect(text).toContain('Raspberry Pi Foundation')
  expect(text).toContain('ARP, IPX')
  expect(text).toContain('192.168.7.10')
  expect(await page.locator('#view-hosts .totals-line:visible').textContent()).toBe('7 stations in frames without IP')
  await page.locator('#view-hosts .chooser button:visible', { hasText: 'Hosts' }).click()
  await expect.poll(() => page.locator('#view-hosts').innerText()).toContain('This capture has no hosts')
})

it('no station lies under the card that says what happened', async () => {
  const { page: low } = await openPage(sample.browser, sample.address, { reducedMotion: 'reduce', width: 1280, height: 720 })
  await low.waitForFunction(() => window.rtnvis.nodes.length > 0 && window.rtnvis.isComplete)
  const lefts = () => low.evaluate(() => window.rtnvis.nodes.map((node) => window.rtnvis.locate(node)![0]))
  const card = (await low.locator('#story').boundingBox())!
  await expect.poll(async () => Math.min(...(await lefts()))).toBeGreaterThan(card.x + card.width)
  await low.context().close()
})
