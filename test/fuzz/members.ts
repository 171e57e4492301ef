// A capture -> gzip members and zstd frames; a compressed one -> others around it, or more layers of compression.
import { gzipSync } from 'node:zlib'
import { join } from '../support/build.ts'
import { frame, rawBlock, skippable } from '../support/zstd-frames.ts'
import type { Chance } from './chance.ts'
import { spoilBytes } from './mutations.ts'

const ODDITIES: Record<string, Uint8Array> = {
  'an empty gzip member': new Uint8Array(gzipSync('')),
  'an empty zstd frame': frame(17, rawBlock(new Uint8Array(0))),
  'a skippable frame': skippable(Uint8Array.of(1, 2, 3)),
  'half a magic number': Uint8Array.of(0x1f),
  zeros: new Uint8Array(512),
  garbage: Uint8Array.of(0xde, 0xad, 0xbe, 0xef),
}

const MAX_PIECES = 4

/** In one to four members or frames, of one kind. A gzip member may be stored only, and have a name or a comment in its header. */
export function compressInMembers(bytes: Uint8Array, chance: Chance): { bytes: Uint8Array; story: string[] } {
  const pieces = 1 + chance.below(MAX_PIECES)
  const isGzip = chance.is(0.6)
  const members = Array.from({ length: pieces }, (_, i) => {
    const piece = bytes.subarray(Math.floor((bytes.length * i) / pieces), Math.floor((bytes.length * (i + 1)) / pieces))
    return isGzip ? gzipMember(piece, chance) : zstdFrame(piece)
  })
  return { bytes: join(...members), story: [`${pieces} ${isGzip ? 'gzip members' : 'zstd frames'}`] }
}

function gzipMember(content: Uint8Array, chance: Chance): Uint8Array {
  const member = gzipSync(content, { level: chance.pick([0, 1, 6]) })
  if (chance.is(0.6)) return new Uint8Array(member)
  // RFC 1952: FEXTRA, FNAME, FCOMMENT, each with what it announces.
  const flags = chance.below(8) << 2
  const fields = [
    flags & 4 ? join(3, 0, 'abc') : join(),
    flags & 8 ? join('a.pcap', 0) : join(),
    flags & 16 ? join('taken by hand', 0) : join(),
  ]
  return join(member.subarray(0, 3), flags, member.subarray(4, 10), ...fields, member.subarray(10))
}

function zstdFrame(content: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = []
  const step = 100_000
  for (let at = 0; at === 0 || at < content.length; at += step)
    blocks.push(rawBlock(content.subarray(at, at + step), at + step >= content.length))
  return frame(17, ...blocks)
}

/** @returns the new file, and what was done in words */
export function rearrangeMembers(stored: Uint8Array, chance: Chance): { bytes: Uint8Array; story: string[] } {
  const story: string[] = []
  let bytes = stored
  for (let count = 1 + chance.below(4); count > 0; count--) {
    if (chance.is(0.2)) {
      bytes = new Uint8Array(gzipSync(bytes))
      story.push('one more layer')
      continue
    }
    const name = chance.pick(Object.keys(ODDITIES))
    const isBefore = chance.is(0.3)
    bytes = isBefore ? join(ODDITIES[name], bytes) : join(bytes, ODDITIES[name])
    story.push(`${name} ${isBefore ? 'before' : 'behind'}`)
  }
  if (chance.is(0.7)) return { bytes, story }
  return { bytes: spoilBytes(bytes, chance), story: [...story, 'bytes anywhere'] }
}
