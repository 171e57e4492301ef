// `npm run soak`: five minutes of looped playback at the highest speed, with seeks, filters and changes of view, and a WebGL context that
// is lost and given back. Prints what the page holds on to; ends with 1 if that grows, if the globe does not come back, or if the page
// complained. `npm run soak -- --minutes 1 FOLDER` for less, or for a report of your own.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { CDPSession, Page } from 'playwright-core'
import type {} from '../site/src/app/debug-api.ts'
import { publishSite } from '../src/node/output/publish.ts'
import { ensureSite, fileAddress, launchChromium, openPage, SITE_DIR } from './support/browser.ts'
import { fillFilter, filterField } from './support/filter-field.ts'
import { makeLargeDatabase } from './support/large-database.ts'
import { SAMPLE_SUMMARY } from './support/sample-database.ts'

const { values, positionals } = parseArgs({ options: { minutes: { type: 'string', default: '5' } }, allowPositionals: true })
const durationMs = Number(values.minutes) * 60_000

/** What is allowed to be more at the end than after the first round of everything: noise of the collector, not a leak. */
const ALLOWED = { heapMb: 8, share: 0.15, nodes: 400, listeners: 60 }

interface Sample {
  second: number
  heapMb: number
  buffersMb: number
  nodes: number
  listeners: number
  rendererMb: number
  gpuMb: number
}

const folder = await mkdtemp(join(tmpdir(), 'rtnvis-soak-'))
await ensureSite()
const report = positionals[0] ?? folder
if (report === folder)
  await publishSite({ siteDir: SITE_DIR, outDir: folder, database: await makeLargeDatabase(), summary: SAMPLE_SUMMARY, singleFile: false })
const browser = await launchChromium({ webGl: true })
const problems: string[] = []
try {
  const { page, complaints } = await openPage(browser, `${fileAddress(report)}#x=10000&o.loop=1&p=1`)
  const session = await page.context().newCDPSession(page)
  const samples = await soak(page, session)
  await loseContext(page)
  problems.push(...grown(samples), ...complaints.filter((text) => !/context/i.test(text)).map((text) => `the page complained: ${text}`))
} finally {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}
console.log(problems.length === 0 ? 'Nothing grew, nothing broke.' : problems.join('\n'))
process.exitCode = problems.length === 0 ? 0 : 1

async function soak(page: Page, session: CDPSession): Promise<Sample[]> {
  await session.send('Performance.enable')
  const startMs = performance.now()
  const samples: Sample[] = []
  const elapsed = () => performance.now() - startMs
  for (let round = 0; elapsed() < durationMs || samples.length < 3; round++) {
    await actOnce(page, round)
    if (elapsed() < (samples.length * durationMs) / 20) continue
    samples.push(await measure(session, elapsed()))
    const { second, ...numbers } = samples.at(-1)!
    console.log(
      `${String(second).padStart(4)} s: ${Object.entries(numbers)
        .map(([name, value]) => `${name} ${value}`)
        .join(' · ')}`,
    )
  }
  return samples
}

/** One round: a seek, a filter or none, every view, playing on. */
async function actOnce(page: Page, round: number): Promise<void> {
  const time = page.getByLabel('Time', { exact: true })
  const end = Number(await time.getAttribute('max'))
  await time.fill(String(Math.round(((round * 37) % 100) * (end / 100))))
  await fillFilter(page, ['app:tls', '', 'bytes>10k', 'port:443 -app:dns'][round % 4])
  await filterField(page).press('Enter')
  for (const tab of await page.getByRole('tab').all()) {
    if (!(await tab.isVisible())) continue
    await tab.click()
    await page.waitForTimeout(400)
  }
  await page.getByRole('tab', { name: 'Globe' }).click()
  await page.waitForTimeout(1000)
  // A seek pauses nothing; if playback stands, it ended, and a loop does not end.
  if ((await page.locator('#play').getAttribute('data-playing')) !== 'true') problems.push(`playback stood still in round ${round}`)
}

async function measure(session: CDPSession, elapsedMs: number): Promise<Sample> {
  await session.send('HeapProfiler.collectGarbage')
  const heap = await session.send('Runtime.getHeapUsage')
  const { metrics } = await session.send('Performance.getMetrics')
  const metric = (name: string) => metrics.find((entry) => entry.name === name)?.value ?? 0
  const memory = await processMemory()
  return {
    second: Math.round(elapsedMs / 1000),
    heapMb: toMb(heap.usedSize),
    buffersMb: toMb((heap as unknown as { backingStorageSize?: number }).backingStorageSize ?? 0),
    nodes: metric('Nodes'),
    listeners: metric('JSEventListeners'),
    ...memory,
  }
}

/** Resident memory of the browser's renderer and GPU processes, from Linux. */
async function processMemory(): Promise<{ rendererMb: number; gpuMb: number }> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const sizes = { renderer: 0, GPU: 0 }
  for (const { id, type } of processInfo) {
    if (type !== 'renderer' && type !== 'GPU') continue
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
    sizes[type] += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0)
  }
  return { rendererMb: Math.round(sizes.renderer / 1024), gpuMb: Math.round(sizes.GPU / 1024) }
}

/** Takes the globe's context away and gives it back: the same moment must be drawn again, and not black. */
async function loseContext(page: Page): Promise<void> {
  await fillFilter(page, '')
  await filterField(page).press('Enter')
  await page.locator('#play').click()
  await page.getByLabel('Time', { exact: true }).fill('30000000')
  await page.waitForTimeout(3000)
  const clip = { x: 300, y: 130, width: 400, height: 300 }
  const before = await page.screenshot({ clip })
  const isBack = await page.evaluate(async () => {
    const canvas = document.querySelector<HTMLCanvasElement>('.layer.globe canvas')!
    const context = canvas.getContext('webgl2')!
    const extension = context.getExtension('WEBGL_lose_context')!
    const lost = new Promise((resolve) => canvas.addEventListener('webglcontextlost', resolve, { once: true }))
    extension.loseContext()
    await lost
    await new Promise((resolve) => setTimeout(resolve, 500))
    const restored = new Promise((resolve) => canvas.addEventListener('webglcontextrestored', resolve, { once: true }))
    extension.restoreContext()
    await restored
    await new Promise((resolve) => setTimeout(resolve, 4000))
    return !context.isContextLost() && context.getError() === 0
  })
  const after = await page.screenshot({ clip })
  console.log(
    `WebGL context lost and restored: ${isBack ? 'it draws' : 'it does not draw'}, ${after.equals(before) ? 'the same picture' : 'another picture'} (${after.length} bytes of PNG, ${before.length} before)`,
  )
  if (!isBack || after.length < before.length * 0.7) problems.push('the globe did not come back after its context was lost')
}

/** The first samples are of a page that has not shown everything yet: the second is the one that the last is held against. */
function grown(samples: Sample[]): string[] {
  const start = samples[Math.min(2, samples.length - 2)]
  const end = samples.at(-1)!
  const found: string[] = []
  for (const name of ['heapMb', 'buffersMb'] as const)
    if (end[name] > start[name] * (1 + ALLOWED.share) + ALLOWED.heapMb) found.push(`${name} grew from ${start[name]} to ${end[name]}`)
  for (const name of ['nodes', 'listeners'] as const)
    if (end[name] > start[name] + ALLOWED[name]) found.push(`${name} grew from ${start[name]} to ${end[name]}`)
  return found
}

function toMb(bytes: number): number {
  return Math.round(bytes / 1e5) / 10
}
