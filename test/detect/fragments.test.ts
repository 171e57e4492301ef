// Fragments without their first one: no ports, no flags, and no scan.
import { expect, test } from 'vitest'
import { analyzeBytes, numberOf, rows } from '../support/analysis.ts'
import { ethernet, ipv4, ipv4Fragments, type Layer, tcp } from '../support/build.ts'
import { type Packet, pcap } from '../support/capture-files.ts'

test('later fragments to many hosts are not a sweep by NULL probes', async () => {
  const packets: Packet[] = Array.from({ length: 200 }, (_, i) => ({
    atUs: i * 1000,
    bytes: ethernet(ipv4('10.0.0.5', `192.0.2.${i + 1}`, tcp(1000, 80, '', 'x'.repeat(40)), { fragmentOffset: 800, identification: i })),
  }))
  const database = await analyzeBytes(pcap(packets))
  expect(numberOf(database, 'SELECT count(*) FROM flows')).toBe(200)
  expect(numberOf(database, 'SELECT count(*) FROM alerts')).toBe(0)
  database.close()
})

// nmap -f: eight bytes of the header in each fragment, so that none has the flags.
test('the flags of a header that is split between fragments count: SYN probes are no NULL probes', async () => {
  const packets = Array.from({ length: 20 }, (_, i) => {
    const probe = ipv4Fragments('10.0.0.5', '10.0.9.1', tcp(40_000, 100 + i, 'S', '', { sequence: 7 }), i + 1, 8)
    const answer = ipv4('10.0.9.1', '10.0.0.5', tcp(100 + i, 40_000, 'RA', '', { acknowledgment: 8 }))
    return [...probe, answer].map((layer, part): [number, Layer] => [i / 10 + part / 1000, layer])
  }).flat()
  const database = await analyzeBytes(pcap(packets.map(([atS, layer]) => ({ atUs: atS * 1e6, bytes: ethernet(layer) }))))
  expect(rows(database, ['client_tcp_flags', 'server_tcp_flags', 'state'], 'FROM flows GROUP BY 1, 2, 3')).toEqual([
    { client_tcp_flags: 2, server_tcp_flags: 20, state: 'REJ' },
  ])
  expect(rows(database, ['title'], 'FROM alerts')).toEqual([{ title: '10.0.0.5 tried 20 ports of 10.0.9.1 in 1.9 s.' }])
  database.close()
})
