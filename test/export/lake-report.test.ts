// `rtnvis report --from LAKE`: the conversations of the report that went into the lake come back out of it, by SQLite's own program. Runs dist/.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lakeFormat, lakeHead } from '../../src/capture/flow-records/lake.ts'
import { FlowRecord } from '../../src/capture/flow-records/record.ts'
import { join as bytesOf, ethernet, hex, ipv4, raw, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { CLI, exportLake, makeDemoLake } from '../support/demo-lake.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'
import { LINK_FIRST_US, LINK_FRAMES, linkCapture } from '../support/link-frames.ts'
import { dnsAnswer, dnsQuery } from '../support/messages.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtnvis-lake-report-'))
const LAKE = join(folder, 'lake')

/** The demo is of 2026-03-17, the other report of 2026-03-02. */
beforeAll(async () => {
  writeFileSync(join(folder, 'other.sqlite'), await makeFilterDatabase())
  makeDemoLake(folder, LAKE, 'one')
  exportLake(join(folder, 'other.sqlite'), LAKE, '--sensor', 'two')
})
afterAll(() => rmSync(folder, { recursive: true }))

function report(out: string, ...options: string[]) {
  return spawnSync(process.execPath, [CLI, 'report', '--from', LAKE, '-o', out, '-q', ...options], { encoding: 'utf8', cwd: folder })
}

function sqlite(name: string, sql: string): unknown[] {
  return JSON.parse(execFileSync('sqlite3', ['-json', join(folder, name, 'traffic.sqlite'), sql], { encoding: 'utf8' }) || '[]')
}

const FLOWS = `SELECT c.ip AS client, client_port, s.ip AS server, server_port, f.first_us, f.last_us, client_packets, server_packets, client_bytes, server_bytes,
    client_tcp_flags, server_tcp_flags, state, transport, application, application_source, server_name, server_name_source, ja4, c.name AS client_name, s.name AS host_name,
    p.city, p.country_code
  FROM flows f JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id LEFT JOIN places p ON p.id = s.place_id`
const ORDER = 'ORDER BY f.first_us, c.ip, client_port, s.ip, server_port, f.last_us'

test('a day has the conversations, names, questions and findings of its capture, and a page', () => {
  const made = report('day', '--since', '2026-03-17', '--until', '2026-03-17')
  expect([made.status, made.stderr.split('\n').filter((line) => !/GeoLite2/.test(line))]).toEqual([0, ['']])
  expect(sqlite('day', `${FLOWS} ${ORDER}`)).toEqual(sqlite('demo', `${FLOWS} ${ORDER}`))
  const questions = 'SELECT at_us, name, type, response_code, answers, answer_us FROM dns_queries ORDER BY at_us, name, type, answer_us'
  expect(sqlite('day', questions)).toEqual(sqlite('demo', questions))
  const totals = 'SELECT ip, sent_bytes, received_packets FROM hosts ORDER BY ip'
  expect(sqlite('day', totals)).toEqual(sqlite('demo', totals))
  const findings = "SELECT rule, severity, title FROM alerts WHERE severity <> 'info' ORDER BY title"
  expect(sqlite('day', findings)).toEqual(sqlite('demo', findings))
  expect(existsSync(join(folder, 'day/index.html'))).toBe(true)
  expect(sqlite('day', "SELECT format, warnings LIKE '%made from rtnvis lake, not from packets: times%' AS told FROM captures")).toEqual([
    { format: 'flow records: rtnvis lake', told: 1 },
  ])
})

