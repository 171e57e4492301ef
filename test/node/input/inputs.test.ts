// Many files in one command: which are read, in which order, and how many are open at a time.
import { appendFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { analyze } from '../../../src/analyze.ts'
import { loadSqlite } from '../../../src/node/database/sqlite.ts'
import { openInput } from '../../../src/node/input/input.ts'
import { openInputs } from '../../../src/node/input/inputs.ts'
import { rows } from '../../support/analysis.ts'
import { ethernet, ipv4, udp } from '../../support/build.ts'
import { gzip, type Packet, pcap } from '../../support/capture-files.ts'

const OPTIONS = {
  reportName: 'test',
  programVersion: '0.0.0',
  origin: { name: 'Nairobi, Kenya', latitudeDeg: -1.286389, longitudeDeg: 36.817223, source: 'default' as const },
  maxPackets: 1000,
}
const SECOND = 1_000_000
const NEVER = new AbortController().signal

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-inputs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A capture with one datagram at each of the seconds. */
function capture(host: string, ...seconds: number[]): Uint8Array {
  const packets: Packet[] = seconds.map((second) => ({
    atUs: second * SECOND,
    bytes: ethernet(ipv4(host, '192.0.2.1', udp(second, 53, 'x'))),
  }))
  return pcap(packets)
}

function put(name: string, content: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

interface Read {
  files: string[]
  captures: { file: string; packets: number; format: string; ended_by: string }[]
  /** Seconds at which packets were, in the order in which they were analysed. */
  order: number[]
  title: string | null
  warnings: string[]
  mostOpen: number
}

async function read(names: string[], isRecursive = false): Promise<Read> {
  const { named, sources } = openInputs(names, isRecursive, NEVER)
  const { files, title, warnings } = await named
  const sqlite = loadSqlite()
  let mostOpen = 0
  const onProgress = (): void => {
    mostOpen = Math.max(mostOpen, readdirSync('/proc/self/fd').length)
  }
  const database = (await sqlite)(await analyze(await sources, { geoip: Promise.resolve(null), openDatabase: sqlite, onProgress }, OPTIONS))
  const captures = rows(database, ['file', 'packets', 'format', 'ended_by'], 'FROM captures ORDER BY id') as unknown as Read['captures']
  const order = rows(database, ['at_us'], 'FROM packets ORDER BY id').map(({ at_us }) => Number(at_us) / SECOND)
  database.close()
  return { files, captures, order, title, warnings, mostOpen }
}

const packetsOf = ({ captures }: Read): (string | number)[][] => captures.map(({ file, packets }) => [file, packets])

test('files of the same time are merged packet by packet, files one after the other in turn', async () => {
  const paths = [put('a', capture('192.0.2.9', 10, 30, 50)), put('b', capture('192.0.2.8', 20, 40)), put('c', capture('192.0.2.7', 60, 70))]
  const { order, captures } = await read(paths.reverse())
  expect(order).toEqual([10, 20, 30, 40, 50, 60, 70])
  expect(captures.map(({ file }) => file)).toEqual(['c', 'b', 'a'])
})

test('hundreds of files, one after the other or all of the same time, leave few open', async () => {
  const before = readdirSync('/proc/self/fd').length
  const turns = Array.from({ length: 300 }, (_, i) => put(`t${i}`, capture('192.0.2.9', i + 1)))
  const inTurn = await read(turns)
  expect(inTurn.order).toHaveLength(300)
  expect(inTurn.mostOpen - before).toBeLessThan(10)
  const same = Array.from({ length: 300 }, (_, i) => put(`s${i}`, capture('192.0.2.9', 1, 1000 + i)))
  const atOnce = await read(same)
  expect(atOnce.order).toHaveLength(600)
  expect(atOnce.mostOpen - before).toBeLessThan(50)
})

test('the same content under another name, as a link or compressed is read once and reported', async () => {
  const paths = [
    put('a.pcap', capture('192.0.2.9', 1, 2)),
    put('b.pcap', capture('192.0.2.9', 1, 2)),
    put('c.pcap.gz', gzip(capture('192.0.2.9', 1, 2))),
  ]
  linkSync(paths[0], join(folder, 'd.pcap'))
  symlinkSync(paths[0], join(folder, 'e.pcap'))
  const found = await read([...paths, join(folder, 'd.pcap'), join(folder, 'e.pcap'), put('other.pcap', capture('192.0.2.9', 1, 3))])
  expect(packetsOf(found)).toEqual([
    ['a.pcap', 2],
    ['b.pcap', 0],
    ['c.pcap.gz', 0],
    ['d.pcap', 0],
    ['e.pcap', 0],
    ['other.pcap', 2],
  ])
  for (const { format, ended_by } of found.captures.slice(1, 5))
    expect(`${format}: ${ended_by}`).toBe('not read: the same content as a.pcap, which is read once')
})

test('an empty file among others is reported; only empty ones, and a missing one, are refused', async () => {
  const whole = put('a.pcap', capture('192.0.2.9', 1))
  const empty = put('b.pcap', '')
  const { captures } = await read([empty, whole])
  expect(captures).toMatchObject([
    { file: 'b.pcap', packets: 0, ended_by: 'empty (0 bytes)' },
    { file: 'a.pcap', packets: 1 },
  ])
  await expect(read([empty, put('c.pcap', '')])).rejects.toThrow('all 2 files are empty')
  await expect(read([whole, join(folder, 'missing.pcap')])).rejects.toThrow(/missing\.pcap: no such file/)
  await expect(read([whole, put('notes.txt', 'no capture at all')])).rejects.toThrow(/notes\.txt/)
})

test('a folder is the captures in it, by time; what is none is counted in one line', async () => {
  put('z-first.pcap', capture('192.0.2.9', 1))
  put('a-last.data', capture('192.0.2.9', 9))
  put('notes.txt', 'no capture at all')
  put('.hidden.pcap', capture('192.0.2.9', 5))
  mkdirSync(join(folder, 'sub'))
  put('sub/middle.pcap', capture('192.0.2.9', 4))
  symlinkSync('..', join(folder, 'sub', 'loop'))
  const found = await read([folder])
  expect(packetsOf(found)).toEqual([
    ['z-first.pcap', 1],
    ['a-last.data', 1],
  ])
  expect(found.warnings).toEqual([`${folder}: 1 file is not a capture and was skipped (notes.txt)`])
  expect(found.title).toBe(folder.split('/').at(-1))
  expect(packetsOf(await read([folder], true))).toEqual([
    ['z-first.pcap', 1],
    ['middle.pcap', 1],
    ['a-last.data', 1],
  ])
  expect(packetsOf(await read([join(folder, '*.pcap')]))).toEqual([['z-first.pcap', 1]])
})

test('a pattern without files and a folder without captures are one line', async () => {
  await expect(read([join(folder, '*.pcap')])).rejects.toThrow('*.pcap: no file matches this pattern')
  put('notes.txt', 'no capture at all')
  await expect(read([folder])).rejects.toThrow(/contains no pcap or pcapng captures \(1 other file: notes\.txt\); --recursive/)
})

test('a file that grows while it is read gives a warning', async () => {
  const path = put('growing.pcap', capture('192.0.2.9', 1))
  const source = await openInput(path, NEVER)
  appendFileSync(path, new Uint8Array(100))
  for await (const _ of source.chunks);
  expect((await source.finish(false)).warnings).toEqual([expect.stringMatching(/^the file grew while it was read, from \d+ to \d+ bytes/)])
  await source.close()
})
