// Hosts in the order of their addresses' texts: the order SQLite checks its index by.
import { expect, test } from 'vitest'
import { parseAddress } from '../../src/decode/address.ts'
import { HostTable } from '../../src/flows/hosts.ts'
import { hostsInTextOrder } from '../../src/flows/text-order.ts'

function tableOf(ips: string[], limit?: number): HostTable {
  const hosts = new HostTable(limit)
  for (const ip of ips) {
    const bytes = parseAddress(ip)!
    hosts.intern(bytes, 0, bytes.length === 4 ? 4 : 6)
  }
  return hosts
}

const textsOf = (hosts: HostTable) => Array.from(hostsInTextOrder(hosts), (host) => hosts.ip(host))

test('digits, dots, colons and rows for many addresses', () => {
  const few = [
    '10.0.0.1',
    '9.255.0.1',
    '1.0.0.10',
    '1.0.0.1',
    '1.0.0.2',
    '100.0.0.1',
    '10.0.0.10',
    '10.0.0.2',
    '::1',
    '1::2',
    'fe80::1',
    '10::1',
    '0.0.0.0',
  ]
  const sorted = [
    '0.0.0.0',
    '0.0.0.0/0',
    '1.0.0.1',
    '1.0.0.10',
    '1.0.0.2',
    '10.0.0.1',
    '10.0.0.10',
    '10.0.0.2',
    '100.0.0.1',
    '10::1',
    '1::2',
  ]
  expect(textsOf(tableOf([...few, '10.9.9.9', 'fe80::2'], few.length))).toEqual([...sorted, '9.255.0.1', '::/0', '::1', 'fe80::1'])
  expect(textsOf(tableOf([]))).toEqual([])
})

test('any octets, as texts are sorted', () => {
  let state = 5
  const octet = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state >>> 24
  }
  const ips = Array.from({ length: 5000 }, (_, i) =>
    i % 9 === 0 ? `2001:db8::${octet() + 1}:${i + 1}` : `${octet()}.${octet()}.${octet()}.${octet()}`,
  )
  expect(textsOf(tableOf(ips))).toEqual([...new Set(ips)].sort())
})
