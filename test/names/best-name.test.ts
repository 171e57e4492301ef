// Which of its names a host is shown by.
import { expect, test } from 'vitest'
import { bestName } from '../../src/names/best-name.ts'
import type { NameSource } from '../../src/names/host-names.ts'

const IP = '192.0.2.7'
const named = (name: string, source: NameSource, count: number) => ({ name, source, count })

test.each([
  [
    'what clients asked for in TLS comes before what DNS said more often',
    [named('cdn.example', 'dns', 90), named('www.example', 'tls', 2)],
    'www.example',
  ],
  ['TLS and QUIC count alike: the more frequent', [named('www.example', 'tls', 3), named('fonts.example', 'quic', 7)], 'fonts.example'],
  ['HTTP comes before DNS', [named('a.example', 'dns', 9), named('b.example', 'http', 1)], 'b.example'],
  [
    'DNS comes before what a host says of itself',
    [named('printer.local', 'mdns', 50), named('printer.example', 'dns', 1)],
    'printer.example',
  ],
  ['equally frequent: the first by code unit', [named('b.example', 'tls', 1), named('B.example', 'tls', 1)], 'B.example'],
])('%s', (_, names, shown) => {
  expect(bestName(names, IP)!.name).toBe(shown)
  expect(bestName([...names].reverse(), IP)!.name).toBe(shown)
})

test('an address is no name of its own host; that of another, as behind a NAT, is', () => {
  const own = named(IP, 'http', 90)
  expect(bestName([own], IP)).toBeNull()
  expect(bestName([own, named('a.example', 'dns', 1)], IP)!.name).toBe('a.example')
  expect(bestName([named('203.0.113.5', 'http', 1)], IP)!.name).toBe('203.0.113.5')
})

test('a host without names has none', () => {
  expect(bestName([], IP)).toBeNull()
})
