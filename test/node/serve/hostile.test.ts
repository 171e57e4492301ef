// Reports made to do harm, in a folder that is served: their scripts never run, their databases hold nobody up; and reports of every honest kind open.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publishEdition, publishSite } from '../../../src/node/output/publish.ts'
import { ensureSite, launchChromium, openPage, SITE_DIR } from '../../support/browser.ts'
import { sourceThreads } from '../../support/database-threads.ts'
import { changedBy, computedColumn, endlessPages, endlessView } from '../../support/hostile-databases.ts'
import { makeSampleDatabase, SAMPLE_SUMMARY } from '../../support/sample-database.ts'
import { KEY, makeReport, type Served, serveFolder } from './served.ts'

/** What every script of a hostile report does, if it runs. */
const THEFT = `window.hacked = true; fetch('/api/reports').then((r) => r.text()).then((text) => navigator.sendBeacon('/stolen', text));`
const MARKED = 'marked by its maker'

let browser: Browser
let folder: string
beforeAll(async () => {
  await ensureSite()
  browser = await launchChromium({ webGl: false })
})
afterAll(() => browser?.close())

/** Opens an address with the key; answers what the page became, and what it asked for besides its own. */
async function visit(served: Served, path: string) {
  const asked: string[] = []
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  context.on('request', (request) => asked.push(new URL(request.url()).pathname))
  const page = await context.newPage()
  await page.goto(`${served.server.origin}${path}?key=${KEY}`)
  await setTimeout(500)
  const state = await page.evaluate(() => ({ isHacked: 'hacked' in window, text: document.documentElement.outerHTML }))
  await context.close()
  return { ...state, thefts: asked.filter((address) => address.startsWith('/api/') || address === '/stolen') }
}

const ASSETS = [
  'app.js',
  'start.js',
  'shared.js',
  'worker.js',
  'globe.js',
  'app.css',
  'evil.js',
  'data/part-0.js',
  'data/edition-1/part-0.js',
]

describe('a report that is code', () => {
  let served: Served
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rtnvis-hostile-'))
    await makeReport(join(folder, 'secret'))
    const evil = join(folder, 'evil')
    await makeReport(evil)
    await mkdir(join(evil, 'assets/data/edition-1'), { recursive: true })
    const page = `<!doctype html><title>${MARKED}</title><script>${THEFT}</script><script src="./assets/app.js"></script><script src="./assets/evil.js"></script>`
    const manifest = JSON.stringify({ databaseBytes: 1e15, partBytes: 1e15, parts: 1e9, folder: '../../secret', summary: SAMPLE_SUMMARY })
    for (const name of ['index.html', 'report.html', 'report.md']) await writeFile(join(evil, name), page)
    for (const name of ASSETS) await writeFile(join(evil, 'assets', name), `/* ${MARKED} */ ${THEFT}`)
    await writeFile(join(evil, 'assets/data/manifest.js'), `rtnvisManifest=${manifest}; ${THEFT} // ${MARKED}`)
    served = await serveFolder(folder)
    return () => served.close()
  })

  test.each([
    '/evil/',
    '/evil/index.html',
    '/evil/report.html',
    '/evil/report.md',
    '/evil/assets/evil.js',
    '/evil/assets/data/part-0.js',
    '/',
  ])('%s runs none of it', async (path) => {
    const { isHacked, thefts, text } = await visit(served, path)
    expect([isHacked, thefts]).toEqual([false, []])
    expect(text).not.toContain(MARKED)
  })

  test('no file of its folder is sent but the database', async () => {
    for (const name of ASSETS) expect((await served.ask(`/evil/assets/${name}`)).body, name).not.toContain(MARKED)
    for (const name of ['', 'index.html', 'report.html', 'report.md', 'assets/data/manifest.js'])
      expect((await served.ask(`/evil/${name}`)).body, name).not.toContain(MARKED)
  })

  test('is shown by the installed page, from its database', async () => {
    const { page } = await openPage(browser, `${served.server.origin}/evil/?key=${KEY}`, { reducedMotion: 'reduce' })
    expect(await page.locator('html').getAttribute('data-state')).toBe('ready')
    expect(await page.locator('#total-flows').textContent()).toBe('7')
    await page.getByRole('link', { name: 'All reports' }).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Reports')
    await page.getByRole('link', { name: 'secret', exact: true }).click()
    await page.waitForSelector('html[data-state=ready]')
    await page.context().close()
  })
})

