// Zeek's dns.log, ssl.log and http.log beside conn.log, written by hand -> names of conversations and hosts, DNS questions.
import { expect, test } from 'vitest'
import { type AnalysisOptions, analyze } from '../../src/analyze.ts'
import { flowRecordReaderOf } from '../../src/capture/flow-records/index.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { numberOf, rows, sourceOf } from '../support/analysis.ts'

const ENDS = 'ts uid id.orig_h id.orig_p id.resp_h id.resp_p'.split(' ')
/** Fields beyond the ends, and lines: '-' is unset, spaces divide. */
const LOGS = {
  conn: {
    fields: 'proto service duration conn_state orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes'.split(' '),
    lines: [
      '100.250000 C1 192.168.1.10 50000 198.51.100.53 53 udp dns 0.040000 SF 1 58 1 128',
      '101.000000 C2 192.168.1.10 50001 198.51.100.34 443 tcp ssl 4.500000 SF 120 7240 200 60400',
      '102.000000 C3 192.168.1.10 50002 198.51.100.34 80 tcp http 1.000000 SF 5 500 4 900',
      '103.000000 C4 192.168.1.10 50003 203.0.113.7 45000 tcp - 1.000000 SF 5 500 4 900',
      '104.000000 C5 192.168.1.10 50004 198.51.100.34 443 udp ssl,quic 1.000000 SF 5 500 4 900',
      '105.000000 C6 192.168.1.10 50005 198.51.100.34 5684 udp dtls 1.000000 SF 5 500 4 900',
    ],
  },
  dns: {
    fields: 'proto trans_id rtt query qtype_name rcode_name answers'.split(' '),
    lines: [
      '100.250000 C1 192.168.1.10 50000 198.51.100.53 53 udp 7 0.040000 CDN.example.net A NOERROR x.example.net,203.0.113.7',
      '100.260000 C1 192.168.1.10 50000 198.51.100.53 53 udp 8 - gone.example.net A NXDOMAIN -',
      '100.270000 C1 192.168.1.10 50000 198.51.100.53 53 udp 9 - lost.example.net AAAA - -',
    ],
  },
  ssl: {
    fields: 'version cipher server_name ja4'.split(' '),
    lines: [
      '101.100000 C2 192.168.1.10 50001 198.51.100.34 443 TLSv12 - www.example.com t12d190700_d83cc789557e_7af1ed941c26',
      // QUIC, and DTLS whose version was not seen.
      '104.100000 C5 192.168.1.10 50004 198.51.100.34 443 - - quic.example.com -',
      '105.100000 C6 192.168.1.10 50005 198.51.100.34 5684 - - dtls.example.com -',
      // Of another time: the conversation with these ends is not that one.
      '900.000000 C9 192.168.1.10 50003 203.0.113.7 45000 TLSv13 - other.example.com -',
    ],
  },
  http: {
    fields: 'trans_depth method host uri tags'.split(' '),
    lines: ['102.100000 C3 192.168.1.10 50002 198.51.100.34 80 1 GET plain.example.com:80 / (empty)'],
  },
}
type Log = keyof typeof LOGS

const fieldsOf = (log: Log) => [...ENDS, ...LOGS[log].fields]
const tsv = (log: Log) =>
  `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t${log}\n#fields\t${fieldsOf(log).join('\t')}\n` +
  LOGS[log].lines.map((line) => `${line.replaceAll(' ', '\t')}\n`).join('')
const json = (log: Log) =>
  LOGS[log].lines
    .map((line) => {
      const cells = line.split(' ').map((cell, i): [string, unknown] => {
        const name = fieldsOf(log)[i]
        if (name === 'answers') return [name, cell === '-' ? '-' : cell.split(',')]
        if (name === 'tags') return [name, []]
        return [name, /^[0-9]+(\.[0-9]+)?$/.test(cell) ? Number(cell) : cell]
      })
      return `${JSON.stringify(Object.fromEntries(cells.filter(([, cell]) => cell !== '-')))}\n`
    })
    .join('')

