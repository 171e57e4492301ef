// The manual as built: `rtnvis manual` tells where it is, it opens from file:// with nothing refused, its links lead to files that are there, its
// tables hold what is declared, and its search finds it.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { ensureSite, launchChromium, SITE_DIR } from '../support/browser.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MANUAL = join(SITE_DIR, 'manual')

beforeAll(ensureSite)

test('every page of the manual is built, with the search as its one script, and its links are relative and lead somewhere', () => {
  const sources = readdirSync(join(ROOT, 'site/src/content/manual')).map((name) => name.replace(/\.md$/, '.html'))
  for (const name of sources) {
    const html = readFileSync(join(MANUAL, name), 'utf8')
    expect(html, name).not.toMatch(/\sstyle=/)
    expect(html.match(/<script[^>]*>/g), name).toEqual(['<script src="./search.js">'])
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

test('tables of the manual hold what is declared', () => {
  const rows = (page: string, title: string) => {
    const html = readFileSync(join(MANUAL, `${page}.html`), 'utf8')
    const table = html.slice(html.indexOf(`>${title}</h2>`)).split('</table>')[0]
    return [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) => [...row.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => cell))
  }
  expect(rows('analyze', 'Options of analyze')).toContainEqual([
    '<code>--single-file</code>',
    'one index.html with everything in it, to send by mail',
  ])
  expect(rows('live', 'Options of live').flat().join()).not.toContain('--single-file')
  expect(rows('page', 'Filter fields')).toContainEqual([
    '<code>proto</code>, <code>transport</code>, <code>protocol</code>',
    'Transport: tcp, udp, icmp, …',
    '<code>proto:udp</code>',
  ])
  expect(rows('page', 'Keys: Playback')).toContainEqual(['<code>Space</code>', 'Play or pause'])
  expect(rows('findings', 'Rules').map(([rule]) => rule)).toContain('<code>port-scan</code>')
  expect(rows('findings', 'Thresholds')).toContainEqual([
    '<code>tor</code>',
    '<code>conversations</code>',
    '1',
    'conversations that have the shape of Tor',
  ])
  expect(rows('database', 'Table hosts')).toContainEqual([
    '<code>place_id</code>',
    'integer or null',
    '<code>places.id</code>; null: not located',
  ])
  expect(rows('serve', 'Addresses of the API').map(([path]) => path)).toContain('<code>/api/flows</code>')
})

test('the search finds options, columns and words, from file://, and shows text as text', async () => {
  const browser = await launchChromium({ webGl: false })
  try {
    const page = await browser.newPage()
    await page.goto(pathToFileURL(join(MANUAL, 'page.html')).href)
    const results = page.getByRole('list', { name: 'Sections found' }).getByRole('link')
    const search = async (words: string) => {
      await page.getByRole('searchbox').fill(words)
      return results.allTextContents()
    }
    expect(await search('--check-signature')).toContain('Verify, and how far to trust it: Options of verify')
    expect(await search('server_name_source')).toEqual(['Files and database: Table flows'])
    expect((await search('file is refused'))[0]).toBe('Troubleshooting: My file is refused')
    expect(await search('troubelshooting')).toContain('Troubleshooting')
    expect(await search('<script>alert(1)</script>zzz')).toEqual([])
    expect(await page.getByRole('status').textContent()).toBe('Nothing found')
    await search('conn_state')
    await results.first().click()
    expect(page.url()).toMatch(/\/manual\/[\w-]+\.html#[\w-]+$/)
  } finally {
    await browser.close()
  }
})
