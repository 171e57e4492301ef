// "Save packets" in a browser: the bytes that `rtnvis slice` writes, from the capture that was analysed or one that is chosen again.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureSite, launchBrowser, SITE_DIR } from '../support/browser.ts'
import { gzip } from '../support/capture-files.ts'
import { fillFilter, filterField } from '../support/filter-field.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = join(ROOT, 'dist/node/cli.js')
const DEMO = join(ROOT, 'fixtures/demo/input.pcapng')
const run = promisify(execFile)

let browser: Browser
let folder: string

beforeAll(async () => {
  await ensureSite()
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-packets-'))
  await writeFile(join(folder, 'demo.pcapng.gz'), gzip(await readFile(DEMO)))
  await rtnvis('analyze', 'demo.pcapng.gz', '--out', 'report', '-q')
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

async function rtnvis(...args: string[]): Promise<void> {
  await run(process.execPath, [CLI, ...args], { cwd: folder })
}

async function sliced(...choice: string[]): Promise<Buffer> {
  await rtnvis('slice', 'report', '-o', 'expected.pcapng', '--force', ...choice)
  return readFile(join(folder, 'expected.pcapng'))
}

async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 760 } })
  const complaints: string[] = []
  page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())))
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(pathToFileURL(path).href)
  return { page, complaints }
}

async function isReady(page: Page): Promise<void> {
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
}

async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; bytes: Buffer; text: string | null }> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()])
  const path = join(folder, 'saved.pcapng')
  await download.saveAs(path)
  const text = await page.textContent('#save-packets > p')
  await page.click('#save-packets .card-actions button')
  return { name: download.suggestedFilename(), bytes: await readFile(path), text }
}

describe('the capture that was analysed in the page', () => {
  test('gives what passes filter and span, a flow, and the flows of an alert, at once', async () => {
    const { page, complaints } = await open(join(SITE_DIR, 'analyze.html'))
    await page.setInputFiles('#files', join(folder, 'demo.pcapng.gz'))
    await isReady(page)
    await fillFilter(page, 'port:53')
    await filterField(page).press('Enter')
    const filtered = await saved(page, () => page.click('#filter-save'))
    expect(filtered.name).toBe('packets.pcapng')
    expect(filtered.text).toMatch(/^Saved [\d,]+ packets \(.+\) of [\d,]+ conversations\.$/)
    expect(filtered.bytes.equals(await sliced('--filter', 'port:53'))).toBe(true)
    await page.evaluate(() => {
      location.hash = 'v=alerts'
    })
    const finding = await saved(page, () => page.click('.alert-card button:has-text("Save packets")'))
    const [, alert] = /^alert-(\d+)\.pcapng$/.exec(finding.name)!
    expect(finding.bytes.equals(await sliced('--alert', alert))).toBe(true)
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe('a report', () => {
  test('takes the capture that it was made from, refuses another, and has the command', async () => {
    const { page, complaints } = await open(join(folder, 'report/index.html'))
    await isReady(page)
    await fillFilter(page, 'name:*.test ip:192.168.10.24')
    await filterField(page).press('Enter')
    await page.click('#filter-save')
    const input = page.locator('#save-packets input[type=file]')
    expect(await page.textContent('#save-packets label')).toBe('Capture: demo.pcapng.gz')
    expect(await page.inputValue('#save-packets textarea')).toBe("rtnvis slice . -o packets.pcapng --filter 'name:*.test ip:192.168.10.24'")
    await input.setInputFiles(DEMO)
    const refused = 'input.pcapng is not the capture of this report: its SHA-256 differs'
    await expect.poll(() => page.textContent('#save-packets > p')).toBe(refused)
    const { bytes } = await saved(page, () => input.setInputFiles(join(folder, 'demo.pcapng.gz')))
    expect(bytes.equals(await sliced('--filter', 'name:*.test ip:192.168.10.24'))).toBe(true)
    expect(complaints).toEqual([])
    await page.close()
  })
})
