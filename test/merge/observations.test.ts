// What rules read of packets is in a report: they are asked again without the capture, and over several reports together.
import { describe, expect, test } from 'vitest'
import { columnName, KEPT_KINDS } from '../../src/detect/observe/kept.ts'
import { READ_OBSERVATIONS } from '../../src/detect/rules/index.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import { checkDatabase } from '../../src/verify/database.ts'
import { APART, ATTACKS } from '../attacks/catalogue.ts'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { address, ethernet, hex, ipv4, type Layer, mac, raw, tcp, u16 } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { analyzedFiles, merge, openDatabase, read, sourceOfFile } from '../support/merging.ts'

const reportOf = (name: string, capture: Uint8Array) => analyzedFiles([sourceOfFile(name, capture)])

const FINDINGS = `SELECT rule, severity, severity_reason, title, next_step, a.first_us, a.last_us, s.ip, t.ip, evidence, flows FROM alerts a
  LEFT JOIN hosts s ON s.id = source_host_id LEFT JOIN hosts t ON t.id = target_host_id ORDER BY 1, 4, 6`

const findings = (report: Uint8Array, rule: string) => rowsOf(read(report), FINDINGS).filter(([id]) => id === rule)

/** Kinds of observations that were merged. */
const merged = new Set<string>()

describe.each(READ_OBSERVATIONS)('%s', (rule) => {
  const attacks = [...ATTACKS, ...APART].filter((attack) => attack.rule === rule)

  test('finds the same without the capture', async () => {
    expect(attacks.length).toBeGreaterThan(0)
    for (const [seed, attack] of attacks.slice(0, 3).entries()) {
      const world = new World({ seed, seconds: attack.seconds + 120, loss: 0, isBehindNat: false })
      attack.run(world, 60)
      const report = await reportOf('attack', written(world.sorted()))
      const expected = findings(report, rule)
      expect(expected.length).toBeGreaterThan(0)
      // Were the findings taken from the report, there would be none.
      const without = openDatabase(report)
      without.run('DELETE FROM alert_flows; DELETE FROM alerts')
      const again = merge(without.export())
      expect(findings(again, rule)).toEqual(expected)
      expect(checkDatabase(read(again)).filter(({ outcome }) => outcome !== 'agrees')).toEqual([])
    }
  })

  test('has the same bytes of three thirds, in whatever steps', async () => {
    for (const attack of attacks.slice(0, 2)) {
      const world = new World({ seed: 3, seconds: attack.seconds + 120, loss: 0, isBehindNat: false })
      attack.run(world, 60)
      const packets = world.sorted()
      const reports: Uint8Array[] = []
      for (let i = 0; i < 3; i++)
        reports.push(await reportOf(`third-${i}`, written(packets.slice((i * packets.length) / 3, ((i + 1) * packets.length) / 3))))
      const [a, b, c] = reports
      const all = merge(a, b, c)
      const kinds = rowsOf(read(all), 'SELECT DISTINCT kind FROM observations').map(([kind]) => String(kind))
      for (const kind of kinds) merged.add(kind)
      expect(merge(merge(a, b), c)).toEqual(all)
      expect(merge(c, merge(b, a))).toEqual(all)
      expect(merge(a, merge(c, b))).toEqual(all)
      if (kinds.length > 0) break
    }
  })
})

test('that was all kinds but slow requests, which are in no third', () => {
  expect([...merged].sort()).toEqual(
    KEPT_KINDS.filter((kind) => kind !== 'slowRequests')
      .map(columnName)
      .sort(),
  )
})

const START_US = 1_772_000_000_000_000
const [CLIENT, SERVER] = ['192.168.1.5', '192.168.1.9']

