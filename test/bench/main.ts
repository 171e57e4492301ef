// npm run bench: how fast and how big, stage by stage and as a whole, beside the tools people know. Prints a Markdown table for the README.
// Machines are noisy: programs take turns, several rounds, and what counts is the ratio within one run.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CaptureReader } from '../../src/capture/index.ts'
import { decodePacket } from '../../src/decode/index.ts'
import { PacketView } from '../../src/decode/packet.ts'
import { DECODED } from '../../src/decode/status.ts'
import { Observer } from '../../src/detect/observe/index.ts'
import { Flows } from '../../src/flows/index.ts'
import { Names } from '../../src/names/index.ts'
import { backbone, office, writeBigCapture } from './capture.ts'

const { values: options } = parseArgs({
  options: {
    /** Of an office, or of a backbone: half as many hosts as conversations, a quarter of them at once. */
    mix: { type: 'string', default: 'office' },
    packets: { type: 'string', default: '1500000' },
    flows: { type: 'string', default: '60000' },
    rounds: { type: 'string', default: '5' },
    /** Another capture than the generated one. */
    file: { type: 'string' },
    /** Also the tools that take tens of seconds. */
    slow: { type: 'boolean', default: false },
  },
})

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const WORK = join(tmpdir(), 'rtnvis-bench')
const POLL_MS = 10

interface Program {
  name: string
  does: string
  command: string[]
  isSlow?: boolean
}

interface Measure {
  seconds: number
  /** Highest resident set, MB. */
  megabytes: number
}

function programs(file: string): Program[] {
  const all: Program[] = [
    {
      name: 'rtnvis analyze',
      does: 'everything, site included',
      command: [process.execPath, CLI, 'analyze', file, '-q', '-o', join(WORK, 'out')],
    },
    {
      name: 'rtnvis, no digest',
      does: 'everything, without SHA-256',
      command: [process.execPath, CLI, 'analyze', file, '-q', '--no-digest', '-o', join(WORK, 'out')],
    },
    { name: 'tcpdump', does: 'copy only', command: ['tcpdump', '-r', file, '-w', '/dev/null'] },
    { name: 'nfpcapd', does: 'flows only', command: ['nfpcapd', '-r', file, '-w', join(WORK, 'nf'), '-l', WORK] },
    { name: 'argus', does: 'flows only', command: ['argus', '-r', file, '-w', join(WORK, 'argus.out')] },
    { name: 'ndpiReader', does: 'flows and applications', command: ['ndpiReader', '-i', file, '-q'], isSlow: true },
    {
      name: 'tshark',
      does: 'conversations and endpoints',
      command: ['tshark', '-q', '-r', file, '-z', 'conv,tcp', '-z', 'endpoints,ip'],
      isSlow: true,
    },
  ]
  return all.filter(({ name, command, isSlow }) => {
    if (isSlow && !options.slow) return false
    const isThere = command[0].includes('/') || spawnSync('which', [command[0]]).status === 0
    if (!isThere) console.error(`not installed, left out: ${name}`)
    return isThere
  })
}

async function measure({ name, command }: Program, capture: string): Promise<Measure> {
  const [file, ...args] = command
  rmSync(join(WORK, 'argus.out'), { force: true }) // argus appends
  mkdirSync(join(WORK, 'nf'), { recursive: true })
  // From the system's cache for all of them, and without what this place makes programs load at their start (certificates, say).
  spawnSync('cat', [capture], { stdio: 'ignore' })
  const { PATH, HOME } = process.env
  const started = performance.now()
  const child = spawn(file, args, { stdio: 'ignore', env: { PATH, HOME } })
  let megabytes = 0
  const poll = setInterval(() => {
    try {
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]
      megabytes = Math.max(megabytes, Number(peak ?? 0) / 1000)
    } catch {
      // No /proc, or the program has just ended.
    }
  }, POLL_MS)
  const code = await new Promise((resolve) => child.on('exit', resolve))
  clearInterval(poll)
  if (code !== 0) throw new Error(`${name} ended with ${code}`)
  return { seconds: (performance.now() - started) / 1000, megabytes }
}