describe('honest reports', () => {
  let served: Served
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rtnvis-honest-'))
    const common = { siteDir: SITE_DIR, database: await makeSampleDatabase(), summary: SAMPLE_SUMMARY }
    // As `rtnvis live` leaves them: a folder that was made once and got two editions since.
    await makeReport(join(folder, 'live'))
    await publishSite({ ...common, outDir: join(folder, 'live'), singleFile: false })
    for (const number of [1, 2]) await publishEdition({ ...common, outDir: join(folder, 'live'), number, isLast: number === 2 })
    await makeReport(join(folder, 'one-file'))
    await publishSite({ ...common, outDir: join(folder, 'one-file'), singleFile: true })
    await makeReport(join(folder, 'no-site'))
    await makeReport(join(folder, 'killed'))
    await rename(join(folder, 'killed'), join(folder, '.killed.rtnvis-old'))
    served = await serveFolder(folder)
    return () => served.close()
  })

  test.each(['live', 'one-file', 'no-site', 'killed'])('%s opens in the browser', async (name) => {
    const { page, complaints } = await openPage(browser, `${served.server.origin}/${name}/?key=${KEY}`, { reducedMotion: 'reduce' })
    expect(await page.locator('html').getAttribute('data-state')).toBe('ready')
    expect(await page.locator('#total-flows').textContent()).toBe('7')
    expect(complaints).toEqual([])
    await page.context().close()
    expect((await served.ask(`/${name}/report.html`)).body).toContain('<h1>')
    expect((await served.ask(`/${name}/report.md`)).body).toMatch(/^# /)
  })

  test('are all in the list, one that a run was killed at included', async () => {
    expect(JSON.parse((await served.ask('/api/reports')).body)).toEqual({ items: ['killed', 'live', 'no-site', 'one-file'] })
    expect((await served.ask('/')).body).toContain('<a href="./killed/index.html">killed</a>')
    expect(JSON.parse((await served.ask('/api/flows?report=killed')).body).total).toBe(7)
  })

  test('replaced while a page loads: all its parts are of the same database', async () => {
    const manifest = (await served.ask('/live/assets/data/manifest.js')).body
    const part = `/live/assets/${/"folder":"([^"]+)"/.exec(manifest)![1]}/part-0.js`
    const before = await served.ask(part)
    expect(before.body).toMatch(/^rtnvisPart\(0,"[A-Za-z0-9+/=]+"\)\n$/)
    await writeFile(join(folder, 'live/new'), await changedBy('DELETE FROM packets; VACUUM'))
    await rename(join(folder, 'live/new'), join(folder, 'live/traffic.sqlite'))
    expect((await served.ask(part)).body).toBe(before.body)
    expect((await served.ask('/live/assets/data/manifest.js')).body).not.toBe(manifest)
    expect((await served.ask(part.replace('part-0', 'part-1'))).status).toBe(404)
    expect((await served.ask(part.replace(/[0-9a-f]{32}/, '0'.repeat(32)))).status).toBe(404)
  })
})

