// `rtnvis verify` over report folders: with the capture, without it, with another one, and with databases and captures that lie.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { analyze } from '../../src/analyze.ts'
import { CaptureError } from '../../src/errors.ts'
import { DEFAULT_ORIGIN } from '../../src/geo/origin.ts'
import { runVerify, type VerifyOptions } from '../../src/node/commands/verify.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { openInput } from '../../src/node/input/input.ts'
import type { ThreadsOptions } from '../../src/node/workers/database-threads.ts'
import { rows } from '../support/analysis.ts'
import { ethernet, ipv4, join as joined, udp } from '../support/build.ts'
import { type PcapOptions, pcap, pcapRecord } from '../support/capture-files.ts'
import { startFromSource } from '../support/database-threads.ts'
import { endlessSchema } from '../support/hostile-databases.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const START_US = 1_789_732_800_000_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-verify-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())

const datagram = (n: number): Uint8Array => ethernet(ipv4('10.0.0.1', '192.0.2.1', udp(1000 + n, 9, 'x'.repeat(n))))
const packets = Array.from({ length: 20 }, (_, n) => ({
  atUs: START_US + n * 1000,
  bytes: datagram(n),
  wireBytes: datagram(n).length + 10,
}))

/** A capture, and beside it a folder with its database. */
async function report(name: string, bytes: Uint8Array): Promise<{ capture: string; out: string }> {
  const out = join(folder, name, 'report')
  mkdirSync(join(folder, name, 'captures'), { recursive: true })
  mkdirSync(out)
  const capture = join(folder, name, 'captures', `${name}.pcap`)
  writeFileSync(capture, bytes)
  const source = await openInput(capture, new AbortController().signal)
  const host = { geoip: Promise.resolve(null), openDatabase: loadSqlite() }
  const inputs = { name, origin: null, maxPackets: 100, pages: 'none' as const, rules: null, blocklists: [], baseline: null }
  const options = { reportName: name, programVersion: '0.0.0', origin: DEFAULT_ORIGIN, maxPackets: 100, inputs }
  const file = await analyze([source], host, options)
  writeFileSync(join(out, 'traffic.sqlite'), file)
  return { capture, out }
}

/** What the command prints, and whether all agrees. */
async function verify(
  out: string,
  options: Partial<VerifyOptions> = {},
  threads: ThreadsOptions = {},
): Promise<{ agrees: boolean; text: string }> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk, ...rest: unknown[]) => {
    text += chunk
    ;(rest.at(-1) as (() => void) | undefined)?.()
    return true
  })
  const told = { json: false, quiet: false, blocklist: [], programVersion: '0.0.0', ...options }
  const agrees = await runVerify(out, told, undefined, { start: startFromSource, ...threads })
  vi.restoreAllMocks()
  return { agrees, text }
}

test('a merged report is checked without making it again', async () => {
  const one = await report('first', pcap(packets.slice(0, 10)))
  const two = await report('second', pcap(packets.slice(10)))
  const merged = join(folder, 'merged')
  const made = spawnSync(process.execPath, [CLI, 'merge', one.out, two.out, '-o', merged, '--no-site', '-q'], { encoding: 'utf8' })
  expect([made.status, made.stderr]).toEqual([0, ''])
  const { agrees, text } = await verify(merged, { capture: [one.capture, two.capture] })
  expect(text).not.toContain('DIFFERS')
  expect(text).toContain('made of reports by rtnvis merge: verify those, and merge them again')
  expect(agrees).toBe(true)
})

test.each([
  ['a small file', 20],
  ['one that a thread reads', 4000],
])('without digest the report is the same but for that: %s', async (_, count) => {
  const big = Array.from({ length: count }, (_, n) => ({
    atUs: START_US + n * 1000,
    bytes: ethernet(ipv4('10.0.0.1', '192.0.2.1', udp(1000 + n, 9, 'x'.repeat(1400)))),
  }))
  const capture = join(folder, `digest-${count}.pcap`)
  writeFileSync(capture, pcap(big))
  const database = await loadSqlite()
  const contentOf = (more: string[]) => {
    const out = join(folder, `digest-${count}-${more.length}`)
    const made = spawnSync(process.execPath, [CLI, 'analyze', capture, '-o', out, '--no-site', '-q', ...more], { encoding: 'utf8' })
    expect([made.status, made.stderr]).toEqual([0, ''])
    const opened = database(readFileSync(join(out, 'traffic.sqlite')))
    const [{ sha256 }] = rows(opened, ['sha256'], 'FROM captures')
    opened.run("UPDATE captures SET sha256 = ''")
    opened.run('VACUUM')
    const rest = Buffer.from(opened.export())
    opened.close()
    return { out, sha256, rest }
  }
  const usual = contentOf([])
  const bare = contentOf(['--no-digest'])
  expect([usual.sha256, bare.sha256]).toEqual([createHash('sha256').update(readFileSync(capture)).digest('hex'), null])
  expect(bare.rest.equals(usual.rest)).toBe(true)
  const checked = spawnSync(process.execPath, [CLI, 'verify', bare.out, '--capture', capture], { encoding: 'utf8' })
  expect(checked.stdout).toContain('SHA-256: not checked: the database has none: it was not wanted (--no-digest)')
  expect(checked.stdout).toContain('report: made again from its captures: agrees')
  expect([checked.status, checked.stderr]).toEqual([0, ''])
})

