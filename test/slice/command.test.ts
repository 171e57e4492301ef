// `rtnvis slice` against tshark: the same frames as a display filter finds, times and comments as they were, fragments with their first one.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ethernet, ipv4, ipv4Fragments, join as joined, udp } from '../support/build.ts'
import { type ByteOrder, gzip, pcap, pcapng } from '../support/capture-files.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))
const START_US = 1_760_000_000_000_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-slice-'))
  copyFileSync(DEMO, join(folder, 'demo.pcapng'))
  analyze('demo.pcapng')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function rtnvis(...args: string[]): { status: number | null; lines: string[] } {
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8' })
  return { status, lines: stderr.trim().split('\n') }
}

function analyze(file: string, report = `${file}-report`): string {
  expect(rtnvis('analyze', file, '--no-site', '-q', '-o', report).status).toBe(0)
  return report
}

function slice(report: string, out: string, ...choice: string[]): string {
  const { status, lines } = rtnvis('slice', report, '-o', out, ...choice)
  expect(lines.join('\n')).toMatch(/^rtnvis: [\d,]+ packets? /)
  expect(status).toBe(0)
  return join(folder, out)
}

/** One line per frame. */
function tshark(file: string, filter: string, ...fields: string[]): string[] {
  const args = ['-r', join(folder, file), '-T', 'fields', ...fields.flatMap((field) => ['-e', field]), ...(filter ? ['-Y', filter] : [])]
  return execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 }).split('\n')
}

const query = (report: string, sql: string): string => sqlite3(join(folder, report, 'traffic.sqlite'), sql)

/** What a flow is, whatever its number. */
const FLOWS = `SELECT transport, c.ip, client_port, s.ip, server_port, f.first_us, f.last_us, client_packets, server_packets, client_bytes, server_bytes, state,
  application FROM flows f JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id`

describe('the demo', () => {
  test.each([
    ['port:53', 'udp.port == 53 || tcp.port == 53'],
    ['ip:192.168.10.24', 'ip.addr == 192.168.10.24 && (tcp || udp || icmp)'],
    ['app:tls -ip:192.168.10.21', '(tcp.port == 443 || tcp.port == 8443) && !(ip.addr == 192.168.10.21) && tls'],
  ])('--filter %s has at least the frames that tshark finds, and no conversation more', (filter, display) => {
    const out = `${filter.replace(/\W/g, '_')}.pcapng`
    slice('demo.pcapng-report', out, '--filter', filter)
    const of = ['frame.time_epoch', 'frame.len', 'ip.id', 'tcp.seq_raw', 'udp.srcport']
    const copied = new Set(tshark(out, '', ...of))
    expect(tshark('demo.pcapng', display, ...of).filter((frame) => !copied.has(frame))).toEqual([])
    const again = analyze(out)
    const chosen = query(again, `${FLOWS} ORDER BY f.first_us, 2, 3, 4, 5`)
    const all = new Set(query('demo.pcapng-report', FLOWS).split('\n'))
    expect(chosen.split('\n').filter((flow) => !all.has(flow))).toEqual([])
  })

  test('an alert has the packets of its conversations, in the order and with the bytes of the capture', () => {
    slice('demo.pcapng-report', 'alert.pcapng', '--alert', '1')
    const count = query(
      'demo.pcapng-report',
      'SELECT sum(client_packets + server_packets) FROM flows WHERE id IN (SELECT flow_id FROM alert_flows WHERE alert_id = 1)',
    )
    const frames = tshark('alert.pcapng', '', 'frame.time_epoch', 'frame.len', 'eth.src', 'ip.id', 'tcp.checksum').filter((line) => line)
    expect(frames).toHaveLength(Number(count))
    const all = tshark('demo.pcapng', '', 'frame.time_epoch', 'frame.len', 'eth.src', 'ip.id', 'tcp.checksum')
    let at = -1
    for (const frame of frames) {
      at = all.indexOf(frame, at + 1)
      expect(at).toBeGreaterThanOrEqual(0)
    }
  })

  test('a span of time has the packets within it, its ends included', () => {
    slice('demo.pcapng-report', 'span.pcapng', '--from', '10s', '--to', '20s')
    const first = Number(query('demo.pcapng-report', "SELECT value FROM meta WHERE key = 'first_us'"))
    const times = tshark('span.pcapng', '', 'frame.time_epoch')
      .filter((line) => line)
      .map((line) => Number(line) * 1e6 - first)
    expect(Math.min(...times)).toBeGreaterThanOrEqual(10e6 - 1)
    expect(Math.max(...times)).toBeLessThanOrEqual(20e6 + 1)
    const inSpan = tshark('demo.pcapng', '(ip || ipv6) && frame.time_relative >= 10 && frame.time_relative <= 20', 'frame.number')
    expect(times).toHaveLength(inSpan.filter((line) => line).length)
  })

  test('standard output has the same bytes', () => {
    const file = slice('demo.pcapng-report', 'flow.pcapng', '--flow', '1')
    const { stdout } = spawnSync(process.execPath, [CLI, 'slice', 'demo.pcapng-report', '-o', '-', '--flow', '1'], { cwd: folder })
    expect(stdout.equals(readFileSync(file))).toBe(true)
  })
})

