// The parts of live capture that need no wire: times, names, clocks, counters, and a pipeline that is asked in between.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Analysis } from '../../../src/analysis.ts'
import { Coverage } from '../../../src/capture/coverage.ts'
import { CaptureReader } from '../../../src/capture/index.ts'
import { HostLocator } from '../../../src/geo/index.ts'
import { DEFAULT_ORIGIN } from '../../../src/geo/origin.ts'
import { formatInterfaces } from '../../../src/node/commands/interfaces.ts'
import { loadSqlite } from '../../../src/node/database/sqlite.ts'
import { type CaptureTool, explainFailure } from '../../../src/node/live/capture-tool.ts'
import { CaptureWatch } from '../../../src/node/live/capture-watch.ts'
import { ChunkPool, createChunks } from '../../../src/node/live/chunk-pool.ts'
import { ClockWatch } from '../../../src/node/live/clock-watch.ts'
import { formatDuration, parseDuration } from '../../../src/node/live/duration.ts'
import { estimateDrops } from '../../../src/node/live/interface-counters.ts'
import { defaultRoute, listInterfaces } from '../../../src/node/live/interfaces.ts'
import { RawFile } from '../../../src/node/live/raw-file.ts'
import { rawName } from '../../../src/node/live/raw-name.ts'
import { statusLines } from '../../../src/node/live/screen.ts'
import { SteadyClock } from '../../../src/node/live/steady-clock.ts'
import { parseCounters } from '../../../src/node/live/tool-counters.ts'
import { MemoryPages } from '../../../src/sqlite/btree-writer.ts'
import { makeTrafficPages } from '../../../src/store/traffic-pages.ts'
import { chunked } from '../../support/analysis.ts'

const DEMO = fileURLToPath(new URL('../../../fixtures/demo/input.pcapng', import.meta.url))

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['45', 45_000],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms))
  test.each(['', '0s', '10x', '-5s', '5m1h', '1.5h', '99d', 'm'])('"%s" is none', (text) =>
    expect(() => parseDuration(text)).toThrow(/--duration/),
  )
  test.each([
    [0, '0s'],
    [61_000, '1m01s'],
    [3_600_000, '1h00m00s'],
  ])('%d ms', (ms, text) => expect(formatDuration(ms)).toBe(text))
})

describe('names of raw files are those of tcpdump', () => {
  const time = new Date(2026, 1, 3, 4, 5, 6)
  const base = { path: 'raw.pcap', maxBytes: null, seconds: null, files: null }
  test('-C numbers from the second file on', () => {
    expect([0, 1, 12].map((n) => rawName({ ...base, maxBytes: 1 }, n, time))).toEqual(['raw.pcap', 'raw.pcap1', 'raw.pcap12'])
  })
  test('-C with -W numbers all, with as many digits as the last one has', () => {
    expect([0, 9].map((n) => rawName({ ...base, maxBytes: 1, files: 10 }, n, time))).toEqual(['raw.pcap0', 'raw.pcap9'])
    expect([0, 9].map((n) => rawName({ ...base, maxBytes: 1, files: 11 }, n, time))).toEqual(['raw.pcap00', 'raw.pcap09'])
  })
  test('-G fills in the time', () => {
    expect(rawName({ ...base, path: 'a-%Y%m%d_%H%M%S-%j-%F-100%%-%q.pcap', seconds: 5 }, 0, time)).toBe(
      'a-20260203_040506-034-2026-02-03-100%-%q.pcap',
    )
  })
})

