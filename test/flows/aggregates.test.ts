// More conversations than there is room for: rows that stand for many, in which no packet and no byte is lost.
import { describe, expect, test } from 'vitest'
import { checkDatabase } from '../../src/verify/database.ts'
import { analyzeBytes, numberOf, rows } from '../support/analysis.ts'
import { ethernet, icmp, ipv4, ipv6, type Layer, tcp, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { FIXTURES } from '../support/fixtures.ts'
import { flowsOf } from '../support/flows.ts'

const CLIENT = '192.0.2.1'
const SERVER = '198.51.100.2'
const syn = (port: number, from = CLIENT): Layer => ipv4(from, SERVER, tcp(port, 80, 'S', '', { sequence: port }))

/** Of each row: both ends, the first one's port (null for none), packets there and back, state. */
function rowsOf(packets: Layer[], maxFlows: number): unknown[][] {
  const { flows } = flowsOf(
    packets.map((packet, i) => [i, packet]),
    0,
    maxFlows,
  )
  const { table, hosts } = flows
  return Array.from({ length: table.count }, (_, flow) => {
    const port = table.firstPort(flow)
    const ends = [hosts.ip(table.firstHost(flow)), hosts.ip(table.otherHost(flow)), port < 0 ? null : port]
    return [...ends, table.forwardPackets(flow), table.backwardPackets(flow), table.state(flow, flows.isFirstClient(flow))]
  })
}

describe('beyond the limit', () => {
  const four = [1, 2, 3, 4].map((port) => syn(port))

  test('attempts of a host are one row, with the answers to them', () => {
    const answer = ipv4(SERVER, CLIENT, tcp(80, 6, 'SA'))
    expect(rowsOf([...four, syn(5), syn(6), answer, syn(7)], 4).slice(4)).toEqual([[CLIENT, SERVER, null, 3, 1, 'OTH']])
  })

  test('a connection under way gets a row of its own, a known one continues in its row', () => {
    const eight = [1, 2, 3, 4, 5, 6, 7, 8].map((port) => syn(port))
    const later = [ipv4(CLIENT, SERVER, tcp(9, 80, 'A')), ipv4(SERVER, CLIENT, tcp(80, 9, 'FA')), ipv4(SERVER, CLIENT, tcp(80, 1, 'RA'))]
    const found = rowsOf([...eight, syn(9), ...later], 8)
    expect(found[0]).toEqual([CLIENT, SERVER, 1, 1, 1, 'REJ'])
    expect(found.slice(8)).toEqual([
      [CLIENT, SERVER, null, 1, 0, 'OTH'],
      [CLIENT, SERVER, 9, 1, 1, 'OTH'],
    ])
  })

  test('when there are too many pairs, all senders to a receiver are one row, and then all of a family', () => {
    const pairs = Array.from({ length: 6 }, (_, i) => ipv4(SERVER, CLIENT, udp(100 + i, 53)))
    const found = rowsOf([...four, syn(9), ...pairs, ipv4(CLIENT, SERVER, icmp(8, 0)), ipv6('2001:db8::1', '2001:db8::2', udp(1, 2))], 4)
    expect(found.slice(4)).toEqual([
      [CLIENT, SERVER, null, 1, 0, 'OTH'],
      ['0.0.0.0/0', CLIENT, null, 6, 0, 'OTH'],
      ['0.0.0.0/0', '0.0.0.0/0', null, 1, 0, 'OTH'],
      ['::/0', '::/0', null, 1, 0, 'OTH'],
    ])
  })

  test('a flood with forged senders needs the limit and a few rows; sums in the database are exact and a warning is given', async () => {
    const packets = Array.from({ length: 5000 }, (_, i) => ({
      atUs: 1_700_000_000_000_000 + i * 25,
      bytes: ethernet(syn(1024 + (i % 60_000), `11.${i >> 8}.${i & 255}.7`)),
    }))
    const database = await analyzeBytes(pcap(packets), undefined, { maxFlows: 500 })
    expect(checkDatabase(database).filter(({ outcome }) => outcome !== 'agrees')).toEqual([])
    expect(numberOf(database, 'SELECT sum(client_packets) FROM flows')).toBe(5000)
    expect(numberOf(database, 'SELECT count(*) FROM flows')).toBeLessThan(510)
    expect(numberOf(database, 'SELECT count(*) FROM hosts')).toBeLessThan(510)
    expect(rows(database, ['value'], "FROM meta WHERE key IN ('aggregated_packets', 'flows_limit') ORDER BY key")).toEqual([
      // The victim is one of the 500 hosts.
      { value: '4501' },
      { value: '500' },
    ])
    const [capture] = rows(database, ['warnings'], 'FROM captures')
    expect(capture.warnings).toMatch(/^more than 500 conversations or hosts: 4,501 packets /)
    database.close()
  })
})

describe('every fixture with room for five conversations', () => {
  test.each(FIXTURES.filter(({ name }) => !name.startsWith('unusable')))('$name adds up', async ({ bytes }) => {
    const whole = await analyzeBytes(bytes)
    const bounded = await analyzeBytes(bytes, undefined, { maxFlows: 5 })
    expect(checkDatabase(bounded).filter(({ outcome }) => outcome !== 'agrees')).toEqual([])
    const sums = 'SELECT sum(client_packets + server_packets) * 1e9 + sum(client_bytes + server_bytes) FROM flows'
    expect(numberOf(bounded, sums)).toBe(numberOf(whole, sums))
    expect(numberOf(bounded, 'SELECT count(*) FROM flows')).toBeLessThan(5 * 1.5 + 20)
    whole.close()
    bounded.close()
  })
})

test('below the limit nothing is different, byte for byte', async () => {
  const { bytes } = FIXTURES.find(({ name }) => name === 'names-dns')!
  const [free, bounded] = [await analyzeBytes(bytes), await analyzeBytes(bytes, undefined, { maxFlows: 1000 })]
  expect(bounded.export()).toEqual(free.export())
  free.close()
  bounded.close()
})