describe.each<ByteOrder>(['little', 'big'])('a %s-endian pcapng with everything in it', (order) => {
  const name = `${order}.pcapng`
  const secrets = (write: ReturnType<typeof pcapng>) => {
    const text = 'CLIENT_RANDOM 00 11'
    const number = (value: number) => {
      const bytes = new Uint8Array(4)
      new DataView(bytes.buffer).setUint32(0, value, order === 'little')
      return bytes
    }
    return write.block(10, number(0x544c534b), number(text.length), joined(text))
  }
  const packet = (n: number, nanos: number) => ({
    atUs: START_US + n,
    nanos,
    bytes: ethernet(ipv4('10.0.0.1', '192.0.2.9', udp(4000, 53 + (n & 1)))),
  })

  beforeAll(() => {
    const write = pcapng(order)
    const file = joined(
      write.section(),
      write.interface({ name: 'eth7', timeResolution: 9 }),
      secrets(write),
      write.packet(packet(0, 123), 0, write.option(1, joined('first contact')), write.option(0, new Uint8Array(0))),
      write.packet(packet(1, 456), 0),
      write.interface({ name: 'wlan0', timeOffset: 3600 }),
      write.packet(packet(2, 0), 1),
      write.names({ address: Uint8Array.of(192, 0, 2, 9), names: ['server.example'] }),
    )
    writeFileSync(join(folder, name), file)
    analyze(name)
  })

  test('times to the nanosecond, comments, interfaces and names are those of the capture', () => {
    slice(`${name}-report`, `${order}-copy.pcapng`, '--filter', 'port:53')
    const of = ['frame.time_epoch', 'frame.interface_name', 'frame.comment', 'udp.dstport']
    const frames = tshark(`${order}-copy.pcapng`, '', ...of)
    expect(frames).toEqual(tshark(name, 'udp.port == 53', ...of))
    expect(frames.slice(0, 2)).toEqual(['1760000000.000000123\teth7\tfirst contact\t53', '1760000000.000002000\twlan0\t\t53'])
    expect(query(analyze(`${order}-copy.pcapng`), "SELECT name FROM names WHERE source = 'pcapng'")).toBe('server.example\n')
  })

  test('decryption secrets only on request', () => {
    const held = (file: string) => execFileSync('strings', [join(folder, file)], { encoding: 'utf8' }).includes('CLIENT_RANDOM')
    slice(`${name}-report`, `${order}-without.pcapng`, '--flow', '1')
    slice(`${name}-report`, `${order}-with.pcapng`, '--flow', '1', '--keep-secrets')
    expect(held(`${order}-without.pcapng`)).toBe(false)
    expect(held(`${order}-with.pcapng`)).toBe(true)
    expect(execFileSync('capinfos', ['-c', '-M', join(folder, `${order}-with.pcapng`)], { encoding: 'utf8' })).toMatch(/packets:\s+2/)
  })
})

