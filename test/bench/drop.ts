// npm run bench:drop: a large capture in the analyzer's page against the same work by the command line, in turns. Machines are noisy: what counts is the ratio
// within one run. Seconds are from the drop to the finished report on the page; memory is that of the tab with its workers. The page is drawn as where
// there is no graphics card: by the processor.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import type {} from '../../site/src/app/debug-api.ts'
import { launchChromium } from '../support/browser.ts'
import { office, writeBigCapture } from './capture.ts'

const { values: options } = parseArgs({
  options: {
    packets: { type: 'string', default: '1500000' },
    flows: { type: 'string', default: '60000' },
    rounds: { type: 'string', default: '3' },
    /** Ten times the packets: 11 GB on the disk. */
    large: { type: 'boolean', default: false },
    /** Another capture than the generated one. */
    file: { type: 'string' },
  },
})

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const WORK = join(tmpdir(), 'rtnvis-bench')
const POLL_MS = 50
const CHOOSING_MS = 5000
const LONGEST_MS = 3_600_000

interface Drop {
  seconds: number
  'first arcs, seconds': number
  /** Highest resident set of the tab's process: page and workers. */
  'peak MB': number
}

/** Longest stretch in which the page's own thread did one thing; of processor time, too, which others on the machine do not lengthen. */
interface Tasks {
  'longest task ms': number
  'of processor ms': number
}

/** @param trace tells of the page's tasks, and takes time itself */
async function drop(folder: string, file: string, trace?: (tasks: Tasks) => void): Promise<Drop> {
  const browser = await launchChromium({ webGl: 'software' })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
    await page.goto(pathToFileURL(join(folder, 'index.html')).href)
    const session = await browser.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    const tabs = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => ({ id, megabytes: 0 }))
    const poll = setInterval(() => {
      for (const tab of tabs) tab.megabytes = Math.max(tab.megabytes, residentMegabytes(tab.id))
    }, POLL_MS)
    await page.evaluate(() => {
      const scope = window as unknown as { dropped: number; arcs: number }
      document.getElementById('files')!.addEventListener('change', () => (scope.dropped = performance.now()), { capture: true })
      const timer = window.setInterval(() => {
        if (!(window.rtnvis?.arcs.length > 0)) return
        scope.arcs = performance.now()
        clearInterval(timer)
      }, 20)
    })
    // Somebody looks for the file in the browser's dialog: meanwhile the location database is opened.
    page.on('filechooser', () => {})
    await page.click('#choose-files')
    await setTimeout(CHOOSING_MS)
    if (trace) await browser.startTracing(page, { categories: ['toplevel', '__metadata'] })
    await page.setInputFiles('#files', file)
    const done = await page.waitForFunction(
      () => {
        const problem = document.getElementById('message')?.textContent
        if (problem) throw new Error(problem)
        const isOpen = document.documentElement.dataset.state === 'ready' && !document.getElementById('live')
        return isOpen && document.getElementById('save-as') && performance.now()
      },
      undefined,
      { timeout: LONGEST_MS, polling: POLL_MS },
    )
    clearInterval(poll)
    const { dropped, arcs } = await page.evaluate(() => {
      const { dropped, arcs } = window as unknown as { dropped: number; arcs: number }
      return { dropped, arcs }
    })
    const tab = tabs.reduce((most, tab) => (tab.megabytes > most.megabytes ? tab : most))
    if (trace) trace(longestTasks(await browser.stopTracing(), tab.id))
    return {
      seconds: (Number(await done.jsonValue()) - dropped) / 1000,
      'first arcs, seconds': (arcs - dropped) / 1000,
      'peak MB': tab.megabytes,
    }
  } finally {
    await browser.close()
  }
}

function residentMegabytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000
  } catch {
    return 0 // It has ended.
  }
}

/** Of the main thread of a renderer: milliseconds of time, and of processor time. Trace Event Format: durations in microseconds. */
function longestTasks(trace: Buffer, pid: number): Tasks {
  interface TraceEvent {
    pid: number
    tid: number
    name: string
    dur?: number
    tdur?: number
    args?: { name?: string }
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const own = traceEvents.filter((event) => event.pid === pid)
  const main = own.find(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')?.tid
  const tasks = own.filter(({ tid, name }) => tid === main && name === 'ThreadControllerImpl::RunTask')
  const most = (of: 'dur' | 'tdur') => tasks.reduce((longest, task) => Math.max(longest, task[of] ?? 0), 0) / 1000
  return { 'longest task ms': most('dur'), 'of processor ms': most('tdur') }
}

/** Seconds of the command line without digest and pages. */
async function analyzeByNode(file: string): Promise<number> {
  const startMs = performance.now()
  const args = [CLI, 'analyze', file, '-q', '--no-digest', '--no-site', '--force', '--out', join(WORK, 'out')]
  await promisify(execFile)(process.execPath, args)
  return (performance.now() - startMs) / 1000
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

mkdirSync(WORK, { recursive: true })
const packets = Number(options.packets) * (options.large ? 10 : 1)
const file = options.file ?? join(WORK, `${packets}-${options.flows}.pcap`)
if (!existsSync(file)) writeBigCapture(file, office(packets, Number(options.flows)))
const folder = join(WORK, 'site')
await promisify(execFile)(process.execPath, [CLI, 'site', folder])
console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(0)} MB, ${options.rounds} rounds, medians, load ${loadavg()[0].toFixed(1)}`)
const drops: Drop[] = []
const byNode: number[] = []
for (let round = 0; round < Number(options.rounds); round++) {
  byNode.push(await analyzeByNode(file))
  drops.push(await drop(folder, file))
}
console.log(`command line without digest: ${median(byNode).toFixed(2)} s`)
for (const key of Object.keys(drops[0]) as (keyof Drop)[])
  console.log(`page: ${key} ${median(drops.map((measure) => measure[key])).toFixed(2)}`)
await drop(folder, file, (tasks) => {
  for (const [key, value] of Object.entries(tasks)) console.log(`page, one more drop: ${key} ${value.toFixed(0)}`)
})
console.log(`ratio, round by round: ${drops.map(({ seconds }, i) => (seconds / byNode[i]).toFixed(2)).join(' ')}`)
