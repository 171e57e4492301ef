// `rtnvis watch`: what a rotation leaves becomes reports, merged by day or hour, once each, whatever happens between two looks.
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { CLI } from '../../faults/support.ts'
import { ethernet, ipv4, udp } from '../../support/build.ts'
import { pcap } from '../../support/capture-files.ts'
import { sqlite3 } from '../../support/sqlite3.ts'

const base = mkdtempSync(join(tmpdir(), 'rtnvis-watch-'))
let folder: string
let trial = 0
beforeEach(() => {
  folder = join(base, `trial-${++trial}`)
  mkdirSync(join(folder, 'in'), { recursive: true })
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const DAY_S = 86_400
/** 2026-03-02T00:00:00Z. */
const MONDAY_S = 1_772_409_600

function rtnvis(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
}

const watchOnce = (...args: string[]) => rtnvis('watch', 'in', '-o', 'out', '--once', '--settle', '0', ...args)

/** Packets of one host to 192.0.2.9, a second apart, from a time of that Monday on. */
function capture(startS: number, packets: number, sourcePort: number): Uint8Array {
  return pcap(
    Array.from({ length: packets }, (_, i) => ({
      atUs: (MONDAY_S + startS + i) * 1e6,
      bytes: ethernet(ipv4('10.0.0.1', '192.0.2.9', udp(sourcePort, 53))),
    })),
  )
}

const write = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, 'in', name), bytes)
const packetsOf = (report: string) => Number(sqlite3(join(folder, 'out', report, 'traffic.sqlite'), 'SELECT sum(packets) FROM captures'))

test('a report for each capture, one for each day, and pages that list them', () => {
  write('a.pcap', capture(3600, 10, 5000))
  write('b.pcap', capture(7200, 20, 5001))
  write('c.pcap', capture(DAY_S + 5, 40, 5002))
  write('notes.txt', new TextEncoder().encode('not a capture'))
  const run = watchOnce()
  expect(run).toMatchObject({ status: 0, stdout: '' })
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['2026-03-02', '2026-03-03', 'captures', 'index.html', 'watch.json'])
  expect(readdirSync(join(folder, 'out/captures')).sort()).toEqual(['a', 'b', 'c', 'index.html'])
  expect([packetsOf('2026-03-02'), packetsOf('2026-03-03'), packetsOf('captures/a')]).toEqual([30, 40, 10])
  const list = readFileSync(join(folder, 'out/index.html'), 'utf8')
  expect(list.indexOf('./2026-03-03/index.html')).toBeGreaterThan(0)
  expect(list.indexOf('./2026-03-02/index.html')).toBeGreaterThan(list.indexOf('./2026-03-03/index.html'))
  expect(list).toContain('href="./captures/index.html"')
  const captures = readFileSync(join(folder, 'out/captures/index.html'), 'utf8')
  expect(captures).toContain('./a/index.html')
  expect(captures).toContain('href="../index.html"')
})

test('what comes later is added to its day, and gives what one merge of all gives', () => {
  write('a.pcap', capture(3600, 10, 5000))
  expect(watchOnce('-q')).toMatchObject({ status: 0, stderr: '' })
  write('b.pcap', capture(7200, 20, 5001))
  rmSync(join(folder, 'in/a.pcap')) // the rotation removes old ones
  const lines = watchOnce('-q', '--json').stdout.trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { folder: string }).folder)).toEqual([
    join('out', 'captures', 'b'),
    join('out', '2026-03-02'),
  ])
  expect(packetsOf('2026-03-02')).toBe(30)
  expect(rtnvis('merge', 'out/captures/b', 'out/captures/a', '-o', 'merged', '--name', '2026-03-02', '-q').status).toBe(0)
  expect(readFileSync(join(folder, 'out/2026-03-02/traffic.sqlite')).equals(readFileSync(join(folder, 'merged/traffic.sqlite')))).toBe(true)
  expect(watchOnce('--json', '-q')).toMatchObject({ status: 0, stdout: '', stderr: '' })
})

test('by hour', () => {
  write('a.pcap', capture(3599, 1, 5000))
  write('b.pcap', capture(3600, 2, 5001))
  expect(watchOnce('--by', 'hour', '-q').status).toBe(0)
  expect([packetsOf('2026-03-02T00'), packetsOf('2026-03-02T01')]).toEqual([1, 2])
})