test('fragments are copied with their first one, earlier ones, too, and several captures stay several interfaces', () => {
  const pieces = ipv4Fragments('10.0.0.1', '192.0.2.9', udp(4000, 9, 'x'.repeat(3000)), 77, 1400).map((layer) => ethernet(layer))
  const turned = [...pieces].reverse()
  writeFileSync(
    join(folder, 'a.pcap'),
    pcap([...turned, ethernet(ipv4('10.0.0.1', '192.0.2.8', udp(1, 2)))].map((bytes, i) => ({ atUs: START_US + 2 * i, bytes }))),
  )
  writeFileSync(
    join(folder, 'b.pcap.gz'),
    gzip(pcap([{ atUs: START_US + 3, bytes: ethernet(ipv4('192.0.2.9', '10.0.0.1', udp(9, 4000))) }])),
  )
  expect(rtnvis('analyze', 'a.pcap', 'b.pcap.gz', '--no-site', '-q', '-o', 'two').status).toBe(0)
  slice('two', 'two.pcapng', '--filter', 'port:9')
  expect(tshark('two.pcapng', '', 'frame.interface_id', 'ip.frag_offset', 'frame.time_epoch')).toEqual([
    '0\t350\t1760000000.000000000',
    '0\t175\t1760000000.000002000',
    '1\t0\t1760000000.000003000',
    '0\t0\t1760000000.000004000',
    '',
  ])
})

describe('what cannot be is one line, and no file', () => {
  test.each([
    [[], 2, 'choose packets with --filter, --alert, --flow, --from or --to'],
    [['--filter', 'prot:9'], 2, '--filter: There is no field “prot”; did you mean port:? (character 1 of "prot:9")'],
    [['--alert', '999'], 2, '--alert 999: the report has no alert with this number'],
    [['--flow', '99999'], 2, '--flow 99999: the report has no conversation with this number'],
    [['--from', 'noon'], 2, '--from must be a time: 90s (since the first packet) or 2026-03-02T10:00:30Z'],
    [['--filter', 'port:65001'], 1, 'demo.pcapng-report: no conversation of the report is selected: nothing was written'],
    [['--flow', '1', '--capture', 'a.pcap'], 1, 'a.pcap is not the capture of this report: its SHA-256 differs (--force uses it anyway)'],
  ])('%j', (choice, code, line) => {
    const { status, lines } = rtnvis('slice', 'demo.pcapng-report', '-o', 'none.pcapng', ...choice)
    expect(lines).toEqual([`rtnvis: ${line}`])
    expect(status).toBe(code)
    expect(readdirSync(folder).filter((file) => file.includes('none.pcapng'))).toEqual([])
  })

  test('with --no-digest a capture is known by its packets alone', () => {
    // A section without packets behind the others: other bytes, the same packets.
    const section = Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000', 'hex')
    writeFileSync(join(folder, 'longer.pcapng'), Buffer.concat([readFileSync(DEMO), section]))
    const args = ['slice', 'demo.pcapng-report', '--flow', '1', '--capture', 'longer.pcapng']
    expect(rtnvis(...args, '-o', 'none.pcapng').lines).toEqual([
      'rtnvis: longer.pcapng is not the capture of this report: its SHA-256 differs (--force uses it anyway)',
    ])
    expect(rtnvis(...args, '-o', 'longer-slice.pcapng', '--no-digest').status).toBe(0)
    expect(rtnvis('slice', 'demo.pcapng-report', '-o', 'slice-of-demo.pcapng', '--flow', '1').status).toBe(0)
    const frames = (file: string) => tshark(file, '', 'frame.time_epoch', 'frame.len', 'ip.id')
    expect(frames('longer-slice.pcapng')).toEqual(frames('slice-of-demo.pcapng'))
    const other = rtnvis('slice', 'demo.pcapng-report', '--flow', '1', '--capture', 'a.pcap', '-o', 'none.pcapng', '--no-digest')
    expect(other.lines.join()).toMatch(/1 of 1 conversation have other packets in the captures than in the report/)
    expect(other.status).toBe(1)
  })

  test('a database that is none, and one that would never answer', () => {
    mkdirSync(join(folder, 'hostile'))
    expect(rtnvis('slice', 'hostile', '-o', 'none.pcapng', '--flow', '1')).toMatchObject({
      status: 1,
      lines: [expect.stringMatching(/^rtnvis: hostile\/traffic\.sqlite: no such file/)],
    })
    execFileSync('mkfifo', [join(folder, 'hostile/traffic.sqlite')])
    expect(rtnvis('slice', 'hostile', '-o', 'none.pcapng', '--flow', '1').lines).toEqual([
      'rtnvis: hostile/traffic.sqlite: it is a pipe or a device, not a file',
    ])
    const database = join(folder, 'view.sqlite')
    copyFileSync(join(folder, 'demo.pcapng-report/traffic.sqlite'), database)
    const without = `PRAGMA foreign_keys = OFF; ALTER TABLE flows RENAME TO f;
      CREATE VIEW flows AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT f.* FROM f, n`
    execFileSync('sqlite3', [database, without])
    const { status, lines } = rtnvis('slice', 'view.sqlite', '-o', 'none.pcapng', '--flow', '1', '--capture', 'demo.pcapng')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^rtnvis: view\.sqlite: it is not a report that this version of rtnvis can read: /)
    expect(status).toBe(1)
  })

  test('a capture that is gone, and a file that is there already', () => {
    writeFileSync(join(folder, 'gone.pcap'), pcap([{ atUs: START_US, bytes: ethernet(ipv4('10.0.0.1', '192.0.2.8', udp(1, 2))) }]))
    analyze('gone.pcap', 'gone')
    writeFileSync(join(folder, 'there.pcapng'), 'mine')
    expect(rtnvis('slice', 'gone', '-o', 'there.pcapng', '--flow', '1').lines[0]).toContain('there.pcapng exists already')
    rmSync(join(folder, 'gone.pcap'))
    const { lines } = rtnvis('slice', 'gone', '-o', 'new.pcapng', '--flow', '1')
    expect(lines[0]).toBe("rtnvis: gone.pcap was not found in this folder, the report's or its parent: give it with --capture FILE")
    expect(existsSync(join(folder, 'new.pcapng'))).toBe(false)
  })
})

