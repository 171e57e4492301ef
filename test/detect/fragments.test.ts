// Fragments without their first one: no ports, no flags, and no scan.
import { expect, test } from 'vitest'
import { analyzeBytes, numberOf } from '../support/analysis.ts'
import { ethernet, ipv4, tcp } from '../support/build.ts'
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