/** A connection of FTP in which so many passwords are refused, some milliseconds after the start. */
function guesses(count: number, port: number, atMs: number, from = 0, to = Number.POSITIVE_INFINITY) {
  let [own, peer] = [1001, 5001]
  const packets: Layer[] = [
    ipv4(CLIENT, SERVER, tcp(port, 21, 'S', '', { sequence: 1000 })),
    ipv4(SERVER, CLIENT, tcp(21, port, 'SA', '', { sequence: 5000 })),
    ipv4(CLIENT, SERVER, tcp(port, 21, 'A', '', { sequence: 1001 })),
  ]
  const ask = (text: string): void => {
    packets.push(ipv4(CLIENT, SERVER, tcp(port, 21, 'PA', text, { sequence: own })))
    own += text.length
  }
  const answer = (text: string): void => {
    packets.push(ipv4(SERVER, CLIENT, tcp(21, port, 'PA', text, { sequence: peer })))
    peer += text.length
  }
  answer('220 ready\r\n')
  for (let i = 0; i < count; i++) {
    ask('USER bob\r\n')
    answer('331 password\r\n')
    ask(`PASS guess${i}\r\n`)
    answer('530 wrong\r\n')
  }
  return packets.slice(from, to).map((packet, i) => ({ atUs: START_US + atMs * 1000 + (from + i) * 10_000, bytes: ethernet(packet) }))
}

const OBSERVED = `SELECT kind, client_port, data FROM observations JOIN flows f ON f.id = flow_id ORDER BY 1, 2, 3`

test('twelve guesses in each of three captures are one attack, in any order of the reports', async () => {
  const minutes = [0, 1, 2].map((minute) => pcap(guesses(12, 40_000 + minute, minute * 20_000)))
  const reports: Uint8Array[] = []
  for (const [i, minute] of minutes.entries()) reports.push(await reportOf(`minute-${i}`, minute))
  for (const report of reports) expect(findings(report, 'brute-force')).toEqual([])
  const expected = await analyzedFiles(minutes.map((minute, i) => sourceOfFile(`minute-${i}`, minute)))
  const [[, , , title]] = findings(expected, 'brute-force')
  expect(title).toContain('36')
  const all = merge(...reports)
  expect(findings(all, 'brute-force')).toEqual(findings(expected, 'brute-force'))
  expect(rowsOf(read(all), OBSERVED)).toEqual(rowsOf(read(expected), OBSERVED))
  for (const [a, b, c] of [
    [2, 0, 1],
    [1, 2, 0],
  ])
    expect(merge(merge(reports[a], reports[b]), reports[c])).toEqual(all)
})

test('what two captures have of one conversation is added up', async () => {
  const cut = 3 + 1 + 4 * 8
  const parts = [pcap(guesses(16, 40_000, 0, 0, cut)), pcap(guesses(16, 40_000, 0, cut))]
  const [first, second] = [await reportOf('first', parts[0]), await reportOf('second', parts[1])]
  const whole = await reportOf('whole', pcap(guesses(16, 40_000, 0)))
  const both = merge(second, first)
  expect(rowsOf(read(whole), OBSERVED)).toHaveLength(1)
  expect(rowsOf(read(both), OBSERVED)).toEqual(rowsOf(read(whole), OBSERVED))
})

/** ARP (RFC 826): a hardware address answers everybody that 192.168.1.1 is its own. */
const claim = (owner: number, atS: number) => ({
  atUs: START_US + atS * 1e6,
  bytes: ethernet(
    raw(0x0806, hex('0001 0800 06 04'), u16(2), mac(owner), address('192.168.1.1'), mac(9), address('192.168.1.9')),
    mac(owner),
  ),
})

const ONE_CLAIM = {
  ...{ mac: '02:00:00:00:00:01', first_us: START_US, frame: 1, capture: 1, last_us: START_US },
  ...{ packets: 1, replies: 1, repeats: 0, unasked: 1, taken_us: [START_US] },
}

test('an address that changes hands from capture to capture is in dispute, in any order of the reports', async () => {
  const minutes = [1, 2, 1, 2, 2, 1].map((owner, minute) => pcap([0, 5, 10].map((second) => claim(owner, minute * 60 + second))))
  const reports: Uint8Array[] = []
  for (const [i, minute] of minutes.entries()) reports.push(await reportOf(`minute-${i}`, minute))
  for (const report of reports) expect(findings(report, 'arp-spoofing')).toEqual([])
  const expected = await analyzedFiles(minutes.map((minute, i) => sourceOfFile(`minute-${i}`, minute)))
  const [[, , , title]] = findings(expected, 'arp-spoofing')
  expect(title).toContain('changed hands 4 times')
  const all = merge(...reports)
  expect(findings(all, 'arp-spoofing')).toEqual(findings(expected, 'arp-spoofing'))
  const [[data]] = rowsOf(read(all), "SELECT data FROM observations WHERE kind = 'arp' AND data LIKE '%192.168.1.1\"%'")
  const { ip, claims } = JSON.parse(String(data))
  expect([ip, claims.map(({ mac, packets, frame, capture }: Record<string, unknown>) => [mac, packets, frame, capture])]).toEqual([
    '192.168.1.1',
    [
      ['02:00:00:00:00:01', 9, 1, 1],
      ['02:00:00:00:00:02', 9, 1, 2],
    ],
  ])
  const [a, b, c, d, e, f] = reports
  expect(merge(merge(f, b), merge(e, a), merge(d, c))).toEqual(all)
})

