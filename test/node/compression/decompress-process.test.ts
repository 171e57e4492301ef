// Compressed data made to take memory or time, in a process of its own: what it takes is measured, and Ctrl-C ends it.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ethernet, ipv4, join, udp } from '../../support/build.ts'
import { pcap, pcapng } from '../../support/capture-files.ts'
import { sqlite3 } from '../../support/sqlite3.ts'
import { frame, rawBlock, rleBlock } from '../../support/zstd-frames.ts'

const CLI = fileURLToPath(new URL('../../../dist/node/cli.js', import.meta.url))
/** Tells on standard error when the program listens to Ctrl-C, and how much memory it has taken at most. */
const WATCH =
  'data:text/javascript,process.on("newListener",(name)=>{if(name==="SIGINT")console.error("listens")});' +
  'process.on("exit",()=>console.error("maxRSS",process.resourceUsage().maxRSS))'
/** Node itself, the analysis and SQLite take about 130 MB. */
const MAX_RSS_KB = 350_000

const PACKET = { atUs: 1_760_000_000_000_000, bytes: ethernet(ipv4('10.0.0.1', '192.0.2.9', udp(4000, 53))) }
const head = pcap([PACKET])

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path(tmpdir(), 'rtnvis-decompress-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Run {
  status: number | null
  lines: string[]
  rssKb: number
}

/** @param interruptAfterMs from when the program listens to it */
function analyze(name: string, bytes: Uint8Array, interruptAfterMs = -1): Promise<Run> {
  writeFileSync(path(folder, name), bytes)
  const child = spawn(process.execPath, ['--import', WATCH, CLI, 'analyze', name, '--no-site', '-o', `${name}-report`], { cwd: folder })
  let stderr = ''
  let isTold = interruptAfterMs < 0
  child.stderr.on('data', (text: Buffer) => {
    stderr += text
    if (isTold || !stderr.includes('listens\n')) return
    isTold = true
    setTimeout(() => child.kill('SIGINT'), interruptAfterMs)
  })
  return new Promise((resolve) =>
    child.on('close', (status) => {
      const lines = stderr.trim().split('\n')
      resolve({
        status,
        lines: lines.filter((line) => !/^(listens|maxRSS)/.test(line)),
        rssKb: Number(lines.at(-1)!.replace('maxRSS ', '')),
      })
    }),
  )
}

test('a few bytes that ask for a window of 2 GiB: one line, little memory', async () => {
  const { status, lines, rssKb } = await analyze('window.pcap.zst', frame(31, rawBlock(head.subarray(0, 24))))
  expect(status).toBe(1)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(
    /^rtnvis: window\.pcap\.zst: zstd data at byte 0 needs a window of 2147483648 bytes.* "zstd -dc --long=31 FILE \| rtnvis analyze -"$/,
  )
  expect(rssKb).toBeLessThan(MAX_RSS_KB)
})

test('a few bytes with the largest window that is given: memory that is not filled is not taken', async () => {
  const { status, rssKb } = await analyze('allowed.pcap.zst', frame(27, rawBlock(head)))
  expect(status).toBe(0)
  expect(rssKb).toBeLessThan(MAX_RSS_KB)
})

/** A pcapng section with one packet and one block of 1 GiB that readers pass over (type 0x0bad0000: nobody's), cut where its zeros stand. */
const GIBIBYTE = 2 ** 30
function sectionAroundZeros(): { before: Uint8Array; after: Uint8Array } {
  const write = pcapng()
  const blockLength = new Uint8Array(Uint32Array.of(GIBIBYTE + 12).buffer)
  const blockStart = join(new Uint8Array(Uint32Array.of(0x0bad0000).buffer), blockLength)
  return { before: join(write.section(), write.interface(), write.packet(PACKET), blockStart), after: blockLength }
}

function zstdBomb(): Uint8Array {
  const { before, after } = sectionAroundZeros()
  return frame(20, rawBlock(before, false), ...Array.from({ length: 8192 }, () => rleBlock(0, 1 << 17, false)), rawBlock(after))
}
function gzipBomb(): Uint8Array {
  const { before, after } = sectionAroundZeros()
  return join(
    new Uint8Array(gzipSync(before)),
    repeated(new Uint8Array(gzipSync(new Uint8Array(64 << 20))), 16),
    new Uint8Array(gzipSync(after)),
  )
}

test.each([
  ['zstd', '32 kB that hold 1 GiB', zstdBomb],
  ['gzip', '1 MB that holds 1 GiB', gzipBomb],
])('%s: Ctrl-C ends the reading of %s', async (kind, _, make) => {
  const name = `bomb.pcap.${kind}`
  // Many times, so that no machine is done with it before it is told to stop.
  const { status, lines, rssKb } = await analyze(name, repeated(make(), 30), 1000)
  expect(lines.join(' ')).toContain('interrupted')
  expect(status).toBe(130)
  expect(sqlite3(path(folder, `${name}-report/traffic.sqlite`), 'select ended_by from captures')).toBe('interrupted by the user\n')
  expect(rssKb).toBeLessThan(MAX_RSS_KB)
})

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  return new Uint8Array(Buffer.concat(Array.from({ length: times }, () => bytes)))
}
