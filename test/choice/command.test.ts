// `rtnvis analyze` with --from, --to, --only and -f: the packets that tshark finds, the others counted by reason, and the report can be made again.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { arp, ethernet, ipv4, ipv4Fragments, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))
const START_US = 1_760_000_000_000_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-choice-'))
  copyFileSync(DEMO, join(folder, 'demo.pcapng'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function rtnvis(...args: string[]): { status: number | null; stdout: string; lines: string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8' })
  return { status, stdout, lines: stderr.trim().split('\n') }
}

const query = (report: string, sql: string): string[] =>
  sqlite3(join(folder, report, 'traffic.sqlite'), sql)
    .trim()
    .split('\n')

function frames(filter: string): number {
  const args = ['-r', join(folder, 'demo.pcapng'), '-Y', filter, '-T', 'fields', '-e', 'frame.number']
  return execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n').length - 1
}

test('times, a filter and a capture filter together; the report says what was left out, and can be verified and sliced', () => {
  const chosen = ['--from', '60s', '--to', '200s', '--only', 'port:53 or proto:icmp', '-f', 'not host 192.168.10.21']
  const run = rtnvis('analyze', 'demo.pcapng', '-o', 'chosen', ...chosen)
  expect(run.status).toBe(0)
  const time = 'frame.time_relative >= 60 && frame.time_relative <= 200'
  const found = frames(`${time} && ip && (udp.port == 53 || tcp.port == 53 || icmp) && !(ip.addr == 192.168.10.21)`)
  expect(found).toBeGreaterThan(50)
  expect(query('chosen', 'SELECT sum(client_packets + server_packets) FROM flows')).toEqual([String(found)])
  const all = frames('')
  const reasons = query('chosen', 'SELECT reason, packets FROM skipped')
  expect(reasons).toContain(`left out by choice (outside the time of --from and --to)|${all - frames(time)}`)
  expect(reasons).toContain(
    `left out by choice (not what the capture filter -f selects)|${frames(`${time} && ip.addr == 192.168.10.21 && (ip || ipv6)`)}`,
  )
  expect(query('chosen', 'SELECT packets, ip_packets + (SELECT sum(packets) FROM skipped) FROM captures')).toEqual([`${all}|${all}`])
  expect(run.lines.join('\n')).toContain('left out by choice')
  expect(readFileSync(join(folder, 'chosen/report.md'), 'utf8')).toContain(' packets were read in ')
  expect(rtnvis('verify', 'chosen', '-q')).toMatchObject({ status: 0 })
  expect(rtnvis('slice', 'chosen', '-o', 'chosen.pcap', '--from', '0s').lines[0]).toContain(`${found} packets`)
})

test('a time of day; nothing in it is a report, too', () => {
  expect(
    rtnvis('analyze', 'demo.pcapng', '--no-site', '-q', '-o', 'day', '--from', '2026-03-17T09:01', '--to', '2026-03-17T09:01').status,
  ).toBe(0)
  const found = frames('(ip || ipv6) && frame.time_epoch >= 1773738060 && frame.time_epoch < 1773738120')
  expect(query('day', 'SELECT ip_packets FROM captures')).toEqual([String(found)])
  expect(rtnvis('analyze', 'demo.pcapng', '-q', '-o', 'never', '--from', '2030-01-01').status).toBe(0)
  expect(query('never', "SELECT value FROM meta WHERE key IN ('flows', 'ticks')")).toEqual(['0', '0'])
  expect(rtnvis('verify', 'never', '-q').status).toBe(0)
})

test('later fragments follow their first one, and ARP is neither selected nor looked at', () => {
  const pieces = (from: number, id: number) => ipv4Fragments('10.0.0.1', '192.0.2.9', udp(from, 9, 'x'.repeat(3000)), id, 1400)
  const layers = [...pieces(53, 1), ...pieces(54, 2), arp('10.0.0.1', '10.0.0.2'), ipv4('10.0.0.1', '192.0.2.8', udp(1, 53))]
  writeFileSync(join(folder, 'pieces.pcap'), pcap(layers.map((layer, i) => ({ atUs: START_US + i, bytes: ethernet(layer) }))))
  for (const option of [
    ['--only', 'port:53'],
    ['-f', 'port 53'],
  ]) {
    expect(rtnvis('analyze', 'pieces.pcap', '--no-site', '-q', '-o', `pieces${option[0]}`, ...option).status).toBe(0)
    expect(query(`pieces${option[0]}`, 'SELECT client_packets + server_packets FROM flows ORDER BY id')).toEqual(['3', '1'])
    expect(query(`pieces${option[0]}`, "SELECT packets FROM skipped WHERE reason = 'not IP: ARP'")).toEqual(['1'])
  }
})

test.each([
  [['--only', 'country:KE'], '--only: “country:KE” is not known while packets are read: only ip, net or host with an address'],
  [['--only', 'time:30s'], '--only: “time:30s” is not known while packets are read: use --from and --to'],
  [['--only', 'prot:tcp'], '--only: There is no field “prot”; did you mean port:?'],
  [['--only', ''], '--only: The filter is empty'],
  [['--from', '20s', '--to', '10s'], '--from is later than --to'],
  [['--to', 'noon'], '--to must be a time: 90s (since the first packet) or 2026-03-02T10:00:30Z'],
  [['-f', 'gateway 10.0.0.1'], '-f: "gateway" is not supported: supported are host'],
])('%j is one line', (option, line) => {
  const { status, lines } = rtnvis('analyze', 'demo.pcapng', '-o', 'wrong', ...option)
  expect(lines).toEqual([expect.stringContaining(`rtnvis: ${line}`)])
  expect(status).toBe(2)
})
