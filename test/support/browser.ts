// Real browsers for tests: opens a published report from file:// or from a strict static server, and keeps what the page complained of.
import { execFile } from 'node:child_process'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { mkdir, rmdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, chromium, firefox, type Locator, type Page } from 'playwright-core'
import type {} from '../../site/src/app/debug-api.ts'
import { FIREFOX } from './firefox.ts'

export const SITE_DIR = fileURLToPath(new URL('../../dist/site', import.meta.url))

const LOCK = `${SITE_DIR}.lock`

/** A build takes half a minute; one that was killed leaves its lock. */
const LONGEST_BUILD_MS = 600_000

/** Builds the page where it is missing: `npm test` has done so, a single test file may not have. One process builds, others wait. */
export async function ensureSite(): Promise<void> {
  while (existsSync(LOCK)) {
    const madeMs = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - madeMs > LONGEST_BUILD_MS) await rmdir(LOCK).catch(() => {})
    else await setTimeout(200)
  }
  if (existsSync(join(SITE_DIR, 'index.html'))) return
  await mkdir(join(SITE_DIR, '..'), { recursive: true })
  try {
    await mkdir(LOCK)
  } catch {
    return ensureSite()
  }
  try {
    await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../../site/build/build.mjs', import.meta.url))])
  } finally {
    await rmdir(LOCK)
  }
}

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

/** Everything that could speak to a network on its own is off. */
const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/** How WebGL is drawn: everything by an emulated graphics card; WebGL alone, as Chromium does where there is no card; or not at all. */
const DRAWN_BY = {
  card: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  software: ['--use-angle=swiftshader-webgl', '--enable-unsafe-swiftshader'],
  none: ['--disable-gpu', '--disable-3d-apis'],
}

export async function launchChromium(options: { webGl: boolean | 'software' }): Promise<Browser> {
  if (!CHROMIUM) throw new Error('These tests need Chromium: apt-get install chromium')
  const drawnBy = options.webGl === 'software' ? 'software' : options.webGl ? 'card' : 'none'
  return patient(await chromium.launch({ executablePath: CHROMIUM, args: [...QUIET, ...DRAWN_BY[drawnBy]] }))
}

/** What is waited for in a page: long enough for two browsers that draw by software on two cores. */
const PATIENCE_MS = 90_000

function patient(browser: Browser): Browser {
  const newContext = browser.newContext.bind(browser)
  browser.newContext = async (options) => {
    const context = await newContext(options)
    context.setDefaultTimeout(PATIENCE_MS)
    return context
  }
  return browser
}

/** By WebDriver BiDi. Reduced motion is asked for by preference: this Firefox takes no emulated media. */
export async function launchFirefox(): Promise<Browser> {
  const launched = await firefox.launch({
    channel: 'moz-firefox',
    executablePath: fileURLToPath(new URL('firefox-bridge.mjs', import.meta.url)),
    env: { ...process.env, RTNVIS_FIREFOX: FIREFOX },
    firefoxUserPrefs: {
      'ui.prefersReducedMotion': 1,
      'app.normandy.enabled': false,
      'services.settings.server': 'data:,',
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'datareporting.policy.dataSubmissionEnabled': false,
    },
  })
  return patient(launched)
}

/** Set for the run of shared tests in Firefox (vitest.config.ts). */
const IS_FIREFOX = process.env.TEST_BROWSER === 'firefox'

/** The browser that tests for both are run in; without WebGL, which headless Firefox has not, either. */
export function launchBrowser(): Promise<Browser> {
  return IS_FIREFOX ? launchFirefox() : launchChromium({ webGl: false })
}

/** Firefox's driver sends two clicks that are no double click. */
export async function doubleClick(target: Locator): Promise<void> {
  if (!IS_FIREFOX) return target.dblclick()
  await target.click()
  await target.dispatchEvent('dblclick')
}

/** For the page itself to ask. Ready comes before the globe: the page answers while that is still made. */
export function isOpen(): boolean {
  const { state } = document.documentElement.dataset
  return state === 'error' || (state !== 'loading' && performance.getEntriesByName('picture').length > 0)
}

export interface OpenPage {
  page: Page
  /** Console errors, page errors and refused loads, as they came. */
  complaints: string[]
  /** Addresses asked for that are neither files of the report nor made by the page itself. */
  foreign: string[]
}

export interface Look {
  width?: number
  height?: number
  colorScheme?: 'dark' | 'light'
  reducedMotion?: 'reduce' | 'no-preference'
  /** Runs in the page before its own scripts. */
  script?: string
}

/** A file's own noise: SwiftShader reports its slow reads as warnings; anything else counts. */
const EXPECTED = /GPU stall due to ReadPixels/

/** Opens `address` and waits until the page is past loading. */
export async function openPage(browser: Browser, address: string, look: Look = {}): Promise<OpenPage> {
  const { width = 1280, height = 800, script, ...rest } = look
  const context = await browser.newContext({ viewport: { width, height }, acceptDownloads: true, ...rest })
  const page = await context.newPage()
  if (script) await page.addInitScript({ content: script })
  const complaints: string[] = []
  const foreign: string[] = []
  const home = address.slice(0, address.lastIndexOf('/') + 1)
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith(home) && !/^(data|blob):/.test(request.url())) foreign.push(request.url())
  })
  await page.goto(address)
  await page.waitForFunction(isOpen)
  return { page, complaints, foreign }
}

/** A part of the page as PNG, once its picture stands still: two pictures alike, since a software renderer on a busy machine takes its time. */
export async function shootStill(page: Page, clip: { x: number; y: number; width: number; height: number }): Promise<Buffer> {
  let before: Buffer | null = null
  for (;;) {
    await setTimeout(500)
    await page.waitForFunction(() => window.rtnvis.isComplete)
    const now = await page.screenshot({ clip })
    if (before?.equals(now)) return now
    before = now
  }
}

/** Steps of a colour's 256. The browser's own gradients are dithered, and not alike each time. */
const SEEN = 8

/** How many pixels of two pictures of one size differ so that one can see it. */
export function differingPixels(page: Page, one: Buffer, other: Buffer): Promise<number> {
  return page.evaluate(
    async ({ sources, seen }) => {
      const [a, b] = await Promise.all(
        sources.map(async (base64) => {
          const image = new Image()
          image.src = `data:image/png;base64,${base64}`
          await image.decode()
          const canvas = new OffscreenCanvas(image.width, image.height)
          const context = canvas.getContext('2d')!
          context.drawImage(image, 0, 0)
          return context.getImageData(0, 0, image.width, image.height).data
        }),
      )
      let count = 0
      for (let i = 0; i < a.length; i += 4) {
        if (Math.max(...[0, 1, 2].map((channel) => Math.abs(a[i + channel] - b[i + channel]))) > seen) count++
      }
      return count
    },
    { sources: [one.toString('base64'), other.toString('base64')], seen: SEEN },
  )
}

/** file:// address of a folder's index.html. */
export function fileAddress(folder: string): string {
  return pathToFileURL(join(folder, 'index.html')).href
}

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

/** The page's own policy as a header, as a careful host would send it. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob: 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self'; manifest-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Serves a folder on the loopback interface with strict headers. */
export async function serveStrictly(folder: string): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname))
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path)
    if (!file.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
    })
    createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