describe('a classic pcap', () => {
  test('has the same packets; nanoseconds only where a capture has them', () => {
    slice('demo.pcapng-report', 'dns.pcapng', '--filter', 'port:53')
    slice('demo.pcapng-report', 'dns.pcap', '--filter', 'port:53')
    const of = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'ip.id', 'udp.srcport']
    expect(tshark('dns.pcap', '', ...of)).toEqual(tshark('dns.pcapng', '', ...of))
    expect(readFileSync(join(folder, 'dns.pcap')).readUInt32LE(0)).toBe(0xa1b2c3d4)
    const packet = { atUs: START_US, nanos: 789, bytes: ethernet(ipv4('10.0.0.1', '192.0.2.9', udp(4000, 53))) }
    writeFileSync(join(folder, 'nanos.pcap'), pcap([packet], { resolution: 'nano', order: 'big' }))
    analyze('nanos.pcap')
    slice('nanos.pcap-report', 'any.name', '--flow', '1', '--format', 'pcap')
    expect(readFileSync(join(folder, 'any.name')).readUInt32LE(0)).toBe(0xa1b23c4d)
    expect(tshark('any.name', '', 'frame.time_epoch')[0]).toBe('1760000000.000000789')
  })

  test('what it cannot have is one line', () => {
    const bytes = ethernet(ipv4('10.0.0.1', '192.0.2.9', udp(4000, 53)))
    writeFileSync(join(folder, 'link1.pcap'), pcap([{ atUs: START_US, bytes }]))
    writeFileSync(join(folder, 'link101.pcap'), pcap([{ atUs: START_US + 1, bytes: bytes.subarray(14) }], { linkType: 101 }))
    expect(rtnvis('analyze', 'link1.pcap', 'link101.pcap', '--no-site', '-q', '-o', 'links').status).toBe(0)
    expect(rtnvis('slice', 'links', '-o', 'links.pcap', '--flow', '1').lines).toEqual([
      'rtnvis: capture 2 has packets of link type 101 beside 1, and a pcap file has one: write a pcapng file, or choose packets of one interface',
    ])
    const write = pcapng()
    const fine = joined(write.section(), write.interface({ timeResolution: 12 }), write.packet({ atUs: START_US, nanos: 1, bytes }, 0))
    fine[fine.length - 4 - 4 * Math.ceil(bytes.length / 4) - 12] |= 1 // the lowest byte of the time: picoseconds
    writeFileSync(join(folder, 'picos.pcapng'), fine)
    analyze('picos.pcapng')
    expect(rtnvis('slice', 'picos.pcapng-report', '-o', 'picos.pcap', '--flow', '1').lines).toEqual([
      'rtnvis: the captures have times finer than nanoseconds, which a pcap file cannot have: write a pcapng file',
    ])
    expect(existsSync(join(folder, 'links.pcap')) || existsSync(join(folder, 'picos.pcap'))).toBe(false)
    expect(rtnvis('slice', 'links', '-o', 'links.pcap', '--flow', '1', '--keep-secrets').lines).toEqual([
      'rtnvis: --keep-secrets: a pcap file has no secrets: write a pcapng file',
    ])
  })
})
