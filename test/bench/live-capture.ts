// npm run bench:capture: what rtnvis live takes from a wire without a loss, beside tcpdump -w on the same replay. Needs root, ip, tcpreplay and tcpdump.
// Machines are noisy: the two take turns, and what counts is the ratio within one run. The player of packets needs a core for itself.
import { type ChildProcess, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sqlite3 } from '../support/sqlite3.ts'
import { missingForWire, SEEN_AT, SENT_AT, Wire } from '../support/wire.ts'
import { office, writeBigCapture } from './capture.ts'

const { values: options } = parseArgs({
  options: {
    /** Packets a second and seconds of the steady run; 0 seconds: none. */
    rate: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '30' },
    /** Pairs at full speed, each this many times through the file. */
    pairs: { type: 'string', default: '3' },
    loops: { type: 'string', default: '10' },
    /** Minutes of a run that watches memory; 0: none. */
    minutes: { type: 'string', default: '0' },
    via: { type: 'string', default: 'tcpdump' },
  },
})

const PACKETS = 200_000
const FLOWS = 8000
const LAST_BLOCK_MS = 1500
const WORK = join(tmpdir(), 'rtnvis-bench-live')
const FILE = join(WORK, 'replay.pcap')

interface Result {
  sent: number
  captured: number
  dropped: number
  packetsPerSecond: number
  /** Processor time of the program and the one that captures for it. */
  cpuSeconds: number
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const number = (value: number) => Math.round(value).toLocaleString('en')

/** @returns packets sent, and how fast */
async function play(wire: Wire, args: string[]): Promise<{ sent: number; packetsPerSecond: number }> {
  const child = wire.start('tcpreplay', ['-q', '-K', ...args, '-i', SENT_AT, FILE])
  let said = ''
  child.stdout!.on('data', (text) => {
    said += text
  })
  await new Promise((resolve) => child.once('close', resolve))
  return { sent: Number(/Actual: (\d+)/.exec(said)?.[1]), packetsPerSecond: Number(/([\d.]+) pps/.exec(said)?.[1]) }
}

/** User and system time of a process, its threads and those of its children, seconds. */
function cpuSeconds(pid: number): number {
  const children = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
    .filter(Boolean)
    .map(Number)
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100 + children.reduce((sum, child) => sum + cpuSeconds(child), 0)
}

async function runLive(wire: Wire, args: string[]): Promise<Result> {
  const out = join(WORK, 'out')
  rmSync(out, { recursive: true, force: true })
  const live = wire.live(['-o', out, '--via', options.via, ...(options.via === 'tcpdump' ? ['-Z', 'nobody'] : [])])
  await live.capturing(out)
  const before = cpuSeconds(live.pid)
  const played = await play(wire, args)
  await pause(LAST_BLOCK_MS)
  const cpu = cpuSeconds(live.pid) - before
  await live.interrupt()
  const database = join(out, 'traffic.sqlite')
  const [captured, kernel, queue] = sqlite3(
    database,
    "SELECT packets FROM captures; SELECT value FROM meta WHERE key IN ('kernel_drops', 'queue_drops') ORDER BY key",
  )
    .trim()
    .split('\n')
    .map(Number)
  return { ...played, captured: captured, dropped: kernel + queue, cpuSeconds: cpu }
}

async function runTcpdump(wire: Wire, args: string[]): Promise<Result> {
  const child: ChildProcess = wire.start('tcpdump', ['-n', '-i', SEEN_AT, '-B', '65536', '-w', join(WORK, 'tcpdump.pcap')])
  let said = ''
  child.stderr!.on('data', (text) => {
    said += text
  })
  while (!said.includes('listening')) await pause(50)
  const played = await play(wire, args)
  await pause(LAST_BLOCK_MS)
  const cpu = cpuSeconds(child.pid!)
  child.kill('SIGINT')
  await new Promise((resolve) => child.once('close', resolve))
  const count = (what: RegExp) => Number(what.exec(said)?.[1])
  return { ...played, captured: count(/(\d+) packets? captured/), dropped: count(/(\d+) packets? dropped by kernel/), cpuSeconds: cpu }
}

function row(name: string, { sent, captured, dropped, packetsPerSecond, cpuSeconds: cpu }: Result): string {
  const share = `${((100 * captured) / sent).toFixed(2)} %`
  const cells = [name, number(packetsPerSecond), number(sent), number(captured), share, number(dropped), (cpu * 1e6) / sent]
  return `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell)).join(' | ')} |`
}

async function watchMemory(wire: Wire, minutes: number): Promise<void> {
  const out = join(WORK, 'memory')
  rmSync(out, { recursive: true, force: true })
  const live = wire.live(['-o', out])
  await live.capturing(out)
  const rate = 10_000
  const playing = play(wire, [`--pps=${rate}`, `--loop=${Math.ceil((minutes * 60 * rate) / PACKETS)}`])
  const megabytes: number[] = []
  for (let minute = 0; minute < minutes; minute++) {
    await pause(60_000)
    megabytes.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${live.pid}/status`, 'utf8'))![1]) / 1024)
  }
  await playing
  await live.interrupt()
  console.log(`\nResident memory at the end of each minute, ${number(rate)} packets/s: ${megabytes.map(number).join(', ')} MB`)
}

const missing = missingForWire()
if (missing !== null) throw new Error(`this needs ${missing}`)
mkdirSync(WORK, { recursive: true, mode: 0o777 })
spawnSync('chmod', ['777', WORK])
if (!existsSync(FILE)) writeBigCapture(FILE, office(PACKETS, FLOWS))
const wire = new Wire()
try {
  console.log(`Load before: ${loadavg()[0].toFixed(1)}\n`)
  console.log(
    '| program | packets/s sent | sent | captured | share | dropped by the kernel | processor, µs a packet |\n|---|---|---|---|---|---|---|',
  )
  const seconds = Number(options.seconds)
  const loops = Math.round((seconds * Number(options.rate)) / PACKETS)
  if (loops > 0) console.log(row('rtnvis live, steady', await runLive(wire, [`--pps=${options.rate}`, `--loop=${loops}`])))
  const ratios: number[] = []
  for (let pair = 0; pair < Number(options.pairs); pair++) {
    const args = ['--topspeed', `--loop=${options.loops}`]
    const tcpdump = await runTcpdump(wire, args)
    console.log(row('tcpdump -w, full speed', tcpdump))
    const live = await runLive(wire, args)
    console.log(row('rtnvis live, full speed', live))
    ratios.push(live.captured / live.sent / (tcpdump.captured / tcpdump.sent))
  }
  if (ratios.length > 0)
    console.log(`\nShare captured against tcpdump -w, pair by pair: ${ratios.map((ratio) => `${(100 * ratio).toFixed(1)} %`).join(', ')}`)
  if (Number(options.minutes) > 0) await watchMemory(wire, Number(options.minutes))
  console.log(`\nLoad after: ${loadavg()[0].toFixed(1)}`)
} finally {
  wire.remove()
}
