// A report -> its export as a log of Zeek or Suricata -> a report of that: the same facts, but for what these logs cannot say.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes, linesOf } from '../support/analysis.ts'
import { ethernet, ipv4, type Layer, raw, tcp, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { dnsAnswer, dnsQuery } from '../support/messages.ts'
import { exported } from './exported.ts'

const DEMO = readFileSync(fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url)))
const ENDS = ['client_ip', 'client_port', 'server_ip', 'server_port', 'transport']
const FLOWS = `(SELECT c.ip AS client_ip, s.ip AS server_ip, flows.* FROM flows JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id)`

test('eve: questions and answers of DNS with their times', async () => {
  const report = await analyzeBytes(DEMO)
  const again = await analyzeBytes(new TextEncoder().encode(exported(report, 'eve')['eve.json']))
  const columns = ['at_us', 'name', 'type', 'response_code', 'answers', 'answer_us', ...ENDS]
  const from = `FROM dns_queries JOIN ${FLOWS} AS flow ON flow.id = flow_id ORDER BY at_us, client_port, name, type`
  const questions = linesOf(report, columns, from)
  expect(questions.length).toBeGreaterThan(5)
  expect(linesOf(again, columns, from)).toEqual(questions)
})

test('eve: names and fingerprints of TLS, QUIC and HTTP', async () => {
  const report = await analyzeBytes(DEMO)
  const again = await analyzeBytes(new TextEncoder().encode(exported(report, 'eve')['eve.json']))
  const columns = [
    ...ENDS,
    'first_us',
    'last_us',
    'client_packets',
    'server_bytes',
    'application',
    'server_name',
    'server_name_source',
    'ja4',
  ]
  const from = `FROM ${FLOWS} WHERE application IN ('tls', 'quic', 'http') AND application_source = 'content' ORDER BY first_us, client_port`
  const requests = linesOf(report, columns, from)
  expect(requests.length).toBeGreaterThan(5)
  expect(linesOf(again, columns, from)).toEqual(requests)
})

const START_US = Date.UTC(2026, 10, 28, 10) * 1000
const CLIENT = '192.168.1.5'
const RESOLVER = '192.168.1.1'
const at = (ms: number, packet: Layer) => ({ atUs: START_US + ms * 1000, bytes: ethernet(packet) })
const NAME = 'www.example.org'
const ask = (ms: number, id: number, type: 'A' | 'AAAA') => at(ms, ipv4(CLIENT, RESOLVER, udp(40_000, 53, dnsQuery(id, NAME, type))))
const eveOf = (report: SqlDatabase) => new TextEncoder().encode(exported(report, 'eve')['eve.json'])

test('eve: questions for one name that are open at the same time, and asked again, have their own answers', async () => {
  const answer = (ms: number, id: number, address: string) =>
    at(ms, ipv4(RESOLVER, CLIENT, udp(53, 40_000, dnsAnswer(id, NAME, 'A', [{ type: 'A', data: address }]))))
  const packets = [
    ask(0, 1, 'A'),
    ask(1, 2, 'AAAA'),
    ask(2, 3, 'A'),
    answer(30, 1, '203.0.113.7'),
    answer(50, 3, '203.0.113.8'),
    ask(90, 4, 'AAAA'),
  ]
  const report = await analyzeBytes(pcap(packets))
  const questions = (database: SqlDatabase) =>
    linesOf(database, ['at_us', 'type', 'response_code', 'answers', 'answer_us'], 'FROM dns_queries ORDER BY at_us')
  expect(questions(report)).toEqual([
    `${START_US} A NOERROR 203.0.113.7 30000`,
    `${START_US + 1000} AAAA   `,
    `${START_US + 2000} A NOERROR 203.0.113.8 48000`,
    `${START_US + 90_000} AAAA   `,
  ])
  expect(questions(await analyzeBytes(eveOf(report)))).toEqual(questions(report))
})

test('eve and zeek: what TLS shows in another protocol, and conversations of protocols without a name', async () => {
  const report = await analyzeBytes(
    pcap([at(0, ipv4(CLIENT, RESOLVER, raw(59, new Uint8Array(8)))), at(1, ipv4(CLIENT, RESOLVER, tcp(40_001, 143, 'S')))]),
  )
  // As of a session that began with STARTTLS.
  report.run(
    `UPDATE flows SET application = 'imap', application_source = 'content', server_name = 'mail.example.org', server_name_source = 'tls',
      ja4 = 't12i190700_d83cc789557e_7af1ed941c26' WHERE transport = 'tcp'`,
  )
  const columns = ['transport', 'client_packets', 'application', 'server_name', 'server_name_source', 'ja4']
  const again = await analyzeBytes(eveOf(report))
  expect(linesOf(again, columns, 'FROM flows ORDER BY id')).toEqual([
    'ip-59 1    ',
    'tcp 1 imap mail.example.org tls t12i190700_d83cc789557e_7af1ed941c26',
  ])
  expect(exported(report, 'zeek')['ssl.log']).toContain('mail.example.org\t')
})

test('eve: names of NetBIOS and requests of HTTP/2 do not make a conversation one of DNS or HTTP', async () => {
  const report = await analyzeBytes(
    pcap([at(0, ipv4(CLIENT, RESOLVER, udp(137, 137, 'x'))), at(1, ipv4(CLIENT, RESOLVER, tcp(40_001, 80, 'S')))]),
  )
  report.run(
    `UPDATE flows SET application = CASE transport WHEN 'udp' THEN 'nbns' ELSE 'http2' END, application_source = 'content',
      server_name = CASE transport WHEN 'tcp' THEN 'www.example.org' END, server_name_source = CASE transport WHEN 'tcp' THEN 'http2' END;
    INSERT INTO dns_queries VALUES (1, 1, ${START_US}, 'server', 'NB', NULL, NULL, NULL)`,
  )
  const again = await analyzeBytes(eveOf(report))
  expect(linesOf(again, ['application', 'server_name'], 'FROM flows ORDER BY id')).toEqual(['nbns ', 'http2 www.example.org'])
  expect(linesOf(again, ['name', 'type'], 'FROM dns_queries')).toEqual(['server NB'])
})

test('netflow-csv: conversations of every protocol', async () => {
  const protocols = [2, 46, 47, 50, 59, 88, 89, 103, 108, 112, 132, 136, 200]
  const report = await analyzeBytes(
    pcap(protocols.map((protocol, i) => at(1000 * i, ipv4(CLIENT, RESOLVER, raw(protocol, new Uint8Array(24)))))),
  )
  const again = await analyzeBytes(new TextEncoder().encode(exported(report, 'netflow-csv')['flows.csv']))
  const columns = ['protocol_number', 'client_ip', 'server_ip', 'first_us', 'client_packets', 'client_bytes']
  const from = `FROM ${FLOWS} ORDER BY first_us`
  expect(linesOf(report, ['protocol_number'], from).map(Number)).toEqual(protocols)
  expect(linesOf(again, columns, from)).toEqual(linesOf(report, columns, from))
})