test('a span has what began in it, --only what a filter of the page finds', () => {
  report('span', '--no-site', '--since', '2026-03-17T09:02', '--until', '2026-03-17T09:03')
  const minute = (text: string) => Date.parse(`2026-03-17T${text}:00Z`) * 1000
  expect(sqlite('span', `${FLOWS} ${ORDER}`)).toHaveLength(
    sqlite('demo', `${FLOWS} WHERE f.first_us >= ${minute('09:02')} AND f.first_us < ${minute('09:04')}`).length,
  )
  const filters: [string, string][] = [
    ['country:IS or from:192.168.10.24', "p.country_code = 'IS' OR c.ip = '192.168.10.24'"],
    [
      'port:443 -host:*.example.com bytes>10k',
      "server_port = 443 AND coalesce(s.name, '') NOT LIKE '%.example.com' AND client_bytes + server_bytes > 10000",
    ],
    ['state:REJ,S0 proto:tcp scope:public', "state IN ('REJ', 'S0') AND transport = 'tcp' AND (c.scope = 'public' OR s.scope = 'public')"],
    ['app:quic', "application = 'quic'"],
    ['from:192.168.10.24 or ip:178.132.135.5', "c.ip = '192.168.10.24' OR '178.132.135.5' IN (c.ip, s.ip)"],
    [
      'ip:192.168.10.24 port<1024 -to:178.132.135.5',
      "'192.168.10.24' IN (c.ip, s.ip) AND (client_port < 1024 OR server_port < 1024) AND s.ip <> '178.132.135.5'",
    ],
  ]
  for (const [filter, where] of filters) {
    report('only', '--no-site', '--since', '2026-03-17', '--only', filter)
    const wanted = sqlite('demo', `${FLOWS} WHERE ${where} ${ORDER}`)
    expect(wanted.length).toBeGreaterThan(3)
    const key = (row: unknown) => [
      (row as { first_us: number }).first_us,
      (row as { client: string }).client,
      (row as { server: string }).server,
    ]
    expect(sqlite('only', `${FLOWS} ${ORDER}`).map(key), filter).toEqual(wanted.map(key))
  }
  report('all', '--no-site')
  // One of the eight in the other report is impossible: its ends are of two families.
  expect(
    sqlite(
      'all',
      "SELECT (SELECT count(*) FROM flows) AS n, warnings LIKE '%a line was left out, first in line 8 %' AS told FROM captures",
    ),
  ).toEqual([{ n: 1243 + 7, told: 1 }])
})

test('--sensor takes what one sensor saw', () => {
  report('sensor', '--no-site', '--sensor', 'two')
  expect(sqlite('sensor', 'SELECT count(*) AS n, max(first_us) < 1773700000000000 AS early FROM flows')).toEqual([{ n: 7, early: 1 }])
})

test('a Community ID finds its conversation in a lake without them', () => {
  exportLake(join(folder, 'demo'), join(folder, 'lake2'), '--no-community-id')
  const [wanted] = sqlite(
    'demo',
    `SELECT community_id AS id, first_us FROM flows WHERE server_port = 443 ORDER BY id LIMIT 1 OFFSET 5`,
  ) as { id: string; first_us: number }[]
  execFileSync(process.execPath, [CLI, 'report', '--from', 'lake2', '-o', 'one', '-q', '--no-site', '--only', `cid:"${wanted.id}"`], {
    cwd: folder,
  })
  expect(sqlite('one', 'SELECT community_id AS id, first_us FROM flows')).toEqual([wanted])
})

