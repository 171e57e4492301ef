// Hardware addresses -> vendors: a table packed by hand, and the one of the program with addresses of well-known vendors.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openVendors, packVendors, vendorsOf } from '../../src/detect/identities/vendors.ts'
import type { HostIdentity } from '../../src/names/identity-log.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { arp, ethernet, ipv4, udp, vlan } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const PACKED = packVendors(
  new Map([
    ['Alpha', ['00000A', '001B21']],
    ['Beta', ['001B211', '0050C2ABC']],
    ['Gamma', ['0050C2']],
  ]),
)

describe('the packed table', () => {
  it('is a line a vendor, with differences between prefixes', () => {
    const difference = (0x001b21 - 0x0a).toString(36)
    expect(PACKED).toBe(
      `Alpha\ta ${difference}\nBeta\t\t${(0x001b211).toString(36)}\t${(0x0050c2abc).toString(36)}\nGamma\t${(0x0050c2).toString(36)}\n`,
    )
  })

  it('gives the smallest block that an address is in', () => {
    const vendorOf = openVendors(PACKED)
    expect(vendorOf('00:1b:21:20:00:01')).toBe('Alpha')
    expect(vendorOf('00:1b:21:1f:00:01')).toBe('Beta')
    expect(vendorOf('00:50:c2:ab:cf:ff')).toBe('Beta')
    expect(vendorOf('00:50:c2:ab:df:ff')).toBe('Gamma')
    expect(vendorOf('00:00:0b:00:00:01')).toBeNull()
  })
})

it('the table of the program knows blocks of each size', () => {
  const vendorOf = openVendors(gunzipSync(readFileSync(new URL('../../dist/node/vendors.txt.gz', import.meta.url))).toString())
  // As tshark -G manuf has them.
  expect(vendorOf('00:1b:21:00:00:01')).toBe('Intel Corporate')
  expect(vendorOf('b8:27:eb:12:34:56')).toBe('Raspberry Pi Foundation')
  expect(vendorOf('00:00:0c:12:34:56')).toBe('Cisco Systems')
  expect(vendorOf('52:54:00:12:34:56')).toBe('QEMU/KVM virtual machine')
  expect(vendorOf('00:00:00:12:34:56')).toBeNull()
})

it('a host that claims its address in two VLANs has one identity for it', async () => {
  const question = arp('192.168.7.10', '192.168.7.1')
  const frames = [question, vlan(7, question)].map((inner) => ethernet(inner))
  frames.push(ethernet(ipv4('192.168.7.10', '192.168.7.1', udp(5000, 5001))))
  const capture = pcap(frames.map((bytes, i) => ({ atUs: 1_773_738_000_000_000 + i, bytes })))
  const database = await analyzeBytes(capture)
  expect(rowsOf(database, "SELECT value, source, count, frame FROM identities WHERE kind = 'mac'")).toEqual([
    ['02:00:00:00:00:01', 'arp', 2, 1],
  ])
  database.close()
})

describe('rows', () => {
  const mac = (host: number, value: string, source: string, frame: number): HostIdentity => ({
    ...{ host, kind: 'mac', value, source, firstUs: frame * 1e6, count: 1, flow: null, frame, capture: 0 },
  })
  const told = (rows: HostIdentity[], vendorOf = openVendors(PACKED)) =>
    vendorsOf(rows, vendorOf).map(({ host, kind, value, source, frame }) => `${host} ${kind} ${value} (${source}) frame ${frame}`)

  it('are one an address, with the frame that shows it first', () => {
    expect(
      told([mac(1, '00:1b:21:20:00:01', 'dhcp', 9), mac(1, '00:1b:21:20:00:01', 'arp', 4), mac(2, '00:00:0b:00:00:01', 'arp', 5)]),
    ).toEqual(['1 vendor Alpha (00:1b:21:20:00:01) frame 4'])
  })

  it('name no vendor for an address that somebody made up, nor without the table', () => {
    const random = '0 vendor locally administered (random or virtual) (da:a1:19:00:00:01) frame 1'
    expect(told([mac(0, 'da:a1:19:00:00:01', 'arp', 1)])).toEqual([random])
    expect(vendorsOf([mac(0, '00:1b:21:20:00:01', 'arp', 1)], null)).toEqual([])
  })
})