describe('a database that', () => {
  let served: Served
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rtnvis-databases-'))
    const put = async (name: string, bytes: Uint8Array) => {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'traffic.sqlite'), bytes)
    }
    await makeReport(join(folder, 'good'))
    await put('view', await endlessView())
    await put('computed', await computedColumn())
    await put(
      'virtual',
      await changedBy('DROP TABLE packets; CREATE VIRTUAL TABLE packets USING fts3(id, flow_id, at_us, from_client, bytes)'),
    )
    await put('version', await changedBy('PRAGMA user_version = 7'))
    await put('pages', await endlessPages())
    await put('sparse', await makeSampleDatabase())
    await truncate(join(folder, 'sparse/traffic.sqlite'), 10 * 2 ** 30)
    await put('cut', (await makeSampleDatabase()).subarray(0, 5000))
    for (const name of ['pipe', 'out', 'dangling', 'device']) await mkdir(join(folder, name))
    spawnSync('mkfifo', [join(folder, 'pipe/traffic.sqlite'), join(folder, 'good/report.html')])
    const outside = await mkdtemp(join(tmpdir(), 'rtnvis-outside-'))
    await makeReport(outside)
    await symlink(join(outside, 'traffic.sqlite'), join(folder, 'out/traffic.sqlite'))
    await symlink('/nowhere/traffic.sqlite', join(folder, 'dangling/traffic.sqlite'))
    await symlink('/dev/zero', join(folder, 'device/traffic.sqlite'))
    served = await serveFolder(folder, {}, sourceThreads({ limitMs: 5_000 }))
    return async () => {
      await served.close()
      await rm(outside, { recursive: true })
    }
  })

  test.each([
    ['has a view without end', 'view', 422, 'ticks is not a STRICT table'],
    ['has a computed column', 'computed', 422, 'column flows.slow is computed'],
    ['has a virtual table', 'virtual', 422, 'packets is not a STRICT table'],
    ['is of another version', 'version', 422, 'its user_version is 7, this program reads version 1'],
    ['is 10 GiB of nothing', 'sparse', 422, 'it has 10.0 GiB; files of up to 1.0 GiB can be opened'],
    ['was cut', 'cut', 422, 'SQLite cannot read it'],
    ['has pages without end', 'pages', 504, 'no answer within 5 seconds'],
  ])('%s is refused in one line, and others are answered', async (_, name, status, line) => {
    const asked = served.ask(`/${name}/`)
    const good = served.ask('/api/summary?report=good')
    expect((await served.ask('/healthz')).status).toBe(200)
    expect((await good).status).toBe(200)
    const page = await asked
    expect([page.status, page.headers['content-type']]).toEqual([status, 'text/html; charset=UTF-8'])
    expect(page.body).toContain(line)
    expect(page.body).not.toContain('<script')
    const api = await served.ask(`/api/summary?report=${name}`)
    expect([api.status, JSON.parse(api.body).error]).toEqual([status, expect.stringContaining(`${name}/traffic.sqlite: `)])
    expect(JSON.parse(api.body).error).toContain(line)
  })

  test.each(['pipe', 'out', 'dangling', 'device'])('is not a regular file of the folder (%s) is not served', async (name) => {
    for (const path of ['', 'traffic.sqlite', 'report.html', 'assets/data/manifest.js'])
      expect((await served.ask(`/${name}/${path}`)).status).toBe(404)
    expect(JSON.parse((await served.ask('/api/reports')).body).items).not.toContain(name)
    expect((await served.ask('/')).status).toBe(200) // good/report.html is a pipe: nobody waits for it
  })

  test('keeps a thread busy blocks nobody else, and is stopped when its client disconnects', async () => {
    const one = await serveFolder(folder, {}, sourceThreads({ threads: 1, limitMs: 600_000 }))
    try {
      const left = request({ host: '127.0.0.1', port: one.port, path: '/api/summary?report=pages', headers: { 'x-api-key': KEY } })
      left.on('error', () => {})
      left.end()
      await setTimeout(1_000)
      const waiting = one.ask('/api/flows?report=good')
      expect((await one.ask('/healthz')).status).toBe(200)
      expect((await one.ask('/good/traffic.sqlite')).status).toBe(200)
      expect(await Promise.race([waiting.then(() => 'answered'), setTimeout(3_000, 'waits')])).toBe('waits')
      left.destroy()
      expect((await waiting).status).toBe(200)
    } finally {
      await one.server.close()
    }
  })

  test('has too many queries waiting rejects the latest', async () => {
    const busy = await serveFolder(folder, {}, sourceThreads({ threads: 1, limitMs: 600_000 }))
    try {
      const asked = Array.from({ length: 130 }, () => busy.ask('/api/summary?report=pages').catch(() => null))
      await setTimeout(1_500)
      const late = await busy.ask('/api/flows?report=good')
      expect([late.status, JSON.parse(late.body).error]).toEqual([503, expect.stringContaining('too many queries are waiting')])
      await busy.server.close() // all hang up
      await Promise.all(asked)
    } finally {
      await busy.server.close()
    }
  })
})
