// Flow logs of every format, damaged at random -> a report or one line, never an exception; sums that agree with each other.
import { expect, test } from 'vitest'
import { CaptureError } from '../../src/errors.ts'
import { analyzeBytes, numberOf } from '../support/analysis.ts'
import { randomOf } from '../support/random.ts'

const TIME = '2026-11-28T10:00:0'
const LOGS: Record<string, string> = {
  'nfdump CSV':
    'ts,te,td,sa,da,sp,dp,pr,flg,ipkt,ibyt,opkt,obyt,ra\n' +
    '2026-11-28 10:00:01,2026-11-28 10:00:05,4.000,192.168.1.10,198.51.100.34,50001,443,TCP,...AP.SF,120,7240,0,0,0.0.0.0\n'.repeat(4),
  'nfdump JSON': JSON.stringify(
    [1, 2, 3].map((second) => ({
      ...{ type: 'FLOW', first: `${TIME}${second}.000`, last: `${TIME}9.000`, in_packets: second, in_bytes: 90, proto: 6 },
      ...{ tcp_flags: '...AP.SF', src_port: 50_001, dst_port: 443, src4_addr: '192.168.1.10', dst4_addr: '198.51.100.34' },
    })),
    null,
    1,
  ),
  EVE: [
    {
      timestamp: `${TIME}1.5+0000`,
      event_type: 'tls',
      src_ip: '10.0.0.1',
      src_port: 1,
      dest_ip: '10.0.0.2',
      dest_port: 2,
      proto: 'TCP',
      tls: { sni: 'a.b' },
    },
    {
      timestamp: `${TIME}1.5+0000`,
      event_type: 'dns',
      src_ip: '10.0.0.1',
      src_port: 1,
      dest_ip: '10.0.0.2',
      dest_port: 2,
      proto: 'TCP',
      dns: { type: 'answer', rrname: 'a.b', grouped: { A: ['10.0.0.2'] } },
    },
    {
      ...{
        timestamp: `${TIME}9.5+0000`,
        event_type: 'flow',
        src_ip: '10.0.0.1',
        src_port: 1,
        dest_ip: '10.0.0.2',
        dest_port: 2,
        proto: 'TCP',
      },
      flow: {
        pkts_toserver: 5,
        bytes_toserver: 500,
        pkts_toclient: 0,
        bytes_toclient: 0,
        start: `${TIME}1.0+0000`,
        end: `${TIME}2.0+0000`,
      },
    },
  ]
    .map((event) => JSON.stringify(event))
    .join('\n'),
  AWS: '2 123456789010 eni-0a1 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n'.repeat(4),
  Google: JSON.stringify([
    {
      jsonPayload: {
        connection: { src_ip: '10.0.0.1', src_port: 1, dest_ip: '10.0.0.2', dest_port: 2, protocol: 6 },
        ...{ bytes_sent: '500', packets_sent: '5', reporter: 'SRC', start_time: `${TIME}1Z`, end_time: `${TIME}2Z` },
      },
    },
  ]),
  Azure: JSON.stringify({
    records: [
      {
        ...{ category: 'FlowLogFlowEvent', macAddress: '1' },
        flowRecords: { flows: [{ flowGroups: [{ flowTuples: ['1764324003500,10.0.0.6,10.0.0.7,23956,443,6,O,E,NX,3,767,2,1580'] }] }] },
      },
    ],
  }),
  "Zeek's dns.log":
    '#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\trtt\tquery\tqtype_name\trcode_name\tanswers\n' +
    '100.25\t10.0.0.1\t5\t10.0.0.2\t53\tudp\t0.04\ta.b\tA\tNOERROR\t10.0.0.3\n'.repeat(3),
}
/** Bytes that have a meaning in one of the formats. */
const SIGNS = new TextEncoder().encode('{}[]",:\\ \n\r\t#-.0')

test.each(Object.entries(LOGS))('%s', async (_, text) => {
  const random = randomOf(20261130)
  for (let round = 0; round < 30; round++) {
    const bytes = new TextEncoder().encode(text)
    const count = 1 + random(6)
    for (let i = 0; i < count; i++) bytes[random(bytes.length)] = random(2) === 0 ? SIGNS[random(SIGNS.length)] : random(256)
    const cut = random(4) === 0 ? random(bytes.length) : bytes.length
    const database = await analyzeBytes(bytes.subarray(0, Math.max(5, cut)), 61).catch((error: unknown) => {
      expect(error).toBeInstanceOf(CaptureError)
      return null
    })
    if (database === null) continue
    const sum = numberOf(database, 'SELECT coalesce(sum(client_bytes + server_bytes), 0) FROM flows')
    expect(numberOf(database, 'SELECT bytes FROM captures')).toBe(sum)
    expect(numberOf(database, 'SELECT coalesce(sum(client_bytes + server_bytes), 0) FROM activity')).toBe(sum)
    database.close()
  }
})

test.each([
  ['nfdump JSON', '"src_port": 50001', '"export_sysid": {"toString": null}, "src_port": 50001', 3],
  ['nfdump JSON', '"src_port": 50001', '"export_sysid": [{"toString": 1}], "src_port": 50001', 3],
  ['Azure version 2', ',T,', ',constructor,', 1],
  ['Azure version 2', ',T,', ',__proto__,', 1],
])('%s with another value in the place of %s is read on', async (name, from, to, conversations) => {
  const azure = {
    mac: '1',
    flowTuples: ['1764324003,10.0.0.6,10.0.0.7,1,443,T,O,A,E,3,767,2,1580', '1764324003,10.0.0.6,10.0.0.7,2,443,T,O,A,E,3,767,2,1580'],
  }
  const record = { category: 'NetworkSecurityGroupFlowEvent', properties: { Version: 2, flows: [{ rule: 'r', flows: [azure] }] } }
  const text = name === 'nfdump JSON' ? LOGS[name] : JSON.stringify({ records: [record] })
  expect(text).toContain(from)
  const database = await analyzeBytes(new TextEncoder().encode(text.replace(from, to)))
  expect(numberOf(database, 'SELECT count(*) FROM flows')).toBe(conversations)
  database.close()
})
