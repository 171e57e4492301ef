// The filter language: which flows pass, told by hand; the same by SQL in another SQLite; and what is said of filters that cannot be read.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { complete } from '../../site/src/worker/answers/complete.ts'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import type { OpenReport } from '../../site/src/worker/data/report-state.ts'
import { addressKey, formatKey, rangeTest, readAddressRange } from '../../src/filter/address.ts'
import { applySuggestion, placeAt, suggestFields } from '../../src/filter/completion.ts'
import { FIELDS } from '../../src/filter/fields.ts'
import { parseFilter } from '../../src/filter/parser.ts'
import { selectFlowsSql } from '../../src/filter/sql.ts'
import { FilterError, quote } from '../../src/filter/syntax.ts'
import { hasTerm, setValue, toggleTerm, valueIn } from '../../src/filter/terms.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'
import { sqlite3 } from '../support/sqlite3.ts'

let folder: string
let file: string
let report: OpenReport

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-filter-'))
  file = join(folder, 'traffic.sqlite')
  const bytes = await makeFilterDatabase()
  await writeFile(file, bytes)
  report = openReport(new (await initSqlJs()).Database(bytes), null)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** The flows that another SQLite finds in the file. */
function idsBySql(text: string, { matches }: OpenReport, path: string): number[] {
  const { hosts, firstUs } = matches.source
  const addressesWithin = (first: string, last: string) => {
    const isInRange = rangeTest({ first, last })
    return hosts.ip.filter((ip, host) => isInRange(hosts.key[host], ip))
  }
  const sql = selectFlowsSql(parseFilter(text), { firstUs, addressesWithin }, null)
  const ids = sqlite3(path, `SELECT id FROM (${sql.replace(/;$/, '')})`)
  return ids.trim().split('\n').filter(Boolean).map(Number)
}

