// `npm run bench:site`: what the page takes in Chromium. Numbers are of this machine and this moment; run it alone.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import type {} from '../../site/src/app/debug-api.ts'
import { publishSite } from '../../src/node/output/publish.ts'
import { fileAddress, isOpen, launchChromium, SITE_DIR } from '../support/browser.ts'
import { CROWDED, makeCrowdedDatabase } from '../support/crowded-database.ts'
import { fillFilter, filterField } from '../support/filter-field.ts'
import { LARGE, makeLargeDatabase } from '../support/large-database.ts'
import { FIRST_US, SAMPLE_SUMMARY } from '../support/sample-database.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const ROUNDS = 3

/** One of each kind: a text, a number, an address, a name, a state, several together. */
const FILTERS = [
  'app:tls',
  'bytes>100k',
  'ip:10.0.0.0/24',
  'name:*.org',
  'state:SF',
  'country:DE port:443 -app:dns packets>2',
  'time:60s..90s',
]

const VIEWS = ['Map', 'Flows', 'Hosts', 'Names', 'Globe']

const folder = await mkdtemp(join(tmpdir(), 'rtnvis-bench-'))
const browser = await launchChromium({ webGl: true })
try {
  await benchCrowd(browser)
  // A report's folder may be given instead: the demo's, or one of your own.
  for (const flows of [LARGE.flows, 5 * LARGE.flows])
    await benchReport(
      browser,
      `${flows.toLocaleString('en')} flows`,
      await publish(`large-${flows}`, await makeLargeDatabase(flows), LARGE.ticks * 1e6),
    )
  for (const report of positionals) await benchReport(browser, report, report)
} finally {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}

async function publish(name: string, database: Uint8Array, durationUs: number): Promise<string> {
  const outDir = join(folder, name)
  const summary = { ...SAMPLE_SUMMARY, lastUs: FIRST_US + durationUs - 1 }
  await publishSite({ siteDir: SITE_DIR, outDir, database, summary, singleFile: false })
  return outDir
}

/** 50,000 arcs: the page believes in a graphics card, and nothing is really drawn: what is left is the script's share of a frame. */
async function benchCrowd(browser: Browser): Promise<void> {
  const page = await open(browser, await publish('crowd', await makeCrowdedDatabase(), CROWDED.ticks * CROWDED.tickUs), true)
  const frames = await page.evaluate(async () => {
    const { bench } = window as unknown as { bench: { frames: { script: number; calls: number }[] } }
    bench.frames.length = 0
    document.getElementById('play')!.click()
    await new Promise((resolve) => setTimeout(resolve, 6000))
    return bench.frames
  })
  const arcs = await page.evaluate(() => window.rtnvis.arcs.length)
  const script = frames.map((frame) => frame.script)
  print(`${arcs.toLocaleString('en')} arcs at once of ${(CROWDED.sources * CROWDED.targets).toLocaleString('en')}`, {
    frames: frames.length,
    'script ms a frame, median': median(script),
    'script ms a frame, 95 of 100': at(script, 0.95),
    'draw calls a frame': Math.max(...frames.map((frame) => frame.calls)),
  })
  const picks = await page.evaluate(() => {
    const times: number[] = []
    for (let round = 0; round < 5; round++) {
      const at = { clientX: 500 + round, clientY: 400, bubbles: true }
      document.getElementById('stage')!.dispatchEvent(new PointerEvent('pointerdown', at))
      const startMs = performance.now()
      document.getElementById('stage')!.dispatchEvent(new PointerEvent('click', at))
      times.push(performance.now() - startMs)
    }
    return times
  })
  print('a click among them', { 'ms, median': median(picks) })
  await page.context().close()
}

