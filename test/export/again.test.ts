// A report -> its export as a log of Zeek or Suricata -> a report of that: the same facts, but for what these logs cannot say.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { analyzeBytes, linesOf } from '../support/analysis.ts'
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