/** Flows of the sample by number; see sample-database.ts and filter-database.ts. */
const PASSING: [string, number[]][] = [
  ['', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['country:DE', [1, 4, 8]],
  ['country:de,jp', [1, 2, 4, 8]],
  ['country:germany', [1, 4, 8]],
  ['country:KE', []], // the origin is where the user put it: nobody located it
  ['country!=DE', [2, 3, 5, 6, 7]],
  ['app:tls', [1, 8]],
  ['APP:TLS', [1, 8]],
  ['app:"other udp"', [5]],
  ['port:443', [1, 8]],
  ['port:40000..40001', [3, 4]],
  ['port>50000', [2, 5, 6, 8]],
  ['-proto:udp', [1, 3, 4, 6, 8]],
  ['host:*.example.org', [1, 4, 8]],
  ['host:192.168.1.1*', [1, 2, 5, 6]],
  ['ip:192.168.1.0/24', [1, 2, 3, 5, 6, 7]],
  ['ip:192.168.1.16/28', [3, 6, 7]],
  ['ip:192.160.0.0/12', [1, 2, 3, 5, 6, 7]],
  ['ip:0.0.0.0/0', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['ip:2001:db8::/32', [8]],
  ['2001:db8::5', [8]],
  ['ip:192.168.1.10..192.168.1.15', [1, 2, 5, 6]],
  ['ip:192.168.*', [1, 2, 3, 5, 6, 7]],
  ['bytes>1k', [1, 6]],
  ['bytes >= 1k', [1, 3, 4, 6]],
  ['bytes:400..600', [2, 5, 7]],
  ['bytes<0.3KiB', [8]],
  ['packets<4', [2, 5, 7, 8]],
  ['length>1000', [1]],
  ['length:60..100', [3, 8]],
  ['duration>=20s', [1, 3, 4]],
  ['duration>20s', [1]],
  ['duration:500ms..1s', [8]],
  ['alert:any', [3]],
  ['alert:none', [1, 2, 4, 5, 6, 7, 8]],
  ['alert:high', [3]],
  ['alert:low', []],
  ['alert:brute-*', [3]],
  ['alert:1', [3]],
  ['state:S0', [5, 7]],
  ['asn:64500', [1, 4, 8]],
  ['asn:AS64500', [1, 4, 8]],
  ['asn:example*', [1, 4, 8]],
  ['net:"Example Networks"', [1, 4, 8]],
  ['net:198.41.0.0/16', [2, 4]],
  ['name:www.example.org', [1, 4, 8]],
  ['name:"<img*"', [2, 4]],
  ['ja4:t13d*', [1]],
  ['communityid:1:LQU9qZlK+B5F3KDmev6m5PMibrg=', [2]],
  ['communityid:1:LQU9qZlK+B5F3KDmev6m5PMibrG=', [2]], // case is ignored, as in every text
  ['from:192.168.1.20', [7]],
  ['to:192.168.1.20', [3, 6]],
  ['from:BR', [3]],
  ['to:multicast', [7]],
  ['tunnel:any', [6]],
  ['tunnel:none', [1, 2, 3, 4, 5, 7, 8]],
  ['tunnel:gre', [6]],
  ['tunnel:MPLS', [6]],
  ['tunnel:vx*', [6]],
  ['tunnel:gre/vxlan', [6]],
  ['tunnel:mpls/gre/vxlan', [6]],
  ['tunnel:vlan', []],
  ['tunnel:mpls/vxlan', []],
  ['dns:www.*', [2]],
  ['dns:*.net', [2]],
  ['time:0s..5s', [1]],
  ['time>=55s', [6, 7, 8]],
  ['time:2026-03-02T10:00:45', [4, 5]],
  ['time:2026-03-02', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['time<2026-03-02', []],
  ['is:unlocated', [5, 7, 8]],
  ['is:local', [6]],
  ['is:located', [1, 2, 3, 4]],
  ['is:ipv6', [8]],
  ['scope:multicast', [7]],
  ['place:"Tokyo, Japan"', [2, 4]],
  ['place:impossible', [2, 4]],
  ['place:Brazil', [3]],
  ['flow:2,4', [2, 4]],
  ['example', [1, 4, 8]],
  ['germany', [1, 4, 8]],
  ['german', [1, 4, 8]],
  ['berlin', [1, 4, 8]],
  ['Tokyo', [2, 4]],
  ['jp', [2, 4]],
  ['nairobi', []],
  ['from:germany', [4]],
  ['to:Germany', [1, 8]],
  ['to:Japan', [2, 4]],
  ['to:Kenya', []],
  ['to:AS64500', [1, 8]],
  ['to:no-as', [2, 3, 4, 5, 6, 7]],
  ['from:origin', [1, 2, 5, 6, 7]],
  ['to:origin', [3, 6]],
  ['to:unlocated', [5, 7]],
  ['from:unlocated', [8]],
  ['5.5.5', [5]],
  ['"=cmd|calc!A0"', [3, 5]],
  ['tls or dns', [1, 2, 8]],
  ['(app:tls or app:ssh) -country:BR', [1, 8]],
  ['app:tls | app:ssh && port:22', [1, 3, 8]],
  ['not (port:443 or port:53)', [3, 4, 5, 6, 7]],
  ["name:o'brien", []],
  // What every object has is not a word of the filter language.
  ['constructor', []],
  ['tls or __proto__', [1, 8]],
]

describe('a filter', () => {
  it.each(PASSING)('%s passes %j', (text, flows) => {
    expect([...report.matches.mask(text)].flatMap((passes, row) => (passes ? [row + 1] : []))).toEqual(flows)
  })

  it.each(PASSING)('%s as SQL finds %j in another SQLite', (text, flows) => {
    expect(idsBySql(text, report, file)).toEqual(flows)
  })

  it.each([
    // Host 8 sends IPv6 with an IPv4 address in it: it is in networks of both, and its packets are of IPv6.
    ['ip:10.9.0.0/16', [8]],
    ['ip:10.9.0.0/12', [8]],
    ['ip:10.9.9.9', [8]],
    ['ip:::ffff:0:0/96', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['is:ipv6', [8]],
    ['is:ipv4', [1, 2, 3, 4, 5, 6, 7]],
    ['ip:0.0.0.0/0', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['ip:::/0', [8]],
    ['ip:::..ffff::', [8]],
    // SQLite's lower() knows only ASCII.
    ['net:"łódź*"', [1, 4, 8]],
    ['net:"ŁÓDŹ ČESKÁ İnternet"', [1, 4, 8]],
    ['net:"łódź česk? *"', [1, 4, 8]],
    ['net:"lodz*"', []],
    // A character beyond U+FFFF is one character.
    ['net:"net?"', [2, 4]],
    ['net:"net??"', []],
  ])('%s passes %j of other hosts, by SQL, too', async (text, flows) => {
    const database = new (await initSqlJs()).Database(await makeFilterDatabase())
    database.run(
      "UPDATE hosts SET ip = '::ffff:10.9.9.9' WHERE id = 8; UPDATE hosts SET as_name = 'Łódź Česká İnternet' WHERE id = 3; UPDATE hosts SET as_name = 'Net😀' WHERE id = 4",
    )
    const changed = join(folder, 'changed.sqlite')
    await writeFile(changed, database.export())
    const other = openReport(database, null)
    expect([...other.matches.mask(text)].flatMap((passes, row) => (passes ? [row + 1] : []))).toEqual(flows)
    expect(idsBySql(text, other, changed)).toEqual(flows)
  })

  it.each(['\u00b5', '\u03bc'])('has %s as the sign of microseconds', (sign) => {
    // The flow of 500 ms to 1 s, as above.
    const durations = `duration:500000${sign}s..1000000${sign}s`
    expect([...report.matches.mask(durations)].flatMap((passes, row) => (passes ? [row + 1] : []))).toEqual([8])
  })

  it('has an example for every field, and each can be read', () => {
    for (const [name, { example }] of Object.entries(FIELDS)) {
      expect(example.startsWith(name)).toBe(true)
      expect(() => parseFilter(example)).not.toThrow()
    }
  })

  it.each([
    ['bites>1M', 'There is no field “bites”; did you mean bytes:?', [0, 5]],
    ['tls wherefrom:x', 'There is no field “wherefrom”', [4, 13]],
    ['app>tls', 'app takes “:”, not “>”: app:tls', [0, 7]],
    ['port:https', '“https” is not a port: a number from 0 to 65535', [0, 10]],
    ['port:99999', '“99999” is not a port: a number from 0 to 65535', [0, 10]],
    ['port>70000', '“70000” is not a port: a number from 0 to 65535', [0, 10]],
    ['app:tls -', 'Something is missing at the end', [8, 9]],
    ['time:5..1', '“5..1” ends before it begins', [0, 9]],
    ['bytes:2k..1k', '“2k..1k” ends before it begins', [0, 12]],
    ['bytes>lots', '“lots” is not a number of bytes: 500, 20k, 1M', [0, 10]],
    ['(app:tls', 'The “(” is never closed', [0, 1]],
    ['app:tls)', 'A “)” has no “(” before it', [7, 8]],
    ['ip:10.0.0.300', '“10.0.0.300” is not an address: write 192.0.2.7, 10.0.0.0/8, 2001:db8::/32 or 10.0.0.1..10.0.0.9', [0, 13]],
    ['ip:10.0.0.0/33', '“10.0.0.0/33” is not an address: write 192.0.2.7, 10.0.0.0/8, 2001:db8::/32 or 10.0.0.1..10.0.0.9', [0, 14]],
    [
      'time:2026-02-30',
      '“2026-02-30” is not a time: write 30s..45s (since the start) or 2026-03-02T10:00..2026-03-02T10:05 (UTC)',
      [0, 15],
    ],
    ...['2026-13-01', '2026-00-10', '2026-03-02T24:00'].map((time): [string, string, number[]] => [
      `time>${time}`,
      `“${time}” is not a time: write 30s..45s (since the start) or 2026-03-02T10:00..2026-03-02T10:05 (UTC)`,
      [0, 5 + time.length],
    ]),
    ['port:1 ()', 'Something is missing before “)”', [8, 9]],
    ['country:', 'country: needs a value: country:KE', [0, 8]],
    ['is:red', 'is: is one of located, unlocated, local, ipv4, ipv6', [0, 6]],
    ['name:"abc', 'The quotation mark is never closed', [5, 9]],
    ['app:tls or', 'Something is missing at the end', [9, 10]],
    ['or app:tls', 'Something is missing before “or”', [0, 2]],
    [`${'('.repeat(70)}a`, 'Parentheses and negations reach more than 64 deep', [64, 65]],
  ])('%s is refused: %s', (text, message, [start, end]) => {
    let error: unknown
    try {
      parseFilter(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(FilterError)
    expect(error).toMatchObject({ message, start, end })
  })

  it('of any text is read or refused, and refused in words', () => {
    let seed = 7
    const next = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    const pieces = [
      'app:',
      'tls',
      '(',
      ')',
      ' or ',
      ' ',
      '-',
      '"',
      '\\',
      'ip:',
      '10.0.0.0/',
      '8',
      '..',
      '>',
      'time:',
      '2026-',
      '\u202e',
      '*',
      '[',
      ',',
      '!',
      "'",
      '::',
      'bytes',
      '1e9',
    ]
    let read = 0
    for (let trial = 0; trial < 3000; trial++) {
      const text = Array.from({ length: 1 + next(8) }, () => pieces[next(pieces.length)]).join('')
      try {
        report.matches.mask(text)
        read++
      } catch (error) {
        if (!(error instanceof FilterError)) throw new Error(`${JSON.stringify(text)}: ${error}`)
        expect(error.start <= error.end && error.end <= text.length, text).toBe(true)
      }
    }
    expect(read).toBeGreaterThan(300)
  })
})

describe('addresses', () => {
  it.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // RFC 5952, 4.2.3: the first of two equal runs
    ['2001:0DB8::0001', '2001:db8::1'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // 4.2.2: one zero group is not shortened
    ['192.0.2.1', '192.0.2.1'],
  ])('%s is written %s', (text, canonical) => {
    expect(formatKey(addressKey(text)!)).toBe(canonical)
  })

  it.each(['1.2.3', '1.2.3.4.5', '256.1.1.1', '1:2', ':::', '1::2::3', 'fe80::1%eth0', '10.0.0.9..10.0.0.1', '10.0.0.0/-1'])(
    '%s is none',
    (text) => {
      expect(readAddressRange(text)).toBeNull()
    },
  )
})

describe('building by clicking', () => {
  it.each([
    ['', 'app:tls', 'app:tls'],
    ['app:tls', 'app:tls', ''],
    ['port:443 app:tls', 'app:tls', 'port:443'],
    ['app:tls and port:443', 'app:tls', 'port:443'],
    ['-app:tls port:443', '-app:tls', 'port:443'],
    ['app:tls or port:443', 'ip:10.0.0.1', '(app:tls or port:443) ip:10.0.0.1'],
    ['name:"a b" port:443', 'name:"a b"', 'port:443'],
    ['name:orange', 'app:tls', 'name:orange app:tls'],
    ['port:443 and android', 'port:443', 'android'],
    ['((', 'app:tls', 'app:tls'], // what cannot be read makes way
  ])('%j and a click on %s make %j', (before, term, after) => {
    expect(toggleTerm(before, term)).toBe(after)
    expect(hasTerm(after, term)).toBe(after.includes(term))
  })

  it('a drop-down sets one value of its field', () => {
    expect(setValue('app:tls port:443', 'app', 'other udp')).toBe('port:443 app:"other udp"')
    expect(setValue('app:tls port:443', 'app', null)).toBe('port:443')
    expect(valueIn('port:443 app:"other udp"', 'app')).toBe('other udp')
    expect(valueIn('-app:tls', 'app')).toBeNull()
  })
})

describe('completion', () => {
  const values = (text: string) => {
    const place = placeAt(text, text.length)
    if (!place.field) return suggestFields(place.begun).map((one) => one.text)
    return complete(report, { field: place.field, begun: place.begun, rest: place.rest }).map((one) => `${one.text} ${one.flows}`)
  }

  it('offers fields, then values with their flows under the rest of the filter', () => {
    expect(values('po')).toEqual(['port:'])
    expect(values('app:')).toEqual(['tls 2', 'dns 1', 'http 1', 'mdns 1', 'other udp 1', 'smb 1', 'ssh 1'])
    expect(values('proto:udp app:')).toEqual(['dns 1', 'mdns 1', 'other udp 1'])
    expect(values('country:ja')).toEqual(['JP 2'])
    expect(values('country:br')).toEqual(['BR 1'])
    // As many as the filter lets pass, however many of a flow's ends and sources have the name.
    for (const text of ['host:', 'name:', 'ip:', 'from:', 'to:', 'country:', 'place:']) {
      expect(values(text)).not.toEqual([])
      for (const value of values(text)) {
        const [, name, flows] = /^(.*) (\d+)$/s.exec(value)!
        const mask = report.matches.mask(text + quote(name))
        expect([text, name, Number(flows)]).toEqual([text, name, mask.reduce((sum, passes) => sum + passes, 0)])
      }
    }
    expect(values('alert:')).toEqual(['none 7', 'any 1', 'brute-force 1', 'high 1'])
    expect(values('is:')).toEqual(['ipv4 7', 'located 4', 'unlocated 3', 'ipv6 1', 'local 1'])
    expect(values('-app:t')).toEqual(['tls 2', 'http 1', 'other udp 1'])
    expect(values('app:tls,d')).toEqual(['dns 1', 'mdns 1', 'other udp 1'])
  })

  it('puts a value in place of what is begun, quoted where it must be', () => {
    const text = 'app:oth port:443'
    const place = placeAt(text, 7)
    expect(place).toMatchObject({ field: 'app', begun: 'oth', rest: 'port:443' })
    expect(applySuggestion(text, place, { text: 'other udp', label: '', about: '', flows: 1 })).toEqual({
      text: 'app:"other udp" port:443',
      cursor: 16,
    })
    const open = placeAt('place:"Tokyo, J', 15)
    expect(open).toMatchObject({ field: 'place', begun: 'Tokyo, J', start: 6 })
  })
})