test('a session of TLS whose server repeats itself after a cut is one conversation', async () => {
  const world = new World({ seed: 1, seconds: 300, loss: 0, isBehindNat: false })
  ATTACKS.find(({ rule }) => rule === 'weak-tls')!.run(world, 60)
  const packets = world.sorted()
  const isSyn = ({ bytes }: { bytes: Uint8Array }) => (bytes[14 + 20 + 13] & 2) !== 0
  const again = packets.filter((packet) => !isSyn(packet)).map((packet) => ({ ...packet, atUs: packet.atUs + 1_000_000 }))
  const [first, second] = [await reportOf('first', written(packets)), await reportOf('second', written(again))]
  const expected = rowsOf(read(first), OBSERVED)
  expect(expected.length).toBeGreaterThan(0)
  const both = merge(second, first)
  expect(rowsOf(read(both), OBSERVED)).toEqual(expected)
  expect(findings(both, 'weak-tls')).toEqual(findings(first, 'weak-tls'))
})

test.each([
  ['no observations', "DROP TABLE observations; DELETE FROM meta WHERE key = 'observations_kept'"],
  ['fewer kinds of observations', "DELETE FROM observations; UPDATE meta SET value = '1' WHERE key = 'observations_kept'"],
])('of a report of an earlier version, which has %s, the findings stay', async (_what, sql) => {
  const report = await reportOf('attack', pcap([...guesses(15, 40_000, 0), ...guesses(15, 40_001, 2000)]))
  const older = openDatabase(report)
  older.run(sql)
  const expected = findings(report, 'brute-force')
  expect(expected).toHaveLength(1)
  const other = await reportOf('other', pcap(guesses(1, 41_000, 7_200_000)))
  for (const both of [merge(older.export()), merge(older.export(), other)]) {
    expect(findings(both, 'brute-force')).toEqual(expected)
    expect(
      rowsOf(read(both), "SELECT count(*) FROM observations UNION ALL SELECT value FROM meta WHERE key = 'observations_kept'"),
    ).toEqual([[0]])
  }
})

test('a password is not in it, and of a login only the first letter of the name', async () => {
  const report = read(await reportOf('attack', pcap(guesses(2, 40_000, 0))))
  const [[data]] = rowsOf(report, "SELECT data FROM observations WHERE kind = 'credentials'")
  expect(JSON.parse(String(data))).toEqual({
    service: 'ftp',
    masked_user: 'b***',
    first_us: START_US + 60_000,
    last_us: START_US + 100_000,
    attempts: 2,
    refused: 2,
    accepted: 0,
  })
})

test('with pseudonyms in place of accounts, none is kept', async () => {
  const inputs = {
    name: null,
    origin: null,
    maxPackets: 0,
    pages: 'none',
    rules: null,
    blocklists: [],
    baseline: null,
    maskAccounts: true,
  } as const
  const report = await analyzeBytes(pcap(guesses(2, 40_000, 0)), undefined, { inputs: { ...inputs, blocklists: [] } })
  expect(rowsOf(report, "SELECT count(*) FROM observations UNION ALL SELECT value FROM meta WHERE key = 'observations_kept'")).toEqual([
    [0],
  ])
})