test('frames without IP come back, added up over captures; a filter of conversations leaves them out', () => {
  for (const name of ['a', 'b']) {
    // Frames of the same stations are in both captures.
    const later = name === 'a' ? 0 : 3_600_000_000
    const udpPacket = ethernet(ipv4('192.168.1.5', '198.51.100.7', udp(40_000, 9000, name)))
    const frames = LINK_FRAMES.slice(0, name === 'a' ? undefined : 3)
    const packets = [...frames, udpPacket].map((bytes, i) => ({ atUs: LINK_FIRST_US + later + i, bytes }))
    writeFileSync(join(folder, `${name}.pcap`), pcap(packets))
  }
  const run = (...args: string[]) => execFileSync(process.execPath, [CLI, ...args, '-q'], { cwd: folder })
  run('analyze', 'a.pcap', 'b.pcap', '-o', 'both', '--no-site')
  for (const name of ['a', 'b']) {
    run('analyze', `${name}.pcap`, '-o', `of-${name}`, '--no-site')
    run('export', `of-${name}`, '--to', 'parquet', '-o', 'lake3', '--sensor', name)
  }
  run('report', '--from', 'lake3', '-o', 'links', '--no-site')
  const rows = `SELECT source_mac, destination_mac, protocol, source_vendor, destination_vendor, packets, bytes, first_us, last_us,
    source_addresses FROM link_traffic ORDER BY source_mac, destination_mac, protocol`
  expect(sqlite('both', rows).length).toBeGreaterThan(3)
  expect(sqlite('both', rows)).toContainEqual(expect.objectContaining({ source_addresses: '192.168.7.10' }))
  expect(sqlite('links', rows)).toEqual(sqlite('both', rows))
  const skipped = 'SELECT reason, sum(packets) AS packets FROM skipped GROUP BY reason ORDER BY reason'
  expect(sqlite('links', skipped)).toEqual(sqlite('both', skipped))
  const times =
    "SELECT key, value FROM meta WHERE key IN ('first_us', 'last_us', 'packets', 'ip_packets', 'link_packets_unlisted') ORDER BY key"
  expect(sqlite('links', times)).toEqual(sqlite('both', times))
  const verified = execFileSync(process.execPath, [CLI, 'verify', 'links'], { cwd: folder, encoding: 'utf8' })
  expect(verified).toContain('packets without IP: agrees (12: 12 in link_traffic, 0 unlisted)')
  // All its facts are in the lake: the line says how they can be checked.
  expect(verified).toMatch(
    /not checked: its rows are those of a lake or database, which is not read: rtnvis report --from it with the same options/,
  )
  run('report', '--from', 'lake3', '-o', 'filtered', '--no-site', '--only', 'proto:udp')
  expect(sqlite('filtered', rows)).toEqual([])
  const asked = execFileSync(process.execPath, [CLI, 'query', 'SELECT sum(packets) AS n FROM link_traffic', 'lake3', '--json'], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(JSON.parse(asked)).toEqual(sqlite('both', 'SELECT sum(packets) AS n FROM link_traffic'))
})

test('files of frames without IP may be older than the addresses of stations', async () => {
  const links = join(folder, 'lake3', 'link_traffic')
  const file = readdirSync(links, { recursive: true, encoding: 'utf8' }).find(
    (path) => path.includes('sensor=a') && path.endsWith('.parquet'),
  )!
  const path = join(links, file)
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(`CREATE TABLE links AS SELECT * EXCLUDE (source_addresses, day, sensor) FROM read_parquet('${path}')`)
  await connection.run(`COPY links TO '${path}'`)
  connection.closeSync()
  const run = (...args: string[]) => execFileSync(process.execPath, [CLI, ...args, '--json'], { cwd: folder, encoding: 'utf8' })
  const asked = (where: string) =>
    JSON.parse(run('query', `SELECT sum(packets) AS n, max(source_addresses) AS ip FROM link_traffic ${where}`, 'lake3'))
  const [{ packets }] = sqlite('both', 'SELECT sum(packets) AS packets FROM link_traffic') as { packets: number }[]
  expect(asked('')).toEqual([{ n: packets, ip: '192.168.7.10' }])
  expect(asked("WHERE sensor = 'a'")).toEqual([{ n: expect.any(Number), ip: null }])
})

test('tunnels, conversations without ports, NetBIOS and all DNS names come back as the capture has them', () => {
  const [client, server] = ['192.168.1.5', '198.51.100.7']
  const dns = (reply: Uint8Array) => ipv4('192.168.1.1', client, udp(53, 40_000, reply))
  const layers = [
    ipv4(client, '192.168.1.1', udp(40_000, 53, dnsQuery(1, 'first.example'))),
    dns(dnsAnswer(1, 'first.example', 'A', [{ type: 'A', data: server }])),
    // A second name of the server, and an answer whose question was not captured.
    dns(dnsAnswer(2, 'second.example', 'A', [{ type: 'A', data: server }])),
    ipv4(client, server, udp(40_001, 9000, 'x')),
    ipv4(
      client,
      server,
      udp(40_002, 4789, bytesOf(hex('08000000 00000100'), ethernet(ipv4('10.0.0.1', '10.0.0.2', udp(40_003, 2000, 'x'))))),
    ),
    ipv4(client, server, raw(17, 'a later fragment'), { identification: 9, fragmentOffset: 1480 }),
    // NBSTAT for "*" (RFC 1002 4.2.18).
    ipv4(client, '192.168.1.9', udp(137, 137, hex(`0001 0000 0001 0000 0000 0000 20 434b${'41'.repeat(30)} 00 0021 0001`))),
  ]
  writeFileSync(join(folder, 'kinds.pcap'), pcap(layers.map((packet, i) => ({ atUs: LINK_FIRST_US + i, bytes: ethernet(packet) }))))
  const run = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args, '-q'], { cwd: folder, encoding: 'utf8' })
  run('analyze', 'kinds.pcap', '-o', 'kinds', '--no-site')
  run('export', 'kinds', '--to', 'parquet', '-o', 'lake5', '--sensor', 'one')
  run('report', '--from', 'lake5', '-o', 'kinds-again', '--no-site')
  const flows = `SELECT transport, c.ip AS client, client_port, s.ip AS server, server_port, client_packets, server_packets, application,
    application_source, server_name, tunnel FROM flows JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id ORDER BY 2, 3, 4`
  expect(sqlite('kinds', flows)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ client: '10.0.0.1', tunnel: 'vxlan' }),
      expect.objectContaining({ transport: 'udp', client_port: null, server: server }),
      expect.objectContaining({ server: '192.168.1.9', application: 'nbns', application_source: 'content' }),
    ]),
  )
  expect(sqlite('kinds-again', flows)).toEqual(sqlite('kinds', flows))
  const questions = 'SELECT at_us, name, type, response_code, answers, answer_us FROM dns_queries ORDER BY at_us'
  expect(sqlite('kinds', questions)).toContainEqual(
    expect.objectContaining({ name: 'second.example', response_code: 'NOERROR', answer_us: null }),
  )
  expect(sqlite('kinds-again', questions)).toEqual(sqlite('kinds', questions))
  const names = 'SELECT ip, n.name, source, count FROM names n JOIN hosts h ON h.id = host_id ORDER BY 1, 2'
  const twoNames = (count: number) => ['first.example', 'second.example'].map((name) => ({ ip: server, name, source: 'dns', count }))
  expect(sqlite('kinds', names)).toEqual(twoNames(1))
  expect(sqlite('kinds-again', names)).toEqual(twoNames(1))
  // The server is shown with one of its names, its conversations bear the other.
  expect(sqlite('kinds', `SELECT name FROM hosts WHERE ip = '${server}'`)).toEqual([{ name: 'first.example' }])
  run('report', '--from', 'lake5', '-o', 'kinds-named', '--no-site', '--only', 'host:second.example')
  expect(sqlite('kinds-named', flows)).toEqual(sqlite('kinds', flows).filter((row) => (row as { server: string }).server === server))
  run('export', 'kinds', '--to', 'parquet', '-o', 'lake5', '--sensor', 'two')
  run('report', '--from', 'lake5', '-o', 'kinds-twice', '--no-site')
  expect(sqlite('kinds-twice', names)).toEqual(twoNames(2))
})

