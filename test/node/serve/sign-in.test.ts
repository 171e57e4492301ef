// Signing in by a person in real Chromium: popups and links from other sites, several tabs, the form, signing out, and a hostile page beside it.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchChromium } from '../../support/browser.ts'
import { KEY, type Served, serveSample } from './served.ts'

let browser: Browser
let elsewhere: Server
let served: Served
let context: BrowserContext
let stranger: Page
beforeAll(async () => {
  browser = await launchChromium({ webGl: false })
  served = await serveSample(['demo'])
  elsewhere = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>else</title>'),
  )
  await new Promise<void>((resolve) => elsewhere.listen(0, 'localhost', resolve))
})
afterAll(async () => {
  await browser.close()
  await served.close()
  elsewhere.close()
})
beforeEach(async () => {
  context = await browser.newContext()
  stranger = await context.newPage()
  // Another site than 127.0.0.1.
  await stranger.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`)
})
afterEach(() => context.close())

const at = (path: string) => `${served.server.origin}${path}`

/** A window that the other site's page opens, once it has come to rest. */
async function popup(path: string): Promise<Page> {
  const [opened] = await Promise.all([
    context.waitForEvent('page'),
    stranger.evaluate((address) => {
      window.open(address)
    }, at(path)),
  ])
  await opened.waitForFunction(() => document.title !== 'rtnvis: open' && document.readyState === 'complete')
  return opened
}

test('a popup or link from another site with the key in it ends in the report, place in the page included', async () => {
  const opened = await popup(`/demo/report.html?a=1&key=${KEY}#t=5`)
  await expect.poll(() => opened.url()).toBe(at('/demo/report.html?a=1#t=5'))
  expect(await opened.title()).toBe('sample – traffic report')
})

test('a link from another site without the key uses an existing session; without one the form is shown', async () => {
  const form = await popup('/demo/report.html?a=1#t=5')
  expect(await form.title()).toBe('rtnvis: access key')
  await form.goto(at(`/demo/report.html?key=${KEY}`))
  const opened = await popup('/demo/report.html?a=1#t=5')
  await expect.poll(() => opened.url()).toBe(at('/demo/report.html?a=1#t=5'))
  expect(await opened.title()).toBe('sample – traffic report')
})

test('the form leads to the requested address, in every tab, until the user signs out', async () => {
  const one = await context.newPage()
  await one.goto(at('/demo/report.html?a=1'))
  await one.fill('#key', 'not the right key')
  await one.click('button')
  await one.fill('#key', KEY)
  await one.click('button')
  await expect.poll(() => one.url()).toBe(at('/demo/report.html?a=1'))
  const other = await context.newPage()
  await other.goto(at(`/demo/report.html?key=${KEY}`))
  await one.reload()
  expect([await one.title(), await other.title()]).toEqual(['sample – traffic report', 'sample – traffic report'])
  await other.goto(at('/sign-out'))
  await other.click('button')
  await other.waitForSelector('text=Signed out')
  await one.reload()
  expect(await one.title()).toBe('rtnvis: access key')
})

test('a hostile page in the same browser shuts nobody out', async () => {
  const mine = await context.newPage()
  await mine.goto(at(`/demo/report.html?key=${KEY}`))
  await stranger.evaluate(async (origin) => {
    for (let guess = 0; guess < 12; guess++) {
      const address = `${origin}/?key=guess-${guess}`
      new Image().src = address
      await fetch(address, { mode: 'no-cors', credentials: 'include' }).catch(() => {})
      await fetch(origin, { headers: { 'X-API-Key': `guess ${guess}` } }).catch(() => {})
      const frame = document.body.appendChild(document.createElement('iframe'))
      frame.src = address
    }
  }, served.server.origin)
  await (await popup('/?key=guess-in-a-popup')).close()
  const asPopup = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  for (let guess = 0; guess < 12; guess++) expect([401, 429]).toContain((await served.ask(`/?key=popup-${guess}`, asPopup)).status)
  await mine.reload()
  expect(await mine.title()).toBe('sample – traffic report')
  const another = await (await browser.newContext()).newPage()
  await another.goto(at(`/demo/report.html?key=${KEY}`))
  expect(await another.title()).toBe('sample – traffic report')
  await another.context().close()
})
