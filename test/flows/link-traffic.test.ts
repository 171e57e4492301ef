// Frames without IP: who sent how many to whom, as tshark says; none is lost, and there are never more rows than the bound.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { CapturedPacket } from '../../src/capture/packet.ts'
import { Skip, skip } from '../../src/decode/status.ts'
import { LinkTraffic, MAX_LINK_ROWS } from '../../src/flows/link-traffic.ts'
import { summarize } from '../../src/report/index.ts'
import { formatReport } from '../../src/report/text.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import { checkTotals } from '../../src/verify/totals.ts'
import { analyzeBytes, numberOf } from '../support/analysis.ts'
import { arp, ethernet, ipv4, join, mac, sll, u32, udp } from '../support/build.ts'
import { type Packet, pcap } from '../support/capture-files.ts'
import { EVERYBODY, LINK_FIRST_US, LINK_FRAMES, linkCapture, wlanCapture } from '../support/link-frames.ts'

const folder = mkdtempSync(joinPath(tmpdir(), 'rtnvis-links-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** By sender and receiver: packets and bytes, as tshark counts them. */
function tshark(capture: Uint8Array, source: string, destination: string): string[] {
  const file = joinPath(folder, 'input.pcap')
  writeFileSync(file, capture)
  const args = ['-r', file, '-T', 'fields', '-e', source, '-e', destination, '-e', 'frame.len', '-Y', `${source} && !ip && !ipv6`]
  const sums = new Map<string, [number, number]>()
  for (const line of execFileSync('tshark', args, { encoding: 'utf8' }).trimEnd().split('\n')) {
    const [from, to, bytes] = line.split('\t')
    const [packets, total] = sums.get(`${from} ${to}`) ?? [0, 0]
    sums.set(`${from} ${to}`, [packets + 1, total + Number(bytes)])
  }
  return [...sums].map(([ends, [packets, bytes]]) => `${ends} ${packets} ${bytes}`).sort()
}

const PAIRS = `SELECT source_mac || ' ' || destination_mac || ' ' || sum(packets) || ' ' || sum(bytes) FROM link_traffic
  WHERE protocol <> '802.11 control' GROUP BY source_mac, destination_mac`

test('each pair of stations has the packets and bytes that tshark counts', async () => {
  const withIp = pcap([
    ...LINK_FRAMES.map((bytes, i): Packet => ({ atUs: LINK_FIRST_US + i, bytes })),
    { atUs: LINK_FIRST_US + 100, bytes: ethernet(ipv4('192.168.7.10', '192.168.7.1', udp(5000, 5001))) },
  ])
  for (const capture of [linkCapture(), withIp]) {
    const database = await analyzeBytes(capture)
    expect(rowsOf(database, PAIRS).flat().map(String).sort()).toEqual(tshark(capture, 'eth.src', 'eth.dst'))
    database.close()
  }
})

test('802.11 frames have the station that sent them, not the access point between', async () => {
  const capture = wlanCapture()
  const database = await analyzeBytes(capture)
  expect(rowsOf(database, PAIRS).flat().map(String).sort()).toEqual(tshark(capture, 'wlan.sa', 'wlan.da'))
  // The RTS names its sender (wlan.ta), the acknowledgment does not.
  expect(rowsOf(database, "SELECT source_mac, destination_mac, packets FROM link_traffic WHERE protocol = '802.11 control'")).toEqual([
    ['02:00:00:00:00:01', '02:00:00:00:00:02', 1],
  ])
  expect(numberOf(database, "SELECT value FROM meta WHERE key = 'link_packets_unlisted'")).toBe(1)
  expect(checkTotals(database).filter(({ outcome }) => outcome !== 'agrees')).toEqual([])
  database.close()
})

test('a row has the protocol, both times and the number of the first frame', async () => {
  const database = await analyzeBytes(linkCapture())
  const columns =
    'source_mac, destination_mac, protocol, packets, bytes, first_us - 1773738000000000, last_us - 1773738000000000, frame, capture_id'
  expect(rowsOf(database, `SELECT ${columns} FROM link_traffic ORDER BY frame`)).toEqual([
    ['00:1b:78:0c:00:07', 'ff:ff:ff:ff:ff:ff', 'ARP', 3, 42 + 46 + 42, 0, 18_000_000, 1, 1],
    ['b8:27:eb:12:34:56', '00:1b:78:0c:00:07', 'ARP', 1, 42, 2_000_000, 2_000_000, 2, 1],
    ['00:1b:54:aa:00:01', '01:80:c2:00:00:00', 'spanning tree', 2, 104, 4_000_000, 16_000_000, 3, 1],
    ['00:1b:54:aa:00:01', '01:80:c2:00:00:0e', 'LLDP', 1, 36, 6_000_000, 6_000_000, 4, 1],
    ['00:1b:54:aa:00:01', '01:00:0c:cc:cc:cc', 'CDP', 1, 36, 8_000_000, 8_000_000, 5, 1],
    ['00:1b:78:0c:00:07', 'ff:ff:ff:ff:ff:ff', 'IPX', 1, 50, 10_000_000, 10_000_000, 6, 1],
    ['b8:27:eb:12:34:56', 'ff:ff:ff:ff:ff:ff', 'PPPoE discovery', 1, 24, 12_000_000, 12_000_000, 7, 1],
  ])
  database.close()
})

test('a sender has the addresses that it gives as its own by ARP, as tshark reads them: not those of probes and of others', async () => {
  const claim = (address: string, sender: Uint8Array, from = sender) => ethernet(arp(address, '10.0.0.9', sender), from, EVERYBODY)
  const frames = [
    ...['10.0.0.200', '10.0.0.7', '10.0.0.7', '0.0.0.0'].map((address) => claim(address, mac(1))),
    claim('10.0.0.3', mac(2), mac(1)), // a bridge sends on what another says
    ...Array.from({ length: 9 }, (_, i) => claim(`10.0.1.${20 - i}`, mac(3))),
  ]
  const capture = pcap(frames.map((bytes, i): Packet => ({ atUs: LINK_FIRST_US + i, bytes })))
  const file = joinPath(folder, 'claims.pcap')
  writeFileSync(file, capture)
  const fields = ['eth.src', 'arp.src.hw_mac', 'arp.src.proto_ipv4'].flatMap((field) => ['-e', field])
  const told = new Map<string, Set<string>>()
  for (const line of execFileSync('tshark', ['-r', file, '-T', 'fields', ...fields], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')) {
    const [source, hardware, address] = line.split('\t')
    if (source === hardware && address !== '0.0.0.0') told.set(source, (told.get(source) ?? new Set()).add(address))
  }
  const byNumber = (a: string, b: string) => Number(a.split('.')[3]) - Number(b.split('.')[3])
  const lowest = [...told].map(([source, addresses]) => [source, [...addresses].sort(byNumber).slice(0, 4).join(', ')])
  const database = await analyzeBytes(capture)
  expect(rowsOf(database, 'SELECT source_mac, source_addresses FROM link_traffic ORDER BY source_mac')).toEqual(lowest)
  expect(lowest).toEqual([
    ['02:00:00:00:00:01', '10.0.0.7, 10.0.0.200'],
    ['02:00:00:00:00:03', '10.0.1.12, 10.0.1.13, 10.0.1.14, 10.0.1.15'],
  ])
  database.close()
})

test('Linux cooked captures name the sender alone', async () => {
  const database = await analyzeBytes(pcap([{ atUs: LINK_FIRST_US, bytes: sll(arp('10.0.0.1', '10.0.0.2'), 1) }], { linkType: 113 }))
  expect(rowsOf(database, 'SELECT source_mac, destination_mac, protocol FROM link_traffic')).toEqual([['02:00:00:00:00:01', '', 'ARP']])
  database.close()
})

test('a flood of made-up addresses fills the table to its bound; the others are counted', () => {
  const traffic = new LinkTraffic()
  const packet = new CapturedPacket()
  const further = 50
  for (let i = 0; i < MAX_LINK_ROWS + further; i++) {
    const bytes = join(EVERYBODY, mac(i), new Uint8Array(2), u32(i))
    Object.assign(packet, { bytes, start: 0, end: bytes.length, linkType: 1, timeUs: i })
    traffic.add(packet, skip(Skip.notIp, 0x0806), 60, i + 1, 0)
    traffic.add(packet, skip(Skip.truncatedIpv4, 0), 60, i + 1, 0)
  }
  const { rows, unlisted } = traffic.finish(() => null)
  expect([rows.length, unlisted]).toEqual([MAX_LINK_ROWS, further])
  expect(rows[70_000]).toMatchObject({ sourceMac: '02:00:00:01:11:70', packets: 1, bytes: 60, firstUs: 70_000, frame: 70_001 })
})

test.each([
  ["UPDATE link_traffic SET packets = packets + 1 WHERE protocol = 'LLDP'", /link_traffic has 2 of LLDP, skipped has 1/],
  ["DELETE FROM link_traffic WHERE protocol = 'LLDP'", /link_traffic has 9 and 0 are unlisted, but 10 were skipped/],
])('verify notices %s', async (sql, told) => {
  const database = await analyzeBytes(linkCapture())
  database.run(sql)
  expect(checkTotals(database).find(({ subject }) => subject === 'packets without IP')).toMatchObject({
    outcome: 'differs',
    detail: expect.stringMatching(told),
  })
  database.close()
})

test('the report has the busiest stations where there are fewer hosts', async () => {
  const database = await analyzeBytes(linkCapture())
  const lines = formatReport(summarize(database)).split('\n')
  const at = lines.indexOf('Stations without IP')
  expect(lines.slice(at + 1, at + 5).map((line) => line.trim().replace(/ +/g, ' '))).toEqual([
    '00:1b:78:0c:00:07 4 packets: ARP, IPX',
    '00:1b:54:aa:00:01 4 packets: spanning tree, CDP, LLDP',
    'b8:27:eb:12:34:56 2 packets: ARP, PPPoE discovery',
    '',
  ])
  database.close()
})