describe('a row that no analysis writes is refused', () => {
  const change = (column: string, value: string) => `UPDATE observations SET ${column} = ${value} WHERE id = 1`
  const json = (path: string, value: string) => change('data', `json_set(data, '$.${path}', ${value})`)
  test.each([
    ['another kind', change('kind', "'__proto__'"), 'kind'],
    ['no conversation', change('flow_id', 'NULL'), 'flow_id'],
    ['a conversation that is not there', change('flow_id', '2'), 'flow_id'],
    ['no JSON', change('data', "'{'"), 'data'],
    ['a list', change('data', "'[1]'"), 'data'],
    ['a field less', change('data', "json_remove(data, '$.attempts')"), 'attempts'],
    ['a text for a number', json('attempts', "'3'"), 'attempts'],
    ['a negative number', json('refused', '-1'), 'refused'],
    ['half a number', json('accepted', '0.5'), 'accepted'],
    ['a number for a text', json('masked_user', '1'), 'masked_user'],
    ['a long text', json('masked_user', "printf('%.*c', 5000, 'x')"), 'masked_user'],
    ['a service that is none', json('service', "'constructor'"), 'service'],
  ])('%s', async (_what, sql, name) => {
    const database = openDatabase(await reportOf('attack', pcap(guesses(2, 40_000, 0))))
    database.run(`PRAGMA foreign_keys = OFF; ${sql}`)
    expect(() => merge(database.export())).toThrow(
      `observations.${name} of row 1 is not what an analysis writes: analyse its capture again`,
    )
  })

  const tlsReport = async () => {
    const world = new World({ seed: 1, seconds: 300, loss: 0, isBehindNat: false })
    const attack = [...ATTACKS, ...APART].find(({ rule }) => rule === 'nameless-tls')!
    attack.run(world, 60)
    return openDatabase(await reportOf('attack', written(world.sorted())))
  }

  test('but a certificate may be valid until the year 9999', async () => {
    const database = await tlsReport()
    const lastUs = Date.UTC(9999, 11, 31, 23, 59, 59) * 1000
    database.run(json('certificate.not_after_us', String(lastUs)))
    const [[data]] = rowsOf(read(merge(database.export())), "SELECT data FROM observations WHERE kind = 'tls'")
    expect(JSON.parse(String(data)).certificate.not_after_us).toBe(lastUs)
  })

  const claims = (count: number, data: string) => `json('[${new Array(count).fill(data)}]')`
  const { mac: _owner, ...unowned } = ONE_CLAIM
  test.each([
    ['no claims', '7', 'claims'],
    ['a claim that is a number', claims(1, '7'), 'claims'],
    ['a claim of nobody', claims(1, JSON.stringify(unowned)), 'mac'],
    ['a claim of another capture', claims(1, JSON.stringify({ ...ONE_CLAIM, capture: 2 })), 'capture'],
    ['too many claims', claims(9, JSON.stringify(ONE_CLAIM)), 'claims'],
    ['a text for a time', claims(1, JSON.stringify({ ...ONE_CLAIM, taken_us: ['1'] })), 'taken_us'],
    ['too many times', claims(1, JSON.stringify({ ...ONE_CLAIM, taken_us: new Array(33).fill(1) })), 'taken_us'],
  ])('of ARP: %s', async (_what, value, name) => {
    const database = openDatabase(await reportOf('attack', pcap([claim(1, 0)])))
    const [[row]] = rowsOf(database, "SELECT max(id) FROM observations WHERE kind = 'arp'")
    database.run(json('claims', claims(1, JSON.stringify(ONE_CLAIM))).replace('id = 1', `id = ${row}`))
    merge(database.export())
    database.run(json('claims', value).replace('id = 1', `id = ${row}`))
    expect(() => merge(database.export())).toThrow(`observations.${name} of row ${row} is not what an analysis writes`)
  })

  test.each([
    ['another capture', json('capture', '2'), 'capture'],
    ['a certificate that is a list', json('certificate', "json('[]')"), 'certificate'],
    ['a time that no calendar has', json('at_us', '9e18'), 'at_us'],
    ['a number for the truth', json('certificate.is_self_issued', '1'), 'is_self_issued'],
    ['a text for a list', json('certificate.names', "'a'"), 'names'],
    [
      'too many names',
      json(
        'certificate.names',
        "(SELECT json_group_array('a' || value) FROM json_each('[' || replace(printf('%.*c', 64, '0'), '0', '0,') || '0]'))",
      ),
      'names',
    ],
  ])('of TLS: %s', async (_what, sql, name) => {
    const database = await tlsReport()
    expect(rowsOf(database, 'SELECT kind FROM observations WHERE id = 1')).toEqual([['tls']])
    database.run(sql)
    expect(() => merge(database.export())).toThrow(`observations.${name} of row 1 is not what an analysis writes`)
  })
})
