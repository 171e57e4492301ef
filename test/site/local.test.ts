// The local network as a picture, in Chromium and in Firefox: opens by itself, and its numbers are those of the database.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { openPage } from '../support/browser.ts'
import { useSampleReport } from '../support/sample-report.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const CAPTURE = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

// Without a location database: no traffic has two places.
const sample = useSampleReport({ webGl: false, make: async () => (await analyzeBytes(await readFile(CAPTURE))).export() })
let page: Page

beforeAll(async () => {
  page = (await openPage(sample.browser, sample.address, { reducedMotion: 'reduce' })).page
  await page.waitForFunction(() => window.rtnvis.nodes.length > 0)
})

const nodes = () => page.evaluate(() => window.rtnvis.nodes)
const hash = () => page.evaluate(() => location.hash)
const ask = (sql: string) => sqlite3(sample.database, sql).trim()

async function click(node: string): Promise<void> {
  const [x, y] = (await page.evaluate((name) => window.rtnvis.locate(name), node))!
  await page.mouse.click(x, y)
}

it('is the first picture where nothing has a place, with every host in it', async () => {
  expect(await page.evaluate(() => window.rtnvis.picture)).toBe('local')
  const shown = await nodes()
  const closed = shown.filter((title) => title.includes('click opens it'))
  expect(closed).toHaveLength(1) // the internet
  expect(closed[0]).toContain(`Internet · ${ask("SELECT count(*) FROM hosts WHERE scope = 'public'")} hosts`)
  expect(shown.length - 1).toBe(Number(ask("SELECT count(*) FROM hosts WHERE scope <> 'public'")))
})

it('has the flows of each host that sqlite3 counts', async () => {
  const counted = ask(
    "SELECT h.ip || '|' || count(*) FROM hosts h JOIN flows f ON h.id IN (f.client_host_id, f.server_host_id) WHERE h.scope <> 'public' GROUP BY h.ip",
  )
  const shown = await nodes()
  for (const line of counted.split('\n')) {
    const [ip, flows] = line.split('|')
    const title = shown.find((text) => text.split(' · ').includes(ip))
    expect(title, ip).toMatch(new RegExp(` · ${Number(flows).toLocaleString('en')} flows?$`))
  }
})

it('follows the filter without moving', async () => {
  const at = () => page.evaluate(() => window.rtnvis.locate('Internet'))
  const before = await at()
  await page.evaluate(() => {
    location.hash = 'q=app:dns'
  })
  const flows = ask(
    "SELECT count(*) FROM flows f JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id WHERE application = 'dns' AND 'public' IN (c.scope, s.scope)",
  )
  await expect.poll(async () => (await nodes()).find((title) => title.startsWith('Internet'))).toContain(`· ${flows} flow`)
  expect(await at()).toEqual(before)
  await page.evaluate(() => {
    location.hash = ''
  })
  await expect.poll(async () => (await nodes()).find((title) => title.startsWith('Internet'))).not.toContain(`· ${flows} flow`)
})

it('opens a closed group by click, and keeps that in the link', async () => {
  await click('Internet')
  await expect.poll(hash).toContain('o.open=internet')
  await expect.poll(async () => (await nodes()).length).toBe(Number(ask('SELECT count(*) FROM hosts')))
  await page.goBack()
  await page.evaluate(() => {
    location.hash = ''
  })
  await expect.poll(async () => (await nodes()).some((title) => title.startsWith('Internet'))).toBe(true)
})

it('shows the flows of a host by click, and by keyboard', async () => {
  await click('192.168.10.1 ')
  await expect.poll(() => page.locator('#flows-title').textContent()).toBe('192.168.10.1')
  const count = ask("SELECT count(*) FROM flows f JOIN hosts h ON h.id IN (client_host_id, server_host_id) WHERE ip = '192.168.10.1'")
  expect(await page.locator('#flows-summary').textContent()).toContain(`${count} flows`)
  await expect.poll(hash).toContain('f=host:192.168.10.1')
  await page.keyboard.press('Escape')
  await page.locator('.node-list button').first().focus()
  await page.keyboard.press('ArrowRight')
  const name = (await page.evaluate(() => document.activeElement!.textContent))!.split(' · ')[0]
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('#flows-title').textContent()).toBe(name)
  await page.keyboard.press('Escape')
})

it('the tooltip is of where the pointer is now, however fast it moved there, and goes with it', async () => {
  const [x, y] = (await page.evaluate(() => window.rtnvis.locate('Internet')))!
  const move = (type: string, ...points: number[][]) =>
    page.evaluate(
      ([type, points]) => {
        const stage = document.querySelector('#stage')!
        for (const [clientX, clientY] of points) stage.dispatchEvent(new PointerEvent(type, { clientX, clientY, pointerType: 'mouse' }))
      },
      [type, points] as const,
    )
  await move('pointermove', [x + 400, y + 300], [x, y])
  await expect
    .poll(() =>
      page
        .locator('#tooltip:visible')
        .textContent({ timeout: 1000 })
        .catch(() => ''),
    )
    .toContain('Internet')
  await move('pointermove', [x, y])
  await move('pointerleave', [x, y])
  await page.waitForTimeout(500)
  expect(await page.locator('#tooltip').isVisible()).toBe(false)
})

it('is a key away, and a link to the map stays a link to the map', async () => {
  await page.keyboard.press('m')
  await expect.poll(() => page.evaluate(() => window.rtnvis.picture)).toBe('map')
  await expect.poll(hash).toContain('v=map')
  await page.reload()
  await page.waitForFunction(() => window.rtnvis?.picture !== undefined && window.rtnvis.state === 'ready')
  expect(await page.evaluate(() => window.rtnvis.picture)).toBe('map')
  await page.keyboard.press('t')
  await expect.poll(() => page.evaluate(() => window.rtnvis.picture)).toBe('local')
})

it('shows everything after the window became smaller while the camera moved', async () => {
  const { page: moving } = await openPage(sample.browser, sample.address)
  await moving.waitForFunction(() => window.rtnvis.nodes.length > 0)
  await moving.click('#whole-earth')
  await moving.setViewportSize({ width: 760, height: 620 })
  await moving.waitForTimeout(1500) // the camera moves for 0.8 s
  for (const title of await moving.evaluate(() => window.rtnvis.nodes)) {
    const [x, y] = (await moving.evaluate((name) => window.rtnvis.locate(name), title.split(' · ')[0]))!
    expect([x, y], title).toEqual([Math.min(760, Math.max(0, x)), Math.min(620, Math.max(0, y))])
  }
  await moving.close()
})
