import { describe, expect, it } from 'vitest'
import { authorityIn, huffmanText } from '../../src/names/hpack.ts'
import { parseHttp2Hosts } from '../../src/names/http2.ts'
import { hex, join, u24, u32 } from '../support/build.ts'

const huffman = (text: string): string | null => {
  const bytes = hex(text)
  const decoded = huffmanText(bytes, 0, bytes.length)
  return decoded === null ? null : new TextDecoder().decode(decoded)
}
const authority = (text: string): string | null => {
  const bytes = hex(text)
  return authorityIn(bytes, 0, bytes.length)
}

describe('huffmanText', () => {
  // RFC 7541 C.4 and C.6.
  it.each([
    ['f1e3 c2e5 f23a 6ba0 ab90 f4ff', 'www.example.com'],
    ['a8eb 1064 9cbf', 'no-cache'],
    ['25a8 49e9 5ba9 7d7f', 'custom-key'],
    ['25a8 49e9 5bb8 e8b4 bf', 'custom-value'],
    ['6402', '302'],
    ['aec3 771a 4b', 'private'],
    ['d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff', 'Mon, 21 Oct 2013 20:13:21 GMT'],
    ['9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3', 'https://www.example.com'],
  ])('%s is %s', (bytes, expected) => {
    expect(huffman(bytes)).toBe(expected)
  })

  it('refuses padding that is not ones, and more than seven bits of it', () => {
    expect(huffman('f1e3 c2e5 f23a 6ba0 ab90 f4fe')).toBeNull()
    expect(huffman('f1e3 c2e5 f23a 6ba0 ab90 f4ff ff')).toBeNull()
  })
})

describe('authorityIn', () => {
  it.each([
    ['RFC 7541 C.3.1, literal', '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d', 'www.example.com'],
    ['RFC 7541 C.4.1, Huffman', '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff', 'www.example.com'],
    ['without indexing', '8286 8401 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d', 'www.example.com'],
    ['by name', '82 00 0a 3a617574686f72697479 05 612e636f6d', 'a.com'],
    ['behind a table size update', '3f e1 1f 82 41 05 612e636f6d', 'a.com'],
    ['from an earlier block', '8286 84be', null],
    ['cut off', '8286 8441 0f77 7777', null],
    ['a length without end', '41 7f ff ff ff ff ff', null],
  ])('%s', (_, bytes, expected) => {
    expect(authority(bytes)).toBe(expected)
  })
})

describe('parseHttp2Hosts', () => {
  it('finds the requests behind the preface', () => {
    const block = hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff')
    const settings = join(u24(0), 4, 0, u32(0))
    const headers = join(u24(block.length), 1, 5, u32(1), block)
    const padded = join(u24(1 + 5 + block.length + 2), 1, 0x2d, u32(3), 2, hex('80000000 0f'), block, 0, 0)
    const bytes = join('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', settings, headers, padded)
    expect(parseHttp2Hosts(bytes, 0, bytes.length)).toEqual(['www.example.com', 'www.example.com'])
  })
})
