import { isIP } from 'node:net'
import { describe, expect, test } from 'vitest'
import { embeddedIpv4, formatAddress, parseAddress } from '../../src/decode/address.ts'

/** 32 hex digits -> 16 bytes, so that expectations do not lean on the parser. */
const hex = (digits: string) => new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'))

describe('formatAddress', () => {
  test.each([
    ['00000000', '0.0.0.0'],
    ['01020304', '1.2.3.4'],
    ['ffffffff', '255.255.255.255'],
    ['c0a80001', '192.168.0.1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000000000000000', '2001:db8::'],
    ['20010db8000000000000000000000001', '2001:db8::1'],
    // RFC 5952 4.1 leading zeros, 4.2.2 one zero group stays, 4.2.3 longest run, then the first
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000100010001000000010001', '2001:db8:1:1:1:0:1:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['00010000000000010000000000010001', '1::1:0:0:1:1'],
    ['00010002000300040005000600000000', '1:2:3:4:5:6::'],
    ['00000000000100020003000400050006', '::1:2:3:4:5:6'],
    ['00000001000200030004000500060000', '0:1:2:3:4:5:6:0'],
    ['ABCDEF0123456789ABCDEF0123456789', 'abcd:ef01:2345:6789:abcd:ef01:2345:6789'],
    ['fe80000000000000021122fffe334455', 'fe80::211:22ff:fe33:4455'],
    // 5: mapped; one bit off the prefix is not
    ['00000000000000000000ffff01020304', '::ffff:1.2.3.4'],
    ['00000000000000000000fffe01020304', '::fffe:102:304'],
    ['00000000000000000000000001020304', '::102:304'],
    ['0064ff9b000000000000000001020304', '64:ff9b::102:304'],
  ])('%s -> %s', (digits, expected) => {
    const bytes = hex(`aa${digits}aa`)
    expect(formatAddress(bytes, 1, digits.length === 8 ? 4 : 16)).toBe(expected)
  })

  test('what it writes, it reads', () => {
    let seed = 1
    for (let round = 0; round < 2000; round++) {
      const bytes = new Uint8Array(16)
      for (let i = 0; i < 16; i++) {
        seed = (seed * 48271) % 2147483647
        bytes[i] = seed % 5 === 0 ? seed & 255 : 0
      }
      const text = formatAddress(bytes, 0, 16)
      expect(isIP(text)).toBe(6)
      expect(parseAddress(text)).toEqual(bytes)
    }
  })
})

describe('parseAddress', () => {
  test.each([
    ['1.2.3.4', '01020304'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '00000000000000000000000000000000'],
    ['1::', '00010000000000000000000000000000'],
    ['2001:DB8:0:0::1', '20010db8000000000000000000000001'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
    ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
    ['1:2:3:4:5:6:7.8.9.10', '0001000200030004000500060708090a'],
  ])('%s', (text, digits) => {
    expect(parseAddress(text)).toEqual(hex(digits))
  })

  test.each([
    '',
    'host',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.',
    '1.2.3.4 ',
    '+1.2.3.4',
    '0x1.2.3.4',
    '1e0.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '::12345',
    '::g',
    ':1::',
    '1:',
    '::1%eth0',
    '::1/64',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '[::1]',
    ':'.repeat(1000),
  ])('%j is not an address', (text) => {
    expect(parseAddress(text)).toBeNull()
  })
})

describe('embeddedIpv4', () => {
  test.each([
    ['::ffff:8.8.4.4', '8.8.4.4'],
    ['64:ff9b::8.8.4.4', '8.8.4.4'],
    ['2002:808:404:1::5', '8.8.4.4'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', '192.0.2.45'], // 3fff:fdd2 inverted
    ['2001:4860:4860::8888', null],
    ['64:ff9b:1::808:404', null],
    ['::8.8.4.4', null],
  ])('%s -> %s', (text, expected) => {
    const ipv4 = embeddedIpv4(parseAddress(text)!, 0)
    expect(ipv4 && formatAddress(ipv4, 0, 4)).toBe(expected)
  })
})
