// Dropped files -> the report in memory, by the same stages, rules and writers as `rtnvis analyze`.

import { analyze, type PageMaker } from '../analyze.ts'
import { openVendors, type VendorOf } from '../detect/identities/vendors.ts'
import { UsageError } from '../errors.ts'
import type { Centre } from '../geo/cities.ts'
import { findCity } from '../geo/find-city.ts'
import { parseOrigin } from '../geo/origin.ts'
import type { CountryCentre } from '../geo/place.ts'
import { reportName } from '../input/report-name.ts'
import { ownValue } from '../own-value.ts'
import type { CaptureSource, Origin, Progress, SqlDatabase } from '../types.ts'
import { capturesAmong } from './among.ts'
import { openDetection } from './detection.ts'
import type { Pieces } from './file-stream.ts'
import { openDropped, type WorkerGeolocator } from './geoip.ts'
import { emptyReport, Growth } from './growth.ts'
import type { Analyze, DropOptions, Grown, NamedPlaces } from './messages.ts'
import { openFile } from './open-capture.ts'
import type { PackedStore } from './packed-data.ts'

/** Limit for a browser tab: about 1 GB at 900 bytes per conversation (node/commands/flow-limit.ts). */
const MAX_FLOWS = 750_000

export interface Surroundings {
  openDatabase: Promise<(bytes?: Uint8Array) => SqlDatabase>
  packed: PackedStore
  /** Opens a capture for reading. */
  read(file: Blob): Pieces
  pageMaker?: PageMaker
  /** The location database next to the page; null if it is not there. */
  bundledLocations(): Promise<WorkerGeolocator | null>
  /** What stands for the digest of a capture until it is known. */
  pendingDigest(index: number): string
  /** Between chunks of packets. @param grow what the page's picture grows by */
  onProgress(progress: Progress, grow: Grow): void
  isInterrupted(): boolean
}

/** Null: nothing yet, or it is not worth while. */
export type Grow = () => Grown | null

export interface Analysed {
  /** In the report's order. */
  captures: File[]
  database: Uint8Array
  warnings: string[]
  hasLocations: boolean
}

/** @throws CaptureError, UsageError: one line for the user */
export async function analyzeFiles({ captures: files, folder, options, programVersion }: Analyze, around: Surroundings): Promise<Analysed> {
  const { packed, openDatabase } = around
  const origin = await originOf(options, packed)
  const located = options.geoip.length > 0 ? openDropped(options.geoip, await centresOf(packed)) : around.bundledLocations()
  if (options.geoip.length > 0) await located
  let vendorOf: VendorOf | null = null
  const vendors = vendorsOf(packed).then((opened) => {
    vendorOf = opened
  })
  // Vendors, too, are wanted after the last packet only.
  const geoip = Promise.all([located, vendors]).then(([locations]) => locations)
  geoip.catch(() => {}) // the error is reported where the promise is awaited
  const { detection, inputs, warnings } = await openDetection(options, openDatabase)
  const { captures, warnings: skipped } = folder === null ? { captures: files, warnings: [] } : await capturesAmong(files, folder)
  const sources: CaptureSource[] = []
  for (const [index, file] of captures.entries()) sources.push(await openFile(file, around.pendingDigest(index), around.read))
  const given = options.name ?? (folder || null)
  const name = given ?? reportName(captures.map(({ name }) => name))
  const growth = new Growth(name, origin, await emptyReport(name, origin, openDatabase))
  const { follow } = growth
  located.then(
    (locations) => growth.locateWith(locations?.locator ?? null),
    () => {},
  )
  const onProgress = (progress: Progress) => around.onProgress(progress, () => growth.next(progress))
  const database = await analyze(
    sources,
    {
      geoip,
      openDatabase,
      onProgress,
      follow,
      isInterrupted: around.isInterrupted,
      ...(around.pageMaker && { pageMaker: around.pageMaker }),
    },
    {
      reportName: name,
      programVersion,
      origin,
      maxPackets: options.maxPackets,
      maxFlows: MAX_FLOWS,
      detection: { ...detection, vendorOf: (mac) => vendorOf?.(mac) ?? null },
      inputs: { name: given, origin: options.origin, maxPackets: options.maxPackets, pages: 'folder', ...inputs },
    },
  )
  const locations = await located
  return { captures, database, hasLocations: locations !== null, warnings: [...(locations?.warnings ?? []), ...skipped, ...warnings] }
}

/** @throws UsageError for a place that is not known */
async function originOf({ origin }: DropOptions, packed: PackedStore): Promise<Origin | 'auto'> {
  const parsed = parseOrigin(origin)
  if (parsed !== null) return parsed
  const places = await packed.readJson<NamedPlaces>('cities')
  if (places === null)
    throw new UsageError(`--origin ${origin}: the list of cities is not beside this page: use latitude,longitude in degrees, or auto`)
  return findCity(origin!, places.cities, () => places.names)
}

/** Null: the table is not beside this page. */
async function vendorsOf(packed: PackedStore): Promise<VendorOf | null> {
  const bytes = await packed.read('vendors')
  return bytes && openVendors(new TextDecoder().decode(bytes))
}

/** Of countries, for databases that have no more than the country. */
export async function centresOf(packed: PackedStore): Promise<CountryCentre> {
  const centres = (await packed.readJson<Record<string, Centre>>('centres')) ?? {}
  return (code) => ownValue(centres, code) ?? null
}