describe('raw files', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rtnvis-raw-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** A pcap of packets of 84 bytes (100 with their header), one a second from `second` on. */
  function stream(packets: number, second: number): Uint8Array {
    const bytes = new Uint8Array(24 + packets * 100)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, 0xa1b2c3d4, true)
    view.setUint32(20, 1, true)
    for (let i = 0; i < packets; i++) {
      view.setUint32(24 + i * 100, second + i, true)
      view.setUint32(24 + i * 100 + 8, 84, true)
      view.setUint32(24 + i * 100 + 12, 84, true)
      bytes.fill(i + 1, 24 + i * 100 + 16, 24 + (i + 1) * 100)
    }
    return bytes
  }

  async function write(options: Partial<ConstructorParameters<typeof RawFile>[0]>, bytes: Uint8Array, step: number): Promise<RawFile> {
    const raw = new RawFile({ path: '', maxBytes: null, seconds: null, files: null, ...options })
    await raw.open()
    for (let at = 0; at < bytes.length; at += step) await raw.write(bytes.slice(at, at + step))
    await raw.close()
    return raw
  }

  test.each([1, 7, 100, 333, 100_000])('-C divides between packets, whatever the pieces (of %d bytes) are', async (step) => {
    const path = join(folder, `c${step}.pcap`)
    const bytes = stream(10, 1000)
    await write({ path, maxBytes: 320 }, bytes, step)
    const files = [path, `${path}1`, `${path}2`].map((file) => readFileSync(file))
    expect(files.map((file) => file.length)).toEqual([324, 324, 324])
    expect(existsSync(`${path}3`)).toBe(true)
    const joined = Buffer.concat([bytes.subarray(0, 24), ...[...files, readFileSync(`${path}3`)].map((file) => file.subarray(24))])
    expect(joined.equals(bytes)).toBe(true)
  })
  test('-C with -W uses the files in turn', async () => {
    const path = join(folder, 'turn.pcap')
    await write({ path, maxBytes: 320, files: 2 }, stream(10, 1000), 50)
    const turn = readdirSync(folder).filter((file) => file.startsWith('turn'))
    expect(turn.sort()).toEqual(['turn.pcap0', 'turn.pcap1'])
    expect(readFileSync(`${path}0`)[24 + 16]).toBe(7) // packets 7, 8, 9 took the place of 1, 2, 3
    expect(readFileSync(`${path}1`)[24 + 16]).toBe(10)
  })
  test('-G with -W ends after as many files', async () => {
    const now = Math.floor(Date.now() / 1000)
    const raw = await write({ path: join(folder, 'g-%s.pcap'), seconds: 3, files: 2 }, stream(10, now), 1000)
    expect(raw.isFull).toBe(true)
    expect(readdirSync(folder).filter((file) => file.startsWith('g-'))).toHaveLength(2)
  })
  test('a full disk is reported once, and the capture continues', async () => {
    const raw = await write({ path: '/dev/full' }, stream(10, 1000), 100)
    expect(raw.problem).toMatch(
      /^-w \/dev\/full: raw packets are no longer written since \d{4}-\d\d-\d\dT[\d:]{8} UTC: no space left on the disk: free some, or choose another folder with -w$/,
    )
    // The first piece met the full disk; the nine after it, and the last 24 bytes, were not tried.
    expect(raw.lost).toContain(': 924 B of raw packets since ')
  })
})

describe('clocks', () => {
  function clocks() {
    const state = { wall: 1_000_000, monotonic: 5000, uptime: 5000 as number | null }
    return { state, wallMs: () => state.wall, monotonicMs: () => state.monotonic, uptimeMs: () => state.uptime }
  }
  test('a laptop that slept', () => {
    const { state, ...given } = clocks()
    const watch = new ClockWatch(given)
    Object.assign(state, { wall: 1_000_000 + 61_000, monotonic: 6000, uptime: 5000 + 61_000 })
    expect(watch.look()).toEqual([expect.stringMatching(/^the machine was asleep for 1m00s until 1970-01-01T00:17:41 UTC/)])
    expect(watch.look()).toEqual([])
  })
  test('a clock that is set ahead and back', () => {
    const { state, ...given } = clocks()
    const watch = new ClockWatch(given)
    Object.assign(state, { wall: 1_000_000 + 3_601_000, monotonic: 6000, uptime: 6000 })
    expect(watch.look()).toEqual([expect.stringMatching(/^the clock jumped ahead by 1h00m00s/)])
    Object.assign(state, { wall: 1_000_000, monotonic: 7000, uptime: 7000 })
    expect(watch.look()).toEqual([expect.stringMatching(/^the clock was set back by/)])
  })
  test('a busy machine is nothing', () => {
    const { state, ...given } = clocks()
    const watch = new ClockWatch(given)
    Object.assign(state, { wall: 1_000_000 + 4000, monotonic: 9000, uptime: null })
    expect(watch.look()).toEqual([])
  })
  test('a program that was stopped is reported', () => {
    const { state, ...given } = clocks()
    const watch = new ClockWatch(given)
    Object.assign(state, { wall: 1_000_000 + 9000, monotonic: 14_000, uptime: 14_000 })
    expect(watch.look()).toEqual([expect.stringMatching(/^the program did not run for 9s until 1970-01-01T00:16:49 UTC/)])
  })
  test('times of packets never go backwards and follow a jump ahead', () => {
    const { state, ...given } = clocks()
    const clock = new SteadyClock(given)
    expect(clock.nowUs()).toBe(1_000_000_000)
    Object.assign(state, { wall: 500_000, monotonic: 5001 })
    expect(clock.nowUs()).toBe(1_000_001_000)
    Object.assign(state, { wall: 9_000_000, monotonic: 5002 })
    expect(clock.nowUs()).toBe(9_000_000_000)
  })
})