/** From file://, a new browser context each time. */
async function benchReport(browser: Browser, name: string, report: string): Promise<void> {
  const rounds: Record<string, number>[] = []
  const tasks: Record<string, number> = {}
  for (let round = 0; round < ROUNDS; round++) {
    const page = await open(browser, report, false)
    const longest = { load: await longestTask(page) } as Record<string, number>
    const marks = await page.evaluate(() =>
      Object.fromEntries(performance.getEntriesByType('mark').map((mark) => [mark.name, mark.startTime])),
    )
    const seeks = await page.evaluate(async () => {
      const time = document.getElementById('time') as HTMLInputElement
      const times: number[] = []
      for (const share of [0.2, 0.7, 0.4, 0.9, 0.1, 0.5]) {
        const startMs = performance.now()
        time.value = String(Math.round(Number(time.max) * share))
        time.dispatchEvent(new Event('input', { bubbles: true }))
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
        times.push(performance.now() - startMs)
      }
      return times
    })
    longest.seek = await longestTask(page)
    const filters: number[] = []
    for (const filter of FILTERS) filters.push(await measureFilter(page, filter))
    await measureFilter(page, '')
    longest.filter = await longestTask(page)
    await page.evaluate(() => performance.clearMeasures())
    await page.getByRole('tab', { name: 'Dashboard' }).click()
    const dashboard = await measured(page, 'dashboard')
    rounds.push({
      'first picture ms': marks['first-picture'],
      'interactive ms': marks.ready,
      'globe drawn ms': marks.picture,
      'a seek drawn ms': median(seeks),
      'a filter answered ms': median(filters),
      'the slowest filter ms': Math.max(...filters),
      'dashboard ready ms': dashboard,
    })
    for (const view of VIEWS) {
      await page.getByRole('tab', { name: view }).click()
      await page.waitForTimeout(400)
    }
    longest.views = await longestTask(page)
    for (const [what, ms] of Object.entries(longest)) tasks[what] = Math.max(tasks[what] ?? 0, ms)
    await page.context().close()
  }
  const [first] = rounds
  print(name, Object.fromEntries(Object.keys(first).map((key) => [key, median(rounds.map((round) => round[key]))])))
  const words = Object.entries(tasks).map(([what, ms]) => `${what} ${ms.toFixed(0)} ms`)
  console.log(`  longest task of the main thread in ${ROUNDS} rounds: ${words.join(' · ')}`)
}

/** Types a filter; milliseconds until the page has what passes it and has drawn that. */
async function measureFilter(page: Page, filter: string): Promise<number> {
  await fillFilter(page, filter)
  await page.evaluate(() => performance.clearMeasures())
  await filterField(page).press('Enter')
  return measured(page, 'filter')
}

/** Waits for a measure that the page takes itself. */
async function measured(page: Page, name: string): Promise<number> {
  const handle = await page.waitForFunction((name) => performance.getEntriesByName(name, 'measure').at(-1)?.duration, name)
  return (await handle.jsonValue())!
}

/** Keeps how long each stretch was in which the page could not answer a hand. */
function watchTasks(): void {
  const scope = window as unknown as { tasks: number[] }
  scope.tasks = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) scope.tasks.push(duration)
  }).observe({ type: 'longtask', buffered: true })
}

/** The longest one since the last question, milliseconds; 0: none of more than 50. */
async function longestTask(page: Page): Promise<number> {
  await page.waitForTimeout(300)
  return page.evaluate(() => Math.max(0, ...(window as unknown as { tasks: number[] }).tasks.splice(0)))
}

/** With a graphics card everything moves, as it does for most readers. */
async function open(browser: Browser, report: string, isBlind: boolean): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    reducedMotion: isBlind ? 'no-preference' : 'reduce',
  })
  const page = await context.newPage()
  await page.addInitScript(watchTasks)
  if (isBlind) await page.addInitScript(await readFile(new URL('./blind-gpu.js', import.meta.url), 'utf8'))
  await page.goto(`${fileAddress(report)}#v=globe`)
  await page.waitForFunction(isOpen, undefined, { timeout: 120_000 })
  await page.waitForTimeout(1500)
  return page
}

function at(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
}

function median(values: number[]): number {
  return at(values, 0.5)
}

function print(name: string, numbers: Record<string, number>): void {
  const columns = Object.entries(numbers).map(
    ([label, value]) => `${label} ${Number.isInteger(value) ? value : value.toFixed(value < 10 ? 2 : 0)}`,
  )
  console.log(`${name}: ${columns.join(' · ')}`)
}
