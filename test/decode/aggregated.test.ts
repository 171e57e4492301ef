import { describe, expect, it } from 'vitest'
import { checkTotals } from '../../src/verify/totals.ts'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { hex, ipv4, join, type Layer, raw, tcp, u16 } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const CLIENT = '10.1.1.1'
const SERVER = '198.51.100.7'
const QOS_AMSDU = hex('8802 0000 02000000000a 02000000000b 02000000000b 0000 8000')

/** IEEE 802.11 9.3.2.2.2; all but the last subframe are filled up to four bytes. */
function subframe({ etherType, bytes }: Layer, isLast = false): Uint8Array {
  const own = join(hex('02000000000a 02000000000b'), u16(8 + bytes.length), hex('aaaa03 000000'), u16(etherType), bytes)
  return join(own, new Uint8Array(isLast ? 0 : -own.length & 3))
}

const request = ipv4(CLIENT, SERVER, tcp(50_000, 80, 'PA', 'GET / HTTP/1.1\r\nHost: one.example\r\n\r\n'))
const answer = ipv4(SERVER, CLIENT, tcp(80, 50_000, 'PA', 'HTTP/1.1 200 OK\r\n\r\n'))
const other = ipv4(CLIENT, '198.51.100.8', tcp(50_001, 80, 'PA', 'GET / HTTP/1.1\r\nHost: two.example\r\n\r\n'))
const arp = raw(0x0806, new Uint8Array(28))

const flows = (frame: Uint8Array, cutTo = frame.length) =>
  analyzeBytes(pcap([{ atUs: 1_000_000, bytes: frame.subarray(0, cutTo), wireBytes: frame.length }], { linkType: 105 }))

describe('an aggregated 802.11 frame (A-MSDU)', () => {
  const parts = [subframe(arp), subframe(request), subframe(answer), subframe(arp), subframe(other), subframe(arp, true)]
  const frame = join(QOS_AMSDU, ...parts)

  it('counts every packet in it, and the bytes of the frame once', async () => {
    const database = await flows(frame)
    const upTo = (count: number) => join(QOS_AMSDU, ...parts.slice(0, count)).length
    expect(
      rows(database, ['server_name', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes'], 'FROM flows ORDER BY id'),
    ).toEqual([
      { server_name: 'one.example', client_packets: 1, server_packets: 1, client_bytes: upTo(2), server_bytes: upTo(3) - upTo(2) },
      { server_name: 'two.example', client_packets: 1, server_packets: 0, client_bytes: frame.length - upTo(3), server_bytes: 0 },
    ])
    expect(rows(database, ['packets', 'ip_packets', 'bytes'], 'FROM captures')).toEqual([
      { packets: 1, ip_packets: 1, bytes: frame.length },
    ])
    expect(rows(database, ['value'], "FROM meta WHERE key = 'subframes'")).toEqual([{ value: '2' }])
    expect(checkTotals(database).filter(({ outcome }) => outcome !== 'agrees')).toEqual([])
  })

  it('is read as far as it was captured', async () => {
    const database = await flows(frame, join(QOS_AMSDU, ...parts.slice(0, 3)).length + 20)
    expect(rows(database, ['client_packets', 'server_packets'], 'FROM flows')).toEqual([{ client_packets: 1, server_packets: 1 }])
    expect(rows(database, ['client_bytes + server_bytes AS bytes'], 'FROM flows')).toEqual([
      { 'client_bytes + server_bytes AS bytes': frame.length },
    ])
  })

  it('without IP is skipped as one packet', async () => {
    const database = await flows(join(QOS_AMSDU, subframe(arp), subframe(arp, true)))
    expect(rows(database, ['reason', 'packets'], 'FROM skipped')).toEqual([{ reason: 'not IP: ARP', packets: 1 }])
    expect(rows(database, ['key'], "FROM meta WHERE key = 'subframes'")).toEqual([])
  })
})