test('an address that one capture of a lake looks up has its name in a later one, as in a merge', () => {
  const [client, server, resolver] = ['192.168.1.5', '198.51.100.7', '192.168.1.1']
  const answer = (id: number, name: string, port = 53) =>
    ipv4(resolver, client, udp(port, port === 53 ? 40_000 + id : port, dnsAnswer(id, name, 'A', [{ type: 'A', data: server }])))
  const contact = (port: number) => ipv4(client, server, udp(port, 9999, 'x'))
  const hours = [
    [answer(1, 'first.example'), answer(2, 'first.example')],
    // Nothing of the link names a host that is elsewhere.
    [contact(41_000), answer(4, 'neighbour.local', 5353)],
    [contact(42_000), answer(3, 'second.example'), contact(42_001)],
    [contact(43_000), answer(5, 'third.example')],
  ]
  const run = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args, '-q'], { cwd: folder, encoding: 'utf8' })
  const names = hours.map((_, hour) => `looked-${hour}`)
  for (const [hour, layers] of hours.entries()) {
    const atUs = LINK_FIRST_US + hour * 3_600_000_000
    writeFileSync(join(folder, `${names[hour]}.pcap`), pcap(layers.map((layer, i) => ({ atUs: atUs + i * 1000, bytes: ethernet(layer) }))))
    run('analyze', `${names[hour]}.pcap`, '-o', names[hour], '--no-site')
  }
  run('export', ...names, '--to', 'parquet', '-o', 'lake-looked', '--sensor', 'one')
  run('report', '--from', 'lake-looked', '-o', 'looked', '--no-site')
  run('merge', ...names, '-o', 'looked-merged', '--no-site')
  const conversations =
    'SELECT client_port AS port, server_name AS name, server_name_source AS source FROM flows WHERE server_port = 9999 ORDER BY 1'
  const named = ['first', 'first', 'second', 'second'].map((name, i) => {
    return { port: [41_000, 42_000, 42_001, 43_000][i], name: `${name}.example`, source: 'dns' }
  })
  expect(sqlite('looked-merged', conversations)).toEqual(named)
  expect(sqlite('looked', conversations)).toEqual(named)
  const ofHosts = 'SELECT ip, n.name, source, n.first_us, count FROM names n JOIN hosts h ON h.id = host_id ORDER BY 1, 2, 3'
  expect(sqlite('looked', ofHosts)).toEqual(sqlite('looked-merged', ofHosts))
  expect(sqlite('looked', ofHosts)).toContainEqual({ ip: server, name: 'first.example', source: 'dns', first_us: LINK_FIRST_US, count: 2 })
  run('report', '--from', 'lake-looked', '-o', 'looked-only', '--no-site', '--only', 'port:9999')
  expect(sqlite('looked-only', conversations)).toEqual(named)
})

