// A compressed capture -> gzip members and zstd frames around it, or more layers of compression.
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
