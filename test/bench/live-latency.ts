// How long a packet takes from the wire to the globe: `rtnvis live --serve` on a veth pair in a network namespace of its own, 19 viewers on
// WebSockets and a real page in Chromium. Probes go to addresses in different places; the page notes when it first draws an arc there.
// Needs root: `npm run bench:live`.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import type {} from '../../site/src/app/debug-api.ts'
import { launchChromium } from '../support/browser.ts'

const KEY = 'bench-of-the-live-view'
const VIEWERS = 20
const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
/** Public addresses in different places of GeoLite2 City. */
const PROBES = [
  ...['8.8.8.8', '1.1.1.1', '9.9.9.9', '193.0.14.129', '202.12.27.33', '192.36.148.17', '41.72.0.1', '196.216.2.1', '200.160.2.3'],
  ...['103.1.12.1', '91.198.174.192', '133.11.0.1', '129.132.98.12', '130.216.1.1', '137.158.1.1', '143.107.1.1', '147.32.1.1'],
  ...['139.18.1.1', '141.89.1.1', '152.66.1.1', '158.194.1.1', '130.225.1.1', '129.240.1.1', '193.166.1.1', '150.217.1.1'],
]

interface Seen {
  [arc: string]: number
}

if (process.argv[2] === 'inside') await inside()
else outside()

/** Makes the namespace, runs this file in it, and takes the namespace away again. */
function outside(): void {
  const name = `rtnvis-bench-${process.pid}`
  const ip = (...args: string[]) => execFileSync('ip', args)
  ip('netns', 'add', name)
  try {
    ip('-n', name, 'link', 'set', 'lo', 'up')
    ip('-n', name, 'link', 'add', 'wire0', 'type', 'veth', 'peer', 'name', 'wire1')
    for (const end of ['wire0', 'wire1']) ip('-n', name, 'link', 'set', end, 'up')
    ip('-n', name, 'addr', 'add', '192.168.77.1/24', 'dev', 'wire0')
    ip('-n', name, 'neigh', 'add', '192.168.77.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'wire0')
    ip('-n', name, 'route', 'add', 'default', 'via', '192.168.77.2')
    const run = spawnSync('ip', ['netns', 'exec', name, process.execPath, '--import', 'tsx', fileURLToPath(import.meta.url), 'inside'], {
      stdio: 'inherit',
    })
    process.exitCode = run.status ?? 1
  } finally {
    ip('netns', 'del', name)
  }
}

async function inside(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rtnvis-bench-'))
  const capture = spawn(process.execPath, [CLI, 'live', '-i', 'wire1', '--serve', '--port', '8770', '-q', '-o', join(folder, 'report')], {
    env: { ...process.env, RTNVIS_KEY: KEY },
    stdio: 'ignore',
  })
  const wire = createSocket('udp4')
  const browser = await launchChromium({ webGl: process.argv[3] !== 'map' })
  try {
    await waitFor(async () => (await fetch('http://127.0.0.1:8770/healthz')).ok)
    wire.send('first', 5353, '193.0.14.129')
    const heard = new Map<number, number>()
    for (let viewer = 1; viewer < VIEWERS; viewer++) listen(heard)
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
    await page.goto(`http://127.0.0.1:8770/?key=${KEY}`)
    await page.waitForFunction(() => window.rtnvis?.state === 'ready', undefined, { timeout: 60_000 })
    // As text: the loader of this file marks functions in ways that a page does not know.
    await page.evaluate(`{
      window.seen = {}
      const look = () => {
        for (const arc of window.rtnvis.arcs) window.seen[arc.replace(/ · .*/, '')] ??= Date.now()
        requestAnimationFrame(look)
      }
      look()
    }`)
    await setTimeout(3000)
    const sent = new Map<string, number>()
    for (const address of PROBES) {
      sent.set(address, Date.now())
      wire.send('probe', 9999, address)
      await setTimeout(700 + Math.random() * 600)
    }
    await setTimeout(3000)
    const seen = (await page.evaluate(() => (window as unknown as { seen: Seen }).seen)) as Seen
    report('to an arc on the page', await latencies(sent, seen))
    report(
      `to ${VIEWERS - 1} other viewers`,
      [...sent.values()].flatMap((atMs, probe) => (heard.has(probe) ? [heard.get(probe)! - atMs] : [])),
    )
  } finally {
    await browser.close()
    wire.close()
    capture.kill('SIGINT')
    await new Promise((resolve) => capture.once('exit', resolve))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Notes when the last of all viewers has heard of a probe, by the number of the probe. */
function listen(heard: Map<number, number>): void {
  const socket = new WebSocket('ws://127.0.0.1:8770/live?since=0', { headers: { 'x-api-key': KEY } })
  const known = new Map<number, string>()
  socket.on('message', (data) => {
    const change = JSON.parse(String(data)) as {
      hosts?: { id: number; ip: string }[]
      flows?: { serverHostId: number; serverPort: number }[]
    }
    for (const { id, ip } of change.hosts ?? []) known.set(id, ip)
    for (const { serverHostId, serverPort } of change.flows ?? [])
      if (serverPort === 9999) heard.set(PROBES.indexOf(known.get(serverHostId) ?? ''), Date.now())
  })
}

async function latencies(sent: Map<string, number>, seen: Seen): Promise<number[]> {
  const response = await fetch('http://127.0.0.1:8770/api/hosts?limit=1000', { headers: { 'x-api-key': KEY } })
  const { items } = (await response.json()) as { items: { ip: string; city: string | null; country: string | null }[] }
  const places = new Set<string>()
  return [...sent].flatMap(([address, atMs]) => {
    const host = items.find(({ ip }) => ip === address)
    const place = host?.city && host.city !== host.country ? `${host.city}, ${host.country}` : host?.country
    if (!place || places.has(place)) return [] // a second probe to a place adds no new arc
    places.add(place)
    const arc = Object.keys(seen).find((name) => name.endsWith(`→ ${place}`))
    if (arc === undefined || seen[arc] < atMs) return []
    return [seen[arc] - atMs]
  })
}

function report(what: string, values: number[]): void {
  const sorted = values.sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  console.log(
    `${what}: ${sorted.length} of ${PROBES.length} probes, median ${at(0.5)} ms, 90 % within ${at(0.9)} ms, slowest ${sorted.at(-1)} ms`,
  )
}

async function waitFor(isThere: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await isThere().catch(() => false)) return
    await setTimeout(200)
  }
  throw new Error('the live view did not start')
}