/** The stages one on top of the other, in this process, over the file in memory: seconds each adds. */
async function stages(file: string): Promise<[string, number][]> {
  const bytes = readFileSync(file)
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 2 << 20) yield bytes.subarray(at, at + (2 << 20))
  }
  const steps: [string, (reader: CaptureReader) => (index: number) => void][] = [
    ['read', () => () => {}],
    [
      'decode',
      ({ packet: p }) => {
        const view = new PacketView()
        return () => decodePacket(p.bytes, p.start, p.end, p.linkType, view)
      },
    ],
    ['flows', (reader) => flowStep(reader, false, false)],
    ['names', (reader) => flowStep(reader, true, false)],
    ['observe', (reader) => flowStep(reader, true, true)],
  ]
  const totals: number[] = []
  for (const [, make] of steps) {
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < 3; round++) {
      const reader = await CaptureReader.open(chunks(), file)
      const step = make(reader)
      const started = performance.now()
      do {
        while (reader.next()) step(0)
      } while (await reader.fill())
      best = Math.min(best, (performance.now() - started) / 1000)
    }
    totals.push(best)
  }
  return steps.map(([name], i) => [name, Math.max(0, totals[i] - (totals[i - 1] ?? 0))])
}

function flowStep({ packet: p }: CaptureReader, withNames: boolean, withObserver: boolean): () => void {
  const view = new PacketView()
  const flows = new Flows(100_000)
  const names = new Names(flows.table, flows.hosts)
  const observer = new Observer(flows.table, names)
  let admitted = 0
  return () => {
    if (decodePacket(p.bytes, p.start, p.end, p.linkType, view) !== DECODED) return
    const flow = flows.add(view, p.timeUs, p.originalBytes)
    if (!withNames) return
    while (admitted < flows.table.count) {
      names.admit(admitted)
      if (withObserver) observer.admit(admitted)
      admitted++
    }
    if (flow < 0 || view.payloadAt >= view.end) return
    const { direction } = flows.table
    if (names.budget[flow] !== 0) names.inspect(flow, direction, view, p.timeUs)
    if (withObserver && (observer.watch[flow] & (1 << direction)) !== 0) observer.inspect(flow, direction, view, p.timeUs, p)
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

async function main(): Promise<void> {
  if (!existsSync(CLI)) throw new Error('dist/ is missing: run npm run build first')
  mkdirSync(WORK, { recursive: true })
  const isBackbone = options.mix === 'backbone'
  const file = options.file ?? join(WORK, `${isBackbone ? 'backbone-' : ''}${options.packets}-${options.flows}.pcap`)
  const mix = isBackbone ? backbone : office
  if (!existsSync(file)) writeBigCapture(file, mix(Number(options.packets), Number(options.flows)))
  const megabytes = statSync(file).size / 1e6
  const packets = Number(spawnSync('capinfos', ['-TMrc', file], { encoding: 'utf8' }).stdout?.split('\t')[1] ?? options.packets)
  console.log(`${file}: ${packets.toLocaleString('en')} packets, ${megabytes.toFixed(0)} MB, ${options.rounds} rounds, medians\n`)

  const results = new Map<Program, Measure[]>(programs(file).map((program) => [program, []]))
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [program, measures] of results) measures.push(await measure(program, file))
  }
  const own = median([...results.values()][0].map((m) => m.seconds))
  console.log(
    '| program | does | seconds | packets/s | MB/s | peak MB | time against rtnvis |\n| --- | --- | --- | --- | --- | --- | --- |',
  )
  for (const [{ name, does }, measures] of results) {
    const seconds = median(measures.map((m) => m.seconds))
    const peak = Math.max(...measures.map((m) => m.megabytes))
    const rates = `${Math.round(packets / seconds).toLocaleString('en')} | ${Math.round(megabytes / seconds).toLocaleString('en')}`
    console.log(`| ${name} | ${does} | ${seconds.toFixed(2)} | ${rates} | ${peak.toFixed(0)} | ${(seconds / own).toFixed(2)} |`)
  }
  console.log('\n| stage, on top of the one before | seconds | ns a packet |\n| --- | --- | --- |')
  for (const [name, seconds] of await stages(file)) {
    console.log(`| ${name} | ${seconds.toFixed(2)} | ${((seconds / packets) * 1e9).toFixed(0)} |`)
  }
}

await main()