async function change(out: string, sql: string): Promise<void> {
  const path = join(out, 'traffic.sqlite')
  const database = (await loadSqlite())(readFileSync(path))
  database.run(sql)
  writeFileSync(path, database.export())
  database.close()
}

describe('a capture that is recounted', () => {
  test.each<[string, PcapOptions]>([
    ['little', { order: 'little' }],
    ['big', { order: 'big' }],
    ['erf', { linkType: 197 }],
  ])('%s', async (name, options) => {
    const { capture, out } = await report(name, pcap(packets, options))
    const { agrees, text } = await verify(out, { capture: [capture] })
    expect(text).not.toMatch(/DIFFERS|not checked/)
    expect(agrees).toBe(true)
    const said = packets.reduce((sum, { wireBytes }) => sum + wireBytes, 0)
    const own = name === 'erf' ? 16 * packets.length : 0
    const number = (value: number): string => value.toLocaleString('en')
    expect(text).toContain(`${name}.pcap: packets: agrees (20, recounted by pcap-parser)`)
    expect(text).toContain(
      `${name}.pcap: bytes: agrees (${number(said - own)}${own === 0 ? ')' : `; the records claim ${number(own)} more`}`,
    )
    expect(text).toContain(`${name}.pcap: last packet: agrees (2026-09-18 12:00:00.019000 UTC)`)
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^All that could be checked agrees \(\d+ checks\)\.$/)
  })

  test('compressed, cut off, and with a broken length: up to where it can be read', async () => {
    const whole = pcap(packets)
    const gzip = await report('gzip', gzipSync(whole))
    expect((await verify(gzip.out, { capture: [gzip.capture] })).text).toContain(
      'recounted by pcap-parser after gzip decompression by the gzip program',
    )
    const cut = await report('cut', whole.subarray(0, whole.length - 5))
    const cutRun = await verify(cut.out, { capture: [cut.capture] })
    expect(cutRun.text).toContain('packets: agrees (19, recounted by pcap-parser; the file ends inside the record at byte ')
    expect(cutRun.agrees).toBe(true)
    const broken = await report('broken', joined(whole, pcapRecord(packets[0], {}, 0xfffffff0), whole))
    const brokenRun = await verify(broken.out, { capture: [broken.capture] })
    expect(brokenRun.text).toContain(`the record at byte ${whole.length} claims 4294967280 bytes, nothing after it is counted`)
    expect(brokenRun.agrees).toBe(true)
  })

  test('an interrupted report is compared with the packets it has read', async () => {
    const { capture, out } = await report('interrupted', pcap(packets))
    await change(out, "UPDATE captures SET ended_by = 'interrupted by the user', sha256 = NULL")
    writeFileSync(capture, pcap([...packets, { atUs: START_US + 1e9, bytes: datagram(3) }]))
    const { text } = await verify(out, { capture: [capture] })
    expect(text).toContain('packets: agrees (20, recounted by pcap-parser; as many as the report has read)')
    expect(text).toContain('SHA-256: not checked: the database has none')
    expect(text).toContain('database: table flows made again: agrees (')
    expect(text).toContain('database: table captures made again: agrees (')
  })
})

