import { describe, expect, it } from 'vitest'
import { cleanName, cut, nameText } from '../../src/names/text.ts'

const text = (name: string): string => {
  const bytes = new TextEncoder().encode(name)
  return nameText(bytes, 0, bytes.length)
}

describe('nameText', () => {
  // What Wireshark 4.0 prints for the same labels in a DNS question.
  it.each([
    ['WWW.Example.COM', 'www.example.com'],
    ['example.com.', 'example.com'],
    ['.', '.'],
    ['a\tb', 'a\\tb'],
    ['a\r\nb', 'a\\r\\nb'],
    ['a\x1b[31mb', 'a\\033[31mb'],
    ['\x01', '\\001'],
    ['a\x7fb', 'a\\177b'],
    ['aéb', 'aéb'],
    ['a\u202eb', 'a\\u202eb'],
    ['a\u00adb', 'a\\u00adb'],
    ['a\u0085b', 'a\\u0085b'],
    ['a😀b', 'a😀b'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ])('%j is %j', (name, expected) => {
    expect(text(name)).toBe(expected)
  })

  it('shows bytes that are not UTF-8 as replacement characters', () => {
    expect(nameText(Uint8Array.of(0x61, 0xff, 0x62), 0, 3)).toBe('a\ufffdb')
  })

  it('keeps at most 255 units and never half a character', () => {
    expect(text('x'.repeat(300))).toHaveLength(255)
    expect(text('\x1b'.repeat(200))).toHaveLength(255)
    expect(cut(`${'x'.repeat(254)}😀`, 255)).toBe('x'.repeat(254))
    expect(text(`${'x'.repeat(254)}😀😀`)).not.toMatch(/\p{Cs}/u)
  })

  it('reads bytes of shared memory', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(4))
    shared.set([0x61, 0xc3, 0xa9, 0x62])
    expect(nameText(shared, 0, 4)).toBe('aéb')
  })
})

describe('cleanName', () => {
  it('does the same to decoded text', () => {
    expect(cleanName(' Host.Example. ')).toBe('host.example')
    expect(cleanName('a\x1bb')).toBe('a\\033b')
  })
})
