import { describe, expect, it } from 'vitest'
import { describeForeign, findCapture, looksLikeTextCopy } from '../../src/capture/foreign.ts'
import { join } from '../support/build.ts'
import { pcapHeader, pcapng } from '../support/capture-files.ts'

/** Signatures as the formats' own documents and Wireshark's wiretap give them; the words a user needs. */
const FILES: [what: string, bytes: Uint8Array, words: string[]][] = [
  ['xz', join(0xfd, '7zXZ', 0, 0, 4), ['xz', 'xz -dc']],
  ['bzip2', join('BZh91AY&SY'), ['bzip2 -dc']],
  ['lz4', join(0x04, 0x22, 0x4d, 0x18, 0x64), ['lz4 -dc']],
  ['lzma', join(0x5d, 0, 0, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), ['--format=lzma']],
  ['7z', join('7z', 0xbc, 0xaf, 0x27, 0x1c, 0, 4), ['7z x']],
  ['rar', join('Rar!', 0x1a, 0x07, 0x01, 0x00), ['unrar']],
  ['zip', join('PK', 3, 4, 20, 0), ['unzip']],
  ['snoop', join('snoop', 0, 0, 0, 0, 0, 0, 2), ['snoop', 'editcap']],
  ['netmon', join('GMBU', 0, 1), ['Network Monitor', 'editcap']],
  ['iptrace', join('iptrace 2.0'), ['iptrace']],
  ['BLF', join('LOGG', 0x90, 0, 0, 0), ['BLF']],
  ['btsnoop', join('btsnoop', 0, 0, 0, 0, 1), ['no IP packets']],
  ['ELF', join(0x7f, 'ELF', 2, 1, 1), ['ELF']],
  ['HAR', join('{"log": {"version": "1.2", "entries": []}}'), ['HAR', 'no packets']],
  ['JSON', join('[{"_index":"packets-2026-03-17","_source":{}}]'), ['JSON', '-w FILE']],
  ['HTML', join('<!DOCTYPE html>\n<html><head>'), ['HTML', 'download']],
  ['git lfs', join('version https://git-lfs.github.com/spec/v1\noid sha256:00'), ['git lfs pull']],
  ['UTF-16', join(0xff, 0xfe, 'N', 0, 'o', 0), ['UTF-16', 'PowerShell']],
  ['UTF-8', join(0xef, 0xbf, 0xbd, 0xc3, 0xb2, 0xef, 0xbf, 0xbd, 2, 0, 4, 0), ['UTF-8']],
  ['tcpdump', join('09:00:00.000001 IP 10.0.0.5.40000 > 192.0.2.9.9: UDP, length 18\n'), ['tcpdump prints', 'tcpdump -w FILE']],
  ['tshark', join('    1   0.000000 10.0.0.5 ', 0xe2, 0x86, 0x92, ' 192.0.2.9 UDP 60'), ['tshark prints', '-w FILE']],
  ['base64 of gzip', join('H4sIAAAAAAAAA2NgYGBg\n'), ['base64 -d']],
  ['HTTP', join('HTTP/1.1 404 Not Found\r\n\r\n'), ['HTTP response']],
  ['zeros', new Uint8Array(512), ['only zeros']],
]

describe('a file that is not a capture', () => {
  it.each(FILES)('%s is named, with what to do', (_, bytes, words) => {
    const sentence = describeForeign(bytes)
    expect(findCapture(bytes)).toBe(-1)
    for (const word of words) expect(sentence).toContain(word)
    expect(sentence).toMatch(/^is not a pcap or pcapng capture[\x20-\x7e]+$/)
  })

  it('an unknown format is described by its first bytes', () => {
    expect(describeForeign(join(0xde, 0xad, 0xbe, 0xef, 1, 2, 3))).toContain('deadbeef')
  })
})

describe('a capture behind something else', () => {
  it('is found where it begins', () => {
    expect(findCapture(join('warning: text\n', pcapHeader()))).toBe(14)
    expect(findCapture(join('HTTP/1.1 200 OK\r\n\r\n', pcapng('big').section()))).toBe(19)
    expect(findCapture(join('HTTP/1.1 200 OK\r\n\r\n', pcapHeader({ order: 'big', resolution: 'nano' })))).toBe(19)
  })

  it('is not found by its magic number alone', () => {
    expect(findCapture(join('the magic number is ', pcapHeader().slice(0, 4), new Uint8Array(40).fill(7)))).toBe(-1)
  })
})

it('a text copy has a carriage return before every line feed', () => {
  expect(looksLikeTextCopy(join(1, 13, 10, 2, 13, 10, 3, 13, 10))).toBe(true)
  expect(looksLikeTextCopy(join(1, 13, 10, 2, 13, 10, 3, 10, 13, 10))).toBe(false)
  expect(looksLikeTextCopy(join(1, 13, 10))).toBe(false)
})
