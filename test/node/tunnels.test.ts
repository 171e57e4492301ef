// Tunnels of conversations whose rows are written by a thread that decoded no packet: of a merge, and of an analysis with many rows.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ethernet, hex, ipv4, type Layer, raw, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const START_US = 1_767_225_600_000_000
let folder: string
beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/rtnvis-tunnels-`)
})
afterAll(() => rmSync(folder, { recursive: true }))

const gre = (inner: Layer): Layer => ipv4('203.0.113.1', '203.0.113.2', raw(47, hex('0000 0800'), inner.bytes))
const ipip = (inner: Layer): Layer => ipv4('203.0.113.3', '203.0.113.4', raw(4, inner.bytes))
const inner = (port: number): Layer => ipv4('10.0.0.1', '10.0.0.2', udp(port, 4000, 'x'))

function rtnvis(...options: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...options, '--no-site', '-q'], { cwd: folder, encoding: 'utf8' })
  expect(stderr.replace(/^rtnvis: \S+\.mmdb: built .*\n/, '')).toBe('')
  expect(status).toBe(0)
}

const tunnels = (report: string) =>
  sqlite3(join(folder, report, 'traffic.sqlite'), "SELECT ifnull(tunnel, 'none') FROM flows ORDER BY id LIMIT 3")

it('are in a merged report', () => {
  const capture = (packets: Layer[], atUs: number): Uint8Array => pcap(packets.map((packet) => ({ atUs, bytes: ethernet(packet) })))
  writeFileSync(join(folder, 'a.pcap'), capture([gre(inner(1)), gre(ipip(inner(2)))], START_US))
  writeFileSync(join(folder, 'b.pcap'), capture([ipip(gre(inner(3)))], START_US + 1e6))
  rtnvis('analyze', 'a.pcap', '-o', 'a')
  rtnvis('analyze', 'b.pcap', '-o', 'b')
  rtnvis('merge', 'a', 'b', '-o', 'merged')
  expect(tunnels('merged')).toBe('gre\ngre/ipip\nipip/gre\n')
})

it('are in a report with 100,000 rows of activity', () => {
  const frames = Array.from({ length: 1_010 }, (_, i) => ethernet(i === 1 ? gre(ipip(inner(2))) : i === 2 ? inner(3) : gre(inner(i + 1))))
  const packets = Array.from({ length: 100 }, (_, second) => frames.map((bytes) => ({ atUs: START_US + second * 1e6, bytes }))).flat()
  writeFileSync(join(folder, 'many.pcap'), pcap(packets))
  rtnvis('analyze', 'many.pcap', '-o', 'many')
  expect(tunnels('many')).toBe('gre\ngre/ipip\nnone\n')
  expect(Number(sqlite3(join(folder, 'many', 'traffic.sqlite'), 'SELECT count(*) FROM activity'))).toBeGreaterThanOrEqual(100_000)
})
