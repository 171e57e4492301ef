// The manual as built: `rtnvis manual` tells where it is, it opens from file:// with nothing refused, and its links lead to files that are there.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { ensureSite, launchChromium, SITE_DIR } from '../support/browser.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MANUAL = join(SITE_DIR, 'manual')

beforeAll(ensureSite)

test('every page of the manual is built, without a script, and its links are relative and lead somewhere', () => {
  const sources = readdirSync(join(ROOT, 'site/src/content/manual')).map((name) => name.replace(/\.md$/, '.html'))
  for (const name of sources) {
    const html = readFileSync(join(MANUAL, name), 'utf8')
    expect(html, name).not.toMatch(/<script|\sstyle=/)
    const links = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1]).filter((link) => !link.startsWith('https://'))
    expect(links.length, name).toBeGreaterThan(sources.length)
    for (const link of links) expect(link.startsWith('./') && existsSync(join(MANUAL, link)), `${name}: ${link}`).toBe(true)
  }
})

test('a page opens from file://, styled, with nothing refused; the sidebar leads on', async () => {
  const told = spawnSync(process.execPath, [join(ROOT, 'dist/node/cli.js'), 'manual', '--no-open'], { encoding: 'utf8' })
  const file = told.stdout.trim()
  expect([told.status, told.stderr, dirname(file)]).toEqual([0, '', MANUAL])
  const browser = await launchChromium({ webGl: false })
  try {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('requestfailed', (request) => complaints.push(request.url()))
    await page.goto(pathToFileURL(file).href)
    expect(await page.locator('h1').textContent()).toBe('Getting started')
    expect(await page.evaluate(() => getComputedStyle(document.body).display)).toBe('grid')
    await page.getByRole('link', { name: 'Troubleshooting' }).click()
    expect(await page.locator('h1').textContent()).toBe('Troubleshooting')
    expect(await page.locator('nav a[aria-current]').textContent()).toBe('Troubleshooting')
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
  }
})