describe('where the capture is', () => {
  test('found by name next to the report, else reported as missing', async () => {
    const { capture, out } = await report('search', pcap(packets))
    const without = await verify(out)
    expect(without.text).toContain('search.pcap: SHA-256, packets, bytes and times: not checked: not found')
    expect(without.agrees).toBe(true)
    copyFileSync(capture, join(out, '..', 'search.pcap'))
    expect((await verify(out)).text).toContain('search.pcap: packets: agrees')
  })

  test('a renamed one is known by its digest, a changed one is named', async () => {
    const { capture, out } = await report('renamed', pcap(packets))
    const other = join(folder, 'other-name.pcap')
    copyFileSync(capture, other)
    expect((await verify(out, { capture: [other] })).agrees).toBe(true)
    writeFileSync(other, pcap(packets.slice(1)))
    const { agrees, text } = await verify(out, { capture: [other] })
    expect(agrees).toBe(false)
    expect(text).toContain('renamed.pcap: packets: DIFFERS: database says 20, recount says 19')
    expect(text).toContain(
      'first packet: DIFFERS: database says 2026-09-18 12:00:00.000000 UTC, recount says 2026-09-18 12:00:00.001000 UTC',
    )
    expect(text).toMatch(/SHA-256: DIFFERS: database says [0-9a-f]{64}, the file's is [0-9a-f]{64}/)
  })

  test('one too many, and one that is not there', async () => {
    const { capture, out } = await report('many', pcap(packets))
    const stranger = join(folder, 'stranger.pcap')
    writeFileSync(stranger, pcap(packets.slice(2)))
    const { agrees, text } = await verify(out, { capture: [stranger, capture] })
    expect(agrees).toBe(false)
    expect(text).toContain('stranger.pcap: capture: DIFFERS: no capture of this report has its SHA-256 or its name')
    await expect(verify(out, { capture: [join(folder, 'nothing.pcap')] })).rejects.toThrow(CaptureError)
    await expect(verify(out, { capture: [folder] })).rejects.toThrow('is not a file')
  })

  test('a name that leads out of the folders is not followed', async () => {
    const { out } = await report('escape', pcap(packets))
    await change(out, "UPDATE captures SET file = '../captures/escape.pcap'")
    expect((await verify(out)).text).toContain('not checked: not found')
  })
})

test('a format that is not recounted: digest and room are checked', async () => {
  const { capture, out } = await report('nano', pcap(packets, { resolution: 'nano' }))
  const { agrees, text } = await verify(out, { capture: [capture] })
  expect(text).toContain(
    'nano.pcap: packets, bytes and times: not checked: this pcap has nanoseconds; the independent reader (pcap-parser)',
  )
  expect(text).toContain('nano.pcap: SHA-256: agrees')
  expect(text).toContain('nano.pcap: room in the file: agrees')
  expect(agrees).toBe(true)
  await change(out, 'UPDATE captures SET captured_bytes = 100000')
  expect((await verify(out, { capture: [capture] })).text).toContain(
    'room in the file: DIFFERS: database says 20 packets with 100,000 captured bytes',
  )
})

test('a database that keeps SQLite busy without end is stopped, and reported as wrong', async () => {
  const { out } = await report('endless', pcap(packets))
  writeFileSync(join(out, 'traffic.sqlite'), await endlessSchema())
  const { agrees, text } = await verify(out, {}, { limitMs: 3000 })
  expect(agrees).toBe(false)
  expect(text).toMatch(
    /^database: made by rtnvis: DIFFERS: SQLite took many times as long as for any report of this size, so it was given up/,
  )
})

test('text from a hostile database cannot move the cursor', async () => {
  const { out } = await report('hostile', pcap(packets))
  await change(out, "UPDATE captures SET file = char(27) || '[2J' || char(10) || 'x.pcap', sha256 = char(27) || 'c'")
  const { text } = await verify(out)
  expect(text).toMatch(/^[\x20-\x7eµ\n]+$/)
  expect(text).toContain('\\x1b[2J\\x0ax.pcap: ')
})

describe('a database that is none', () => {
  test.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['empty', () => new Uint8Array(0)],
    ['text', () => new TextEncoder().encode('this is no database, it only has its name')],
    ['header only', (bytes) => bytes.subarray(0, 100)],
    ['cut off', (bytes) => bytes.subarray(0, 6000)],
    ['zeros after the header', (bytes) => Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100)])],
  ])('%s', async (name, spoil) => {
    const { capture, out } = await report(`none-${name.replaceAll(' ', '-')}`, pcap(packets))
    const path = join(out, 'traffic.sqlite')
    writeFileSync(path, spoil(readFileSync(path)))
    const { agrees, text } = await verify(out, { capture: [capture] })
    expect(agrees).toBe(false)
    expect(text).toMatch(/^database: [a-z ]+: (DIFFERS|agrees)/)
    expect(text).toContain('DIFFERS')
    expect(text).toContain(`.pcap: SHA-256, packets, bytes and times: not checked: the database names no capture`)
    expect(text).not.toMatch(/\n\s+at /)
  })
})

describe('on the command line', () => {
  const rtnvis = (...args: string[]) => spawnSync(process.execPath, [CLI, 'verify', ...args], { encoding: 'utf8', cwd: folder })

  test('exit code, JSON, quiet; and no word of warning on stderr', async () => {
    const { capture, out } = await report('cli', pcap(packets))
    const good = rtnvis(out, '--capture', capture, '--json')
    expect([good.status, good.stderr]).toEqual([0, ''])
    const result = JSON.parse(good.stdout)
    expect(result.agrees).toBe(true)
    expect(result.checks).toContainEqual({ about: 'cli.pcap', subject: 'captured bytes', outcome: 'agrees', detail: '1,030' })
    await change(out, 'UPDATE flows SET client_packets = client_packets + 1 WHERE id = 1')
    const bad = rtnvis(out, '--capture', capture, '-q')
    expect([bad.status, bad.stderr]).toEqual([1, ''])
    expect(
      bad.stdout
        .trimEnd()
        .split('\n')
        .every((line) => line.includes(': DIFFERS: ')),
    ).toBe(true)
  })

  test('nothing there, or wrong usage: one line', () => {
    const missing = rtnvis('nowhere')
    expect([missing.status, missing.stdout]).toEqual([1, ''])
    expect(missing.stderr).toBe('rtnvis: nowhere: no such file: check the name and the folder\n')
    expect(rtnvis().status).toBe(2)
  })
})

test('a pipe in place of the database is reported, without waiting', async () => {
  const out = join(folder, 'pipe')
  mkdirSync(out)
  spawnSync('mkfifo', [join(out, 'traffic.sqlite')])
  await expect(verify(out)).rejects.toThrow(new CaptureError(`${join(out, 'traffic.sqlite')}: it is a pipe or a device, not a file`))
})