test('a capture that grew after it was read counts once, with all its packets', () => {
  write('a.pcap', capture(0, 5, 5000))
  write('b.pcap', capture(60, 7, 5001))
  expect(watchOnce('-q').status).toBe(0)
  write('a.pcap', capture(0, 9, 5000))
  expect(watchOnce('-q').status).toBe(0)
  expect([packetsOf('captures/a'), packetsOf('2026-03-02')]).toEqual([9, 16])
})

test('a file of a ring gets another capture: the reports of the one before stay, in every day', () => {
  const ring = (...args: Parameters<typeof capture>) => {
    write('ring.pcap', capture(...args))
    expect(watchOnce('-q')).toMatchObject({ status: 0, stderr: '' })
  }
  ring(0, 5, 5000)
  ring(100, 3, 5001)
  ring(DAY_S, 4, 5002)
  // It grows.
  ring(DAY_S, 6, 5002)
  expect([packetsOf('2026-03-02'), packetsOf('2026-03-03')]).toEqual([8, 6])
  // The next one has begun, without a packet yet; then what was written over it.
  write('ring.pcap', pcap([]))
  expect(watchOnce('-q').status).toBe(0)
  ring(DAY_S + 200, 2, 5003)
  write('ring.pcap', new TextEncoder().encode('no capture'))
  expect(watchOnce('-q').stderr).toMatch(/^rtnvis: in\/ring\.pcap .*\n$/)
  expect([packetsOf('2026-03-02'), packetsOf('2026-03-03')]).toEqual([8, 8])
  const reports = ['ring', 'ring-2', 'ring-3', 'ring-4'].map((name) => packetsOf(`captures/${name}`))
  expect(reports).toEqual([5, 3, 6, 2])
  // A copy that is repaired is the same capture.
  ring(DAY_S + 200, 3, 5003)
  expect([packetsOf('2026-03-03'), packetsOf('captures/ring-4')]).toEqual([9, 3])
  write('other.pcap', capture(300, 1, 5004))
  expect(watchOnce('-q').status).toBe(0)
  expect(packetsOf('2026-03-02')).toBe(9)
  expect(watchOnce('--json', '-q')).toMatchObject({ status: 0, stdout: '', stderr: '' })
})

test('a capture that is compressed after it was read is no new one; another one of that name is', () => {
  const bytes = capture(0, 5, 5000)
  write('a.pcap', bytes)
  expect(watchOnce('-q').status).toBe(0)
  rmSync(join(folder, 'in/a.pcap'))
  write('a.pcap.gz', gzipSync(bytes))
  expect(watchOnce().stderr).toContain(`rtnvis: ${join('in', 'a.pcap.gz')} is a.pcap, compressed: its report is there\n`)
  expect(readdirSync(join(folder, 'out/captures')).sort()).toEqual(['a', 'index.html'])
  write('a.pcap.gz', gzipSync(capture(100, 3, 5001)))
  expect(watchOnce('-q').status).toBe(0)
  expect(readdirSync(join(folder, 'out/captures')).sort()).toEqual(['a', 'a-2', 'index.html'])
  expect(packetsOf('2026-03-02')).toBe(8)
})

test('a file that was just written is not complete', () => {
  write('a.pcap', capture(0, 5, 5000))
  write('b.pcap', capture(60, 7, 5001))
  const old = Date.now() / 1000 - 120
  utimesSync(join(folder, 'in/a.pcap'), old, old)
  expect(rtnvis('watch', 'in', '-o', 'out', '--once', '--settle', '60', '-q').status).toBe(0)
  expect(readdirSync(join(folder, 'out/captures')).sort()).toEqual(['a', 'index.html'])
})

test('the pages list what a run made that was killed before it wrote them, and a folder without captures has pages, too', () => {
  expect(watchOnce('-q').status).toBe(0)
  const page = join(folder, 'out/index.html')
  expect(readFileSync(page, 'utf8')).toContain('No report yet.')
  write('a.pcap', capture(0, 5, 5000))
  expect(watchOnce('-q').status).toBe(0)
  rmSync(page)
  rmSync(join(folder, 'out/captures/index.html'))
  expect(watchOnce('-q').status).toBe(0)
  expect(readFileSync(page, 'utf8')).toContain('>2026-03-02</a>')
  expect(readFileSync(join(folder, 'out/captures/index.html'), 'utf8')).toContain('>a</a>')
})