test('conversations of ICMP have their Community IDs again, unless the lake leaves them out', () => {
  const icmp = (from: string, to: string, type: string) => ethernet(ipv4(from, to, raw(1, hex(`${type} 0000 00000000`))))
  const frames = [
    icmp('192.168.1.5', '198.51.100.7', '0800'),
    icmp('198.51.100.7', '192.168.1.5', '0000'),
    icmp('192.168.1.9', '192.168.1.5', '0303'),
    // Only the answer was captured: who sent it is the server.
    icmp('198.51.100.9', '192.168.1.5', '0000'),
  ]
  writeFileSync(join(folder, 'icmp.pcap'), pcap(frames.map((bytes, i) => ({ atUs: LINK_FIRST_US + i, bytes }))))
  const run = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args, '-q'], { cwd: folder, encoding: 'utf8' })
  run('analyze', 'icmp.pcap', '-o', 'icmp', '--no-site')
  const ids = `SELECT c.ip AS client, s.ip AS server, community_id AS id FROM flows f JOIN hosts c ON c.id = client_host_id
    JOIN hosts s ON s.id = server_host_id ORDER BY f.first_us`
  for (const [lake, ...options] of [['lake-ids'], ['lake-no-ids', '--no-community-id']]) {
    run('export', 'icmp', '--to', 'parquet', '-o', lake, '--sensor', 'one', ...options)
    run('report', '--from', lake, '-o', `report-${lake}`, '--no-site')
    run('report', '--from', lake, '-o', `only-${lake}`, '--no-site', '--only', 'icmp')
  }
  const known = sqlite('icmp', ids) as { id: string }[]
  expect(known.map(({ id }) => id.slice(0, 2))).toEqual(['1:', '1:', '1:'])
  for (const name of ['report-lake-ids', 'only-lake-ids']) expect(sqlite(name, ids), name).toEqual(known)
  expect(sqlite('report-lake-no-ids', ids)).toEqual(known.map((row) => ({ ...row, id: null })))
})

test('a lake may have frames without IP alone', () => {
  writeFileSync(join(folder, 'frames.pcap'), linkCapture())
  const run = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args, '-q'], { cwd: folder, encoding: 'utf8' })
  run('analyze', 'frames.pcap', '-o', 'frames', '--no-site')
  run('export', 'frames', '--to', 'parquet', '-o', 'lake4')
  expect(run('report', '--from', 'lake4', '-o', 'frames-again', '--no-site')).toMatchObject({ status: 0, stderr: '' })
  const rows = 'SELECT source_mac, destination_mac, protocol, packets, source_addresses FROM link_traffic ORDER BY 1, 2, 3'
  expect(sqlite('frames-again', rows)).toEqual(sqlite('frames', rows))
  const other = run('report', '--from', 'lake4', '-o', 'other', '--no-site', '--since', '2030-01-01')
  expect([other.status, other.stderr]).toEqual([1, 'rtnvis: lake4 has no conversations\n'])
})