const OPTIONS: AnalysisOptions = {
  ...{ reportName: 'test', programVersion: '0.0.0', maxPackets: 10 },
  origin: { name: 'Nairobi, Kenya', latitudeDeg: -1.286389, longitudeDeg: 36.817223, source: 'default' },
}

async function analyzeLogs(texts: string[]): Promise<SqlDatabase> {
  const sqlite = loadSqlite()
  const sources = texts.map((text, i) => sourceOf(new TextEncoder().encode(text), 100, `${i}.log`))
  return (await sqlite)(await analyze(sources, { geoip: Promise.resolve(null), openDatabase: sqlite }, OPTIONS))
}

test.each([
  ['TSV', tsv, 8],
  ['JSON', json, 2],
] as const)('names and questions of the logs beside conn.log, in any order: %s', async (_, write, line) => {
  for (const logs of [
    ['conn', 'dns', 'ssl', 'http'],
    ['ssl', 'http', 'dns', 'conn'],
  ] as const) {
    const database = await analyzeLogs(logs.map(write))
    const flows = rows(database, ['client_port', 'application', 'server_name', 'server_name_source', 'ja4'], 'FROM flows ORDER BY first_us')
    expect(flows.map((row) => Object.values(row).join(' '))).toEqual([
      '50000 dns   ',
      '50001 tls www.example.com tls t12d190700_d83cc789557e_7af1ed941c26',
      '50002 http plain.example.com http ',
      '50003  cdn.example.net dns ',
      '50004 quic quic.example.com quic ',
      '50005 dtls dtls.example.com dtls ',
    ])
    // With the line of its conversation in conn.log, which has a place in the report.
    const identities = rows(database, ['ip', 'kind', 'frame'], 'FROM identities JOIN hosts ON hosts.id = host_id')
    expect(identities.filter(({ kind }) => kind === 'ja4').map((row) => Object.values(row).join(' '))).toEqual([`192.168.1.10 ja4 ${line}`])
    const questions = rows(database, ['at_us', 'name', 'type', 'response_code', 'answers', 'answer_us'], 'FROM dns_queries ORDER BY at_us')
    expect(questions.map((row) => Object.values(row).join(' '))).toEqual([
      '100250000 cdn.example.net A NOERROR x.example.net 203.0.113.7 40000',
      '100260000 gone.example.net A NXDOMAIN  ',
      '100270000 lost.example.net AAAA   ',
    ])
    const names = rows(database, ['ip', 'names.name'], 'FROM names JOIN hosts ON hosts.id = host_id ORDER BY ip, names.name')
    expect(names.map((row) => Object.values(row).join(' '))).toEqual([
      '198.51.100.34 dtls.example.com',
      '198.51.100.34 plain.example.com',
      '198.51.100.34 quic.example.com',
      '198.51.100.34 www.example.com',
      '203.0.113.7 cdn.example.net',
    ])
    const [ssl] = rows(database, ['packets', 'warnings'], `FROM captures WHERE format LIKE '%ssl.log%'`)
    expect(ssl.packets).toBe(0)
    expect(ssl.warnings).toMatch(/^Zeek ssl\.log \((TSV|JSON)\) has names and no conversations: they are in conn\.log/)
    database.close()
  }
})

test('of many conversations with the same ends, a name goes to the one of its time', async () => {
  // From one port, minutes apart and out of order.
  const times = Array.from({ length: 400 }, (_, i) => 1000 + 1000 * ((i * 7) % 400))
  const lines = times.map((at) => `${at}.000000 C${at} 192.168.1.10 5000 198.51.100.34 5000 tcp - 1.000000 SF 5 500 4 900`)
  const named = [50_000, 399_000].map((at) => `${at + 0.5} C${at} 192.168.1.10 5000 198.51.100.34 5000 TLSv13 - at-${at}.example.com -`)
  const log = (of: Log, rows: string[]) =>
    tsv(of)
      .split('\n')
      .slice(0, 6)
      .concat(
        rows.map((row) => row.replaceAll(' ', '\t')),
        '',
      )
      .join('\n')
  const database = await analyzeLogs([log('conn', lines), log('ssl', named)])
  expect(rows(database, ['first_us', 'server_name'], "FROM flows WHERE server_name != '' ORDER BY first_us")).toEqual([
    { first_us: 50_000_000_000, server_name: 'at-50000.example.com' },
    { first_us: 399_000_000_000, server_name: 'at-399000.example.com' },
  ])
  expect(numberOf(database, 'SELECT count(*) FROM flows')).toBe(400)
})

