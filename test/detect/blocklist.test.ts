// Lists in the formats their makers publish, and what of a capture stands on them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { random } from '../../fixtures/generate/random.ts'
import { type Blocklist, BlocklistBuilder } from '../../src/detect/blocklist/index.ts'
import { openBlocklist } from '../../src/node/input/blocklist.ts'
import { findingsOf } from '../evaluate/findings.ts'
import { ethernet, ipv4, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { dnsQuery } from '../support/messages.ts'

function listOf(...lines: string[]): Blocklist {
  const builder = new BlocklistBuilder()
  builder.begin('list')
  for (const line of lines) builder.add(line)
  return builder.finish()
}

const lineOf = (match: { line: number } | null): number | null => match?.line ?? null
const JA4 = 't13d1516h2_8daaf6152771_02713d6af862'

describe('formats', () => {
  it('plain lines with comments: addresses, networks, ranges, domains, JA4', () => {
    const list = listOf(
      '# a list',
      '192.0.2.1',
      '198.51.100.0/24 ; a network',
      '203.0.113.5 - 203.0.113.9',
      'Evil.Example.COM # with a comment',
      '2001:db8:bad::/48',
      JA4,
      '*.wild.test.org',
      'hxxp is no address',
    )
    expect(lineOf(list.address('192.0.2.1'))).toBe(2)
    expect(lineOf(list.address('198.51.100.255'))).toBe(3)
    expect(lineOf(list.address('203.0.113.4'))).toBeNull()
    expect(lineOf(list.address('203.0.113.5'))).toBe(4)
    expect(lineOf(list.address('203.0.113.9'))).toBe(4)
    expect(lineOf(list.address('203.0.113.10'))).toBeNull()
    expect(lineOf(list.name('evil.example.com'))).toBe(5)
    expect(lineOf(list.name('www.evil.example.com'))).toBe(5)
    expect(lineOf(list.name('notevil.example.com'))).toBeNull()
    expect(lineOf(list.name('example.com'))).toBeNull()
    expect(lineOf(list.address('2001:db8:bad:1::1'))).toBe(6)
    expect(lineOf(list.address('2001:db8:bae::1'))).toBeNull()
    expect(lineOf(list.ja4(JA4))).toBe(7)
    expect(lineOf(list.name('a.wild.test.org'))).toBe(8)
    expect(list.files).toEqual([{ file: 'list', entries: 7, brokenLines: 1, firstBrokenLine: 9 }])
  })

  it('lines of a million spaces are read: steps for each pair of them would not end in time', () => {
    const list = listOf(`192.0.2.1${' '.repeat(1e6)}a description`, `192.0.2.2${'\t '.repeat(5e5)}# a comment`)
    expect(list.files).toEqual([{ file: 'list', entries: 2, brokenLines: 0, firstBrokenLine: 0 }])
  })

  it('hosts files, without the names of the machine itself', () => {
    const list = listOf('127.0.0.1 localhost', '::1 ip6-localhost', '0.0.0.0 ads.example.org tracker.example.org', '0.0.0.0 0.0.0.0')
    expect(lineOf(list.name('tracker.example.org'))).toBe(3)
    expect(list.files[0]).toMatchObject({ entries: 2, brokenLines: 0 })
  })

  it('Spamhaus DROP as text and as JSON lines', () => {
    const text = listOf('; Spamhaus DROP List 2026/11/01', '192.0.2.0/24 ; SBL1')
    const json = listOf('{"cidr":"192.0.2.0/24","sblid":"SBL1","rir":"ripencc"}', '{"type":"metadata","records":1}')
    expect(lineOf(text.address('192.0.2.77'))).toBe(2)
    expect(lineOf(json.address('192.0.2.77'))).toBe(1)
    expect(json.files[0]).toMatchObject({ entries: 1, brokenLines: 0 })
  })

  it('abuse.ch as CSV and as JSON: the column that matters, hosts of URLs marked as such', () => {
    const feodo = listOf('# "first_seen_utc","dst_ip","dst_port","malware"', '"2026-01-02 03:04:05","192.0.2.8","443","Emotet"')
    expect(lineOf(feodo.address('192.0.2.8'))).toBe(2)
    const urlhaus = listOf('# id,dateadded,url,url_status', '"1","2026-01-02","https://files.example.net:8080/a.exe?x=y.org","online"')
    expect(urlhaus.name('files.example.net')).toEqual({ file: 'list', line: 2, isUrl: true })
    const threatfox = listOf(
      '# "first_seen_utc","ioc_id","ioc_value","ioc_type"',
      '"2026-01-02 03:04:05", "7", "192.0.2.9:8443", "ip:port"',
      '"2026-01-02 03:04:05", "8", "d41d8cd98f00b204e9800998ecf8427e", "md5_hash"',
    )
    expect(lineOf(threatfox.address('192.0.2.9'))).toBe(2)
    expect(threatfox.files[0]).toMatchObject({ entries: 1, brokenLines: 1, firstBrokenLine: 3 })
    const json = listOf('[', '  {', '    "ip_address": "192.0.2.10",', '    "port": 443, "hostname": null', '  }', ']')
    expect(lineOf(json.address('192.0.2.10'))).toBe(3)
  })

  it('the narrowest of overlapping networks is reported, in any order', () => {
    const lines = ['10.1.2.0/24', '10.0.0.0/8', '10.1.2.3', '10.1.0.0/16', '0.0.0.0/1', '255.255.255.255']
    const list = listOf(...lines)
    const expected: [string, string | null][] = [
      ['10.1.2.3', '10.1.2.3'],
      ['10.1.2.4', '10.1.2.0/24'],
      ['10.1.3.4', '10.1.0.0/16'],
      ['10.2.0.0', '10.0.0.0/8'],
      ['9.255.255.255', '0.0.0.0/1'],
      ['11.0.0.0', '0.0.0.0/1'],
      ['128.0.0.0', null],
      ['255.255.255.255', '255.255.255.255'],
    ]
    for (const [ip, line] of expected) expect([ip, lines[(lineOf(list.address(ip)) ?? 0) - 1] ?? null]).toEqual([ip, line])
  })

  it('thousands of networks at random: the same as asking each in turn', () => {
    const next = random(3)
    const networks = Array.from({ length: 3000 }, () => {
      const length = 8 + Math.floor(next() * 25)
      const size = 2 ** (32 - length)
      return { length, start: Math.floor((next() * 2 ** 24) / size) * size, size }
    })
    const text = (ip: number): string => [24, 16, 8, 0].map((shift) => Math.floor(ip / 2 ** shift) % 256).join('.')
    const list = listOf(...networks.map(({ start, length }) => `${text(start)}/${length}`))
    for (let round = 0; round < 3000; round++) {
      const ip = Math.floor(next() * 2 ** 24)
      const holding = networks.filter(({ start, size }) => ip >= start && ip < start + size)
      const longest = holding.reduce((most, { length }) => Math.max(most, length), -1)
      const found = list.address(text(ip))
      expect(found === null ? -1 : networks[found.line - 1].length).toBe(longest)
    }
  })
})

describe('files', () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'rtnvis-lists-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('are read with any line ending; broken lines are reported, a missing file ends the run', async () => {
    const file = joinPath(folder, 'mixed.txt')
    writeFileSync(file, '\ufeff192.0.2.1\r\nnot an entry!\r\nbad.example.org')
    const { blocklist, warnings } = await openBlocklist([file])
    expect(lineOf(blocklist!.address('192.0.2.1'))).toBe(1)
    expect(lineOf(blocklist!.name('bad.example.org'))).toBe(3)
    expect(warnings).toEqual(['mixed.txt: a line is invalid and ignored, the first is line 2'])
    await expect(openBlocklist([joinPath(folder, 'none.txt')])).rejects.toThrow(/--blocklist .*none\.txt: no such file/)
  })

  it('without entries give a warning', async () => {
    const file = joinPath(folder, 'empty.txt')
    writeFileSync(file, '# nothing yet\n')
    expect((await openBlocklist([file])).warnings).toEqual(['empty.txt: no addresses, networks, domains or JA4 fingerprints found in it'])
  })
})

