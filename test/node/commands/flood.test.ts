// So many senders and conversations that threads help: places are looked up in one, the pages of activity and packets are made in another.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ethernet, ipv4, udp } from '../../support/build.ts'
import { pcapHeader, pcapRecord } from '../../support/capture-files.ts'
import { type MmdbValue, makeMmdb } from '../../support/mmdb.ts'
import { sqlite3 } from '../../support/sqlite3.ts'

const CLI = fileURLToPath(new URL('../../../dist/node/cli.js', import.meta.url))
const SENDERS = 120_000
/** Of a record: its header and that of Ethernet come first, the sender's address stands 12 bytes into that of IPv4. */
const SENDER_AT = 16 + 14 + 12

const city = (name: string, latitude: number): MmdbValue => ({ city: { names: { en: name } }, location: { latitude, longitude: 10 } })

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-flood-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A datagram a microsecond, each from another address: one in 1.0.0.0/9, one in 1.128.0.0/9, and so on. */
function flood(): Buffer {
  const record = pcapRecord({ bytes: ethernet(ipv4('1.0.0.0', '198.18.0.1', udp(4000, 9, 'flood'))), atUs: 1_700_000_000_000_000 })
  const file = Buffer.alloc(24 + SENDERS * record.length)
  file.set(pcapHeader(), 0)
  for (let i = 0; i < SENDERS; i++) {
    const at = 24 + i * record.length
    file.set(record, at)
    file.writeUInt32LE(i, at + 4)
    file.writeUInt32BE(0x0100_0000 + (i % 2) * 0x80_0000 + (i >> 1), at + SENDER_AT)
  }
  return file
}

test('every sender is found, once, where it is; every packet is in its tick', () => {
  writeFileSync(join(folder, 'flood.pcap'), flood())
  const database = makeMmdb({ '1.0.0.0/9': city('Here', 1), '1.128.0.0/9': city('There', 2) }, { databaseType: 'GeoLite2-City' })
  writeFileSync(join(folder, 'city.mmdb'), database)
  const args = ['analyze', 'flood.pcap', '--geoip', 'city.mmdb', '--no-site', '-q', '-o', 'out']
  const run = spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8' })
  expect([run.status, run.stderr]).toEqual([0, ''])

  const ask = (sql: string) => sqlite3(join(folder, 'out', 'traffic.sqlite'), sql)
  expect(ask('PRAGMA integrity_check')).toBe('ok\n')
  expect(ask('SELECT p.city, count(*) FROM hosts h JOIN places p ON p.id = h.place_id WHERE h.ip LIKE "1.%" GROUP BY 1')).toBe(
    'Here|60000\nThere|60000\n',
  )
  expect(ask('SELECT p.city FROM hosts h JOIN places p ON p.id = h.place_id WHERE h.ip IN ("1.0.234.95", "1.128.234.95")')).toBe(
    'Here\nThere\n',
  )
  expect(ask('SELECT count(*), sum(client_packets), sum(server_packets), count(DISTINCT flow_id) FROM activity')).toBe(
    '120000|120000|0|120000\n',
  )
  // A tick is 200 microseconds: the finest that gives at most a thousand of them.
  expect(ask('SELECT count(*), min(n), max(n) FROM (SELECT sum(client_packets) AS n FROM activity GROUP BY tick)')).toBe('600|200|200\n')
  expect(ask('SELECT count(*), max(at_us) - min(at_us) FROM packets')).toBe('100000|99999\n')
  // Every address is found by the index, too.
  expect(ask('SELECT count(*) FROM hosts h WHERE (SELECT id FROM hosts x WHERE x.ip = h.ip) IS NOT h.id')).toBe('0\n')
})