test('a damaged capture is one line, once; the others have reports', () => {
  write('a.pcap', capture(0, 5, 5000))
  write('cut.pcap', capture(0, 5, 5000).subarray(0, 10))
  const first = watchOnce('-q')
  expect(first.status).toBe(0)
  expect(first.stderr).toMatch(/^rtnvis: in\/cut\.pcap ends at byte 10, inside its file header: .*\n$/)
  expect(readdirSync(join(folder, 'out/captures')).sort()).toEqual(['a', 'index.html'])
  expect(watchOnce('-q').stderr).toBe('')
})

test('--keep removes old reports, and nothing else', () => {
  write('a.pcap', capture(0, 5, 5000))
  expect(watchOnce('-q').status).toBe(0)
  const journal = join(folder, 'out/watch.json')
  const aged = JSON.parse(readFileSync(journal, 'utf8')) as { captures: { untilMs: number }[] }
  aged.captures[0].untilMs -= 40 * DAY_S * 1000
  writeFileSync(journal, JSON.stringify(aged))
  write('b.pcap', capture(DAY_S, 6, 5001))
  mkdirSync(join(folder, 'out/mine'))
  expect(watchOnce('-q').status).toBe(0)
  expect(existsSync(join(folder, 'out/2026-03-02'))).toBe(true)
  expect(watchOnce('-q', '--keep', '30d').status).toBe(0)
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['2026-03-03', 'captures', 'index.html', 'mine', 'watch.json'])
  expect(readdirSync(join(folder, 'out/captures')).sort()).toEqual(['b', 'index.html'])
  expect(readdirSync(join(folder, 'in')).sort()).toEqual(['a.pcap', 'b.pcap'])
  expect(watchOnce('--keep', '30d', '-q').stderr).toBe('')
  // What is gone from both sides is forgotten with the next report.
  rmSync(join(folder, 'in/a.pcap'))
  write('c.pcap', capture(DAY_S + 60, 1, 5002))
  expect(watchOnce('-q').status).toBe(0)
  const kept = JSON.parse(readFileSync(journal, 'utf8')) as { captures: { path: string }[] }
  expect(kept.captures.map(({ path }) => path)).toEqual(['b.pcap', 'c.pcap'])
})

test('a journal that was tampered with is refused: its folders become paths', () => {
  write('a.pcap', capture(0, 5, 5000))
  expect(watchOnce('-q').status).toBe(0)
  const journal = join(folder, 'out/watch.json')
  const text = readFileSync(journal, 'utf8')
  for (const bad of [
    '{',
    text.replace('"a"', '"../../in"'),
    text.replace('"2026-03-02"', '".."'),
    text.replace('"version": 1', '"version": 9'),
  ]) {
    writeFileSync(journal, bad)
    expect(watchOnce('--keep', '1s')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^rtnvis: .*watch\.json is damaged: remove it/),
    })
  }
  expect(readdirSync(join(folder, 'in'))).toEqual(['a.pcap'])
})

test('it runs until it is told to end, and sees what comes', async () => {
  const child = spawn(process.execPath, [CLI, 'watch', 'in', '-o', 'out', '--every', '1', '--settle', '0', '--no-site', '--json', '-q'], {
    cwd: folder,
  })
  const seen: string[] = []
  child.stdout.on('data', (text: Buffer) => seen.push(...text.toString().trimEnd().split('\n')))
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  write('part', capture(0, 5, 5000))
  renameSync(join(folder, 'in/part'), join(folder, 'in/a.pcap'))
  while (seen.length < 2) await sleep(50)
  expect(rtnvis('watch', 'in', '-o', 'out', '--once')).toMatchObject({ status: 1, stderr: expect.stringContaining('another rtnvis') })
  copyFileSync(join(folder, 'in/a.pcap'), join(folder, 'in/same.pcap'))
  while (seen.length < 4) await sleep(50)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  // The copy has a report of its own, and counts once in the day.
  expect([packetsOf('captures/same'), packetsOf('2026-03-02')]).toEqual([5, 5])
})