test('a stopped program and a link that is down are reported at the start and at the end', () => {
  const state = { isStopped: false as boolean | null, hasLink: true as boolean | null, nowMs: 1_700_000_000_000 }
  const watched = { isStopped: () => state.isStopped, hasLink: () => state.hasLink, nowMs: () => state.nowMs }
  const watch = new CaptureWatch(watched, () => 'tcpdump', 'eth7')
  expect(watch.look()).toEqual([])
  state.isStopped = true
  expect(watch.look()).toEqual([
    "since 2023-11-14T22:13:20 UTC tcpdump is stopped: only the packets that fit into the kernel's buffer are captured",
  ])
  expect(watch.look()).toEqual([])
  Object.assign(state, { isStopped: false, hasLink: false, nowMs: state.nowMs + 12_000 })
  expect(watch.look()).toEqual([
    "for 12s until 2023-11-14T22:13:32 UTC tcpdump was stopped: packets that did not fit into the kernel's buffer were dropped",
    'since 2023-11-14T22:13:32 UTC the link of eth7 is down: no packets arrive',
  ])
  // An interface that is gone tells nothing; the capture ends then.
  Object.assign(state, { isStopped: null, hasLink: null })
  expect(watch.look()).toEqual([])
  Object.assign(state, { hasLink: true, nowMs: state.nowMs + 3000 })
  expect(watch.look()).toEqual(['for 3s until 2023-11-14T22:13:35 UTC the link of eth7 was down'])
})

describe('output of the programs', () => {
  test('tcpdump, while it runs and at its end', () => {
    const running = 'tcpdump: listening on vb\ntcpdump: 5 packets captured, 9 packets received by filter, 2 packets dropped by kernel\n'
    expect(parseCounters(running)).toEqual({ captured: 5, kernelDrops: 2, queueDrops: 0 })
    const end = `${running}7 packets captured\n9 packets received by filter\n3 packets dropped by kernel\n`
    expect(parseCounters(end)).toEqual({ captured: 7, kernelDrops: 3, queueDrops: 0 })
    expect(parseCounters('1 packet captured\n1 packet received by filter\n0 packets dropped by kernel\n')?.captured).toBe(1)
  })
  test('dumpcap, at its end', () => {
    const said = "Packets received/dropped on interface 'vb': 348497/51503 (pcap:51003/dumpcap:400/flushed:100/ps_ifdrop:0) (87.1%)\n"
    expect(parseCounters(said)).toEqual({ captured: 348_497, kernelDrops: 51_003, queueDrops: 500 })
  })
  test('nothing yet', () => expect(parseCounters('Capturing on vb\n')).toBeNull())
  test('no right to capture: the line that gives it', () => {
    const tool: CaptureTool = { via: 'tcpdump', command: '/bin/sh', args: [], binary: '/proc/self/exe', printsCounters: true }
    const request = { interfaceName: 'eth0', filter: '', maxPackets: null, user: null }
    const { message } = explainFailure(tool, request, "tcpdump: eth0: You don't have permission to perform this capture on that device")
    expect(message).toContain(`sudo setcap cap_net_raw+ep ${process.execPath}`)
  })
  test('drops by the counters of the interface', () => {
    expect(estimateDrops({ packets: 100 }, { packets: 1100 }, 900)).toBe(100)
    expect(estimateDrops({ packets: 100 }, { packets: 1100 }, 1200)).toBe(0)
    expect(estimateDrops(null, { packets: 1100 }, 0)).toBe(0)
  })
})