test('the same lake and options give the same bytes', () => {
  const bytes = ['first', 'again'].map((out) => {
    expect(report(out, '--no-site').status).toBe(0)
    return readFileSync(join(folder, out, 'traffic.sqlite'))
  })
  expect(bytes[0].equals(bytes[1])).toBe(true)
})

test('what a lake cannot answer is one line, and leaves no report', () => {
  const lines: [string[], number, RegExp][] = [
    [
      ['--since', '2027-01-01'],
      1,
      /^rtnvis: .+: there are no conversations that began since 2027-01-01; it has the days 2026-03-02 to 2026-03-17, of 2 sensors: one, two\n$/,
    ],
    [
      ['--sensor', 'three'],
      1,
      /there are no conversations of sensor three; it has the days 2026-03-02 to 2026-03-17, of 2 sensors: one, two\n$/,
    ],
    [['--since', '90s'], 2, /^rtnvis: --since must be a time in UTC: 2026-03-02 or 2026-03-02T10:00\n$/],
    [['--since', '2026-03-18', '--until', '2026-03-17'], 2, /^rtnvis: --since is later than --until\n$/],
    [['--only', 'alert:any'], 2, /^rtnvis: --only "alert:any": a lake does not know the conversations of findings: filter the report\n$/],
    [['--only', 'rtt>5ms'], 2, /a lake does not know TCP health/],
    [['--only', 'time:30s'], 2, /use --since and --until\n$/],
    [['--only', 'port:x'], 2, /^rtnvis: --only: .+ \(character \d+ of "port:x"\)\n$/],
  ]
  for (const [options, status, line] of lines) {
    const { status: found, stderr } = report('none', ...options)
    expect([options, found, stderr.split('\n').length]).toEqual([options, status, 2])
    expect(stderr).toMatch(line)
    expect(existsSync(join(folder, 'none'))).toBe(false)
  }
})

test('impossible rows of a hostile lake are left out with a reason', () => {
  const flow = ['flow', 1e15, 2e15, 6, '10.0.0.1', 1, '10.0.0.2', 2, 1, 0, 60, 0, 2, 0, 'S0', null, null, null, null, null, null]
  const changed = (at: number, value: unknown) => JSON.stringify(flow.map((old, i) => (i === at ? value : old)))
  const format = lakeFormat(lakeHead('all conversations'))!
  const record = new FlowRecord()
  expect(format.read(JSON.stringify(flow), record)).toBe('')
  expect(format.read(changed(1, -5), record)).toBe('its time or duration is not one')
  expect(format.read(changed(4, '0.0.0.0/0'), record)).toBe('its addresses are not two of one family')
  expect(format.read(changed(5, 70000), record)).toBe('a port is not a number from 0 to 65535')
  expect(format.read(changed(10, 1.5), record)).toBe('a number of packets or bytes is negative, too large or no number')
  for (const line of ['{}', '[]', '["row"]', 'x']) expect(format.read(line, record)).toBe('it is not a row of a lake')
  expect(format.read('["name","nowhere","a","dhcp",1,1]', record)).toBe('its address is not one')
  const link = ['link', '00:00:5e:00:53:01', 'ff:ff:ff:ff:ff:ff', 'ARP', 2, 120, 1e15, 2e15, '10.0.0.2, x, 10.0.0.1']
  const changedLink = (at: number, value: unknown) => format.read(JSON.stringify(link.map((old, i) => (i === at ? value : old))), record)
  expect(changedLink(2, '')).toBe(null)
  expect(changedLink(1, '')).toBe('its hardware addresses are not two')
  expect(changedLink(2, '<b>')).toBe('its hardware addresses are not two')
  expect(changedLink(3, 'x'.repeat(256))).toBe('its protocol is not one')
  expect(changedLink(4, 0)).toBe('a number of packets or bytes is negative, too large or no number')
  expect(changedLink(5, -1)).toBe('a number of packets or bytes is negative, too large or no number')
  expect(changedLink(7, 5)).toBe('its time is not one')
  expect(lakeFormat('["rtnvis lake",1,5]\n')).toBe(null)
})