test('a log of names alone gives a report without conversations that says so', async () => {
  const database = await analyzeLogs([tsv('dns')])
  expect(numberOf(database, 'SELECT count(*) FROM flows')).toBe(0)
  expect(rows(database, ['warnings'], 'FROM captures')[0].warnings).toContain('they are in conn.log')
})

test('a damaged line is told with its line and byte', async () => {
  const text = tsv('ssl').replace('198.51.100.34', '198.51.100.340')
  const database = await analyzeLogs([tsv('conn'), text])
  expect(rows(database, ['warnings'], 'FROM captures ORDER BY packets')[0].warnings).toMatch(
    /\na line was left out, first in line 7 \(byte \d+\): its addresses and ports are not those of two ends$/,
  )
})

test('each log is told from the others and from those that are not read', () => {
  const format = (text: string) => flowRecordReaderOf(new TextEncoder().encode(text))?.format.replace('flow records: ', '') ?? null
  for (const log of Object.keys(LOGS) as Log[]) {
    expect(format(tsv(log))).toBe(`Zeek ${log}.log (TSV)`)
    expect(format(json(log))).toBe(`Zeek ${log}.log (JSON)`)
  }
  // A session without a name, whose other fields the writer did not know.
  const unnamed = { ts: 101, uid: 'C2', 'id.orig_h': '192.168.1.10', 'id.orig_p': 50_001, 'id.resp_h': '198.51.100.34', 'id.resp_p': 443 }
  expect(format(`${JSON.stringify(unnamed)}\n${JSON.stringify({ ...unnamed, ja4: 'q13d0211an_62ed6f6ca7ad_4d634acda6c0' })}\n`)).toBe(
    'Zeek ssl.log (JSON)',
  )
  expect(format(tsv('dns').replace('#path\tdns', '#path\tweird'))).toBeNull()
  // smtp.log and sip.log have trans_depth as http.log has.
  expect(format('{"ts":1,"id.orig_h":"10.0.0.1","trans_depth":1,"helo":"x"}\n')).toBeNull()
  expect(format('{"ts":1,"id.orig_h":"10.0.0.1","trans_depth":0,"method":"INVITE","uri":"sip:a"}\n')).toBeNull()
})

test('a separator inside an answer does not end it: a text names no address, in either form of the log', async () => {
  // A TXT record with "a\\,198.51.100.34": Zeek writes the separator of sets inside a value as \x2c, a backslash as \x5c.
  const line = '100.250000 C1 192.168.1.10 50000 198.51.100.53 53 udp 7 0.040000 evil.example TXT NOERROR '
  const header = tsv('dns').slice(0, tsv('dns').indexOf('\n100.') + 1)
  const tabs = header + `${line}a\\x5c\\x2c198.51.100.34,203.0.113.7\n`.replaceAll(' ', '\t')
  const object = { ...JSON.parse(json('dns').split('\n', 1)[0]), query: 'evil.example', answers: ['a\\,198.51.100.34', '203.0.113.7'] }
  for (const dns of [tabs, JSON.stringify(object)]) {
    const database = await analyzeLogs([tsv('conn'), dns])
    expect(rows(database, ['answers'], "FROM dns_queries WHERE name = 'evil.example'")).toEqual([
      { answers: 'a\\,198.51.100.34 203.0.113.7' },
    ])
    expect(rows(database, ['ip'], "FROM names JOIN hosts ON hosts.id = host_id WHERE names.name = 'evil.example'")).toEqual([
      { ip: '203.0.113.7' },
    ])
    database.close()
  }
})
