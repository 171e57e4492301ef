import { expect, test } from 'vitest'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { ethernet, ipv4, join, type Layer, tcp, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const START_US = 1_767_225_600_000_000

async function findings(userAgent: string, host: string) {
  const there = (flags: string, payload = '') => ipv4('10.0.0.5', '198.51.100.7', tcp(40_000, 80, flags, payload))
  const back = (flags: string, payload = '') => ipv4('198.51.100.7', '10.0.0.5', tcp(80, 40_000, flags, payload))
  const packets: Layer[] = [
    ...[there('S'), back('SA'), there('A')],
    ...[there('PA', `GET / HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${userAgent}\r\n\r\n`), back('PA', 'HTTP/1.1 200 OK\r\n\r\n')],
  ]
  const file = pcap(packets.map((packet, i) => ({ atUs: START_US + i * 1000, bytes: ethernet(packet) })))
  return rows(await analyzeBytes(file), ['rule', 'severity', 'title'], 'FROM alerts ORDER BY id')
}

test('a scanner of web servers is recognised by its user agent', async () => {
  const found = await findings('Mozilla/5.00 (Nikto/2.1.6) (Evasions:None)', 'shop.example')
  expect(found).toMatchObject([{ rule: 'attack-tool', severity: 'medium' }])
  expect(found[0].title).toContain('10.0.0.5 ran Nikto against 198.51.100.7')
})

test('a browser is not one, and a name that only has the same ending is not a test', async () => {
  expect(await findings('Mozilla/5.0 (X11; Linux x86_64)', 'notinternetbadguys.com')).toEqual([])
})

test('a test of the protection against malware', async () => {
  const found = await findings('curl/8.5.0', 'www.internetbadguys.com')
  expect(found.map(({ title }) => title)).toEqual([
    '10.0.0.5 called internetbadguys.com, a name that exists to test protection against malware.',
  ])
})

test('a scanner of telephone exchanges names itself in its first datagram', async () => {
  const options = (agent: string) =>
    join('OPTIONS sip:100@198.51.100.7 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.5\r\nUser-Agent: ', agent, '\r\nCSeq: 1 OPTIONS\r\n\r\n')
  const found = async (agent: string) => {
    const packet = ipv4('10.0.0.5', '198.51.100.7', udp(5060, 5060, options(agent)))
    return rows(await analyzeBytes(pcap([{ atUs: START_US, bytes: ethernet(packet) }])), ['rule', 'title'], 'FROM alerts ORDER BY id')
  }
  expect(await found('friendly-scanner')).toEqual([
    { rule: 'attack-tool', title: expect.stringContaining('10.0.0.5 ran SIPVicious against 198.51.100.7') },
  ])
  expect(await found('Linphone/5.2')).toEqual([])
})