describe('rule', () => {
  const at = (seconds: number, source: string, target: string, ports: [number, number], payload: Uint8Array | string) => ({
    atUs: seconds * 1e6,
    bytes: ethernet(ipv4(source, target, udp(...ports, payload))),
  })

  it('names file and line; an answer makes it grave, a listed caller does not', async () => {
    const capture = pcap([
      at(1, '192.168.1.5', '192.0.2.1', [5000, 9999], 'hello'),
      at(2, '192.0.2.1', '192.168.1.5', [9999, 5000], 'answer'),
      at(3, '192.168.1.5', '192.0.2.2', [5001, 9999], 'hello'),
      at(4, '192.0.2.3', '192.168.1.5', [5002, 53], 'knock'),
      at(5, '192.168.1.5', '192.168.1.1', [5003, 53], dnsQuery(1, 'www.bad.example.org')),
    ])
    const { findings } = await findingsOf(capture, { blocklist: listOf('192.0.2.1', '192.0.2.2', '192.0.2.3', 'bad.example.org') })
    const found = findings.filter(({ rule }) => rule === 'blocklist').map(({ severity, title }) => [severity, title])
    expect(found).toEqual([
      ['high', '192.168.1.5 exchanged data with 192.0.2.1, which is on list, line 1.'],
      ['medium', '192.168.1.5 tried to exchange data with 192.0.2.2, which is on list, line 2.'],
      ['medium', '192.168.1.5 asked DNS for www.bad.example.org, which is on list, line 4.'],
      ['low', '192.0.2.3, which is on list, line 3, tried to reach 192.168.1.5 once.'],
    ])
  })
})