describe('interfaces', () => {
  const head = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
  test('the default route with the lowest metric', () => {
    const routes = `${head}wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\neth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\neth1\t0000A8C0\t00000000\t0001\t0\t0\t1\t00FFFFFF\t0\t0\t0\n`
    expect(defaultRoute(routes, '')).toBe('eth0')
  })
  test('over IPv6 where there is none over IPv4', () => {
    const zeros = '0'.repeat(32)
    const routes6 = `${zeros} 00 ${zeros} 00 fe80${'0'.repeat(28)} 00000400 00000001 00000000 00000003     wg0\n${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo\n`
    expect(defaultRoute(head, routes6)).toBe('wg0')
    expect(defaultRoute(head, '')).toBeNull()
  })
  test('this machine has a loopback', () => {
    expect(listInterfaces()).toContainEqual(
      expect.objectContaining({ isLoopback: true, addresses: expect.arrayContaining(['127.0.0.1/8']) }),
    )
  })
  test('one line each, the default first', () => {
    const eth = { name: 'eth0', state: 'up', isLoopback: false, isDefault: true, addresses: ['192.0.2.2/24'], mac: '' } as const
    expect(formatInterfaces([{ ...eth, addresses: [...eth.addresses] }])).toBe('* eth0  up       default route, 192.0.2.2/24\n')
  })
})

test('a full queue returns no chunk, and a chunk is free when all readers are done', () => {
  const pool = new ChunkPool(createChunks())
  const first = pool.take()
  const taken = new Set([first])
  for (let chunk = pool.take(); chunk >= 0; chunk = pool.take()) taken.add(chunk)
  expect(taken.size).toBe(128)
  pool.hold(first)
  pool.release(first)
  expect(pool.take()).toBe(-1)
  pool.release(first)
  expect(pool.take()).toBe(first)
})

test('the terminal shows no control characters and no line wider than it is', () => {
  const totals = {
    packets: 1234,
    ipPackets: 1234,
    bytes: 5e6,
    flows: 12,
    hosts: 7,
    packetsPerSecond: 99.6,
    bytesPerSecond: 1e6,
    firstUs: 1,
    lastUs: 2,
  }
  const lines = statusLines(
    {
      ...{ state: 'capturing', reportName: 'x', interfaceName: 'eth0', filter: 'udp', via: 'tcpdump', startedMs: 0, endsMs: 600_000 },
      ...{ endedBy: '', totals, drops: { kernel: 12, queue: 0, isEstimate: true }, warnings: ['the clock jumped'], savedMs: 55_000 },
      top: [{ hostId: 1, ip: '192.0.2.1', name: '\u001b[31mevil', place: 'Paris, France', bytes: 1000, packets: 2 }],
    },
    'output/x/index.html',
    60_000,
    60,
  )
  const text = lines.join('\n')
  expect(text).toContain('1m00s, 9m00s left')
  expect(text).toContain('100 packets/s')
  expect(text).toContain('dropped: about 12 by the kernel')
  expect(text).not.toContain('\u001b')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(60)
})

test('asking for databases in between changes nothing in the last one', async () => {
  const openDatabase = await loadSqlite()
  const facts = { reportName: 'r', programVersion: '0', captures: [], geoSource: null }
  async function run(every: number): Promise<{ last: Uint8Array; asked: number }> {
    const analysis = new Analysis(100_000)
    const coverage = new Coverage()
    const locator = new HostLocator(null)
    const reader = await CaptureReader.open(chunked(readFileSync(DEMO), 5000), 'demo')
    const write = () => {
      const located = locator.locate(analysis.hosts(), DEFAULT_ORIGIN)
      const isFirstClient = analysis.flows.firstClients()
      const pages = makeTrafficPages(analysis.numbers(analysis.flows.timeline.snapshot(), isFirstClient))
      const store = new MemoryPages()
      analysis.write(openDatabase(), store, pages, analysis.conclude(located, isFirstClient), { ...facts, located })
      return store.bytes
    }
    let packets = 0
    let asked = 0
    do {
      while (reader.next()) {
        analysis.add(reader.packet, coverage)
        if (++packets % every !== 0) continue
        asked++
        const database = openDatabase(write())
        const statement = database.prepare('SELECT sum(client_packets + server_packets) FROM flows')
        statement.step()
        expect(Number(statement.get()[0])).toBeGreaterThan(0)
        database.close()
      }
    } while (await reader.fill())
    analysis.flows.finish()
    return { last: write(), asked }
  }
  const never = await run(Number.POSITIVE_INFINITY)
  const often = await run(500)
  expect(often.asked).toBeGreaterThan(3)
  expect(Buffer.from(often.last).equals(Buffer.from(never.last))).toBe(true)
})
