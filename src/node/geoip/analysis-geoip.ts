// Geolocation of an analysis: in this thread or, with many hosts, in a separate thread while packets are read.

import type { HostTable } from '../../flows/hosts.ts'
import type { Geoip } from '../../geo/databases.ts'
import { type Geolocator, HostLocator, type Lookups, lookUp } from '../../geo/index.ts'
import type { GeoSource } from '../../types.ts'
import { scriptFile } from '../paths.ts'
import { AnsweringThread } from '../workers/answering-thread.ts'
import { type GeoipOptions, openGeoip } from './geoip.ts'

/** Answer of the thread after all hosts are located. */
export interface GeoipAnswer {
  lookups: Lookups
  warnings: string[]
}

/** With fewer hosts, starting the thread and opening the databases there takes longer than it saves. */
const MANY_HOSTS = 20_000
/** Number of new hosts for which the thread is called. */
const BATCH = 2048
/** Hosts located while no packets arrive: takes less than a millisecond. */
const FEW = 16

/**
 * Opens the databases; null if there are none.
 * @throws UsageError if the user's path is not a database
 */
export async function openAnalysisGeoip(options: GeoipOptions): Promise<AnalysisGeoip | null> {
  const geoip = await openGeoip(options)
  return geoip && new AnalysisGeoip(options, geoip)
}

export class AnalysisGeoip implements Geolocator {
  readonly source: GeoSource
  /** One line each; complete after all hosts are located. */
  warnings: string[]
  private readonly options: GeoipOptions
  /** Uses the databases, which are large; null after they are given to the thread. */
  private locator: HostLocator | null
  private thread: GeoipThread | null = null

  constructor(options: GeoipOptions, geoip: Geoip) {
    this.options = options
    this.locator = new HostLocator(geoip.lookup)
    this.source = geoip.source
    this.warnings = geoip.warnings
  }

  follow(hosts: HostTable): void {
    if (hosts.count < MANY_HOSTS) return
    this.thread ??= new GeoipThread(this.options)
    this.locator = null
    this.thread.send(hosts, BATCH)
  }

  lookUpSome(hosts: HostTable): boolean {
    const { locator } = this
    if (locator === null || locator.isComplete(hosts)) return false
    locator.advance(hosts, FEW)
    return true
  }

  async lookUp(hosts: HostTable): Promise<Lookups> {
    if (this.locator !== null) return lookUp(hosts, this.locator)
    const { lookups, warnings } = await this.thread!.finish(hosts)
    this.warnings = warnings
    return lookups
  }

  async close(): Promise<void> {
    await this.thread?.close()
  }
}

class GeoipThread {
  private readonly thread: AnsweringThread<GeoipAnswer>
  /** Number of hosts sent to the thread. */
  private sentHosts = 0

  constructor(options: GeoipOptions) {
    this.thread = new AnsweringThread(scriptFile('geoip-thread'), options)
  }

  /** Sends new hosts, unless there are fewer than `least`. */
  send(hosts: HostTable, least: number): void {
    if (hosts.count - this.sentHosts < least) return
    const addresses = hosts.addresses(this.sentHosts)
    this.sentHosts = hosts.count
    this.thread.send(addresses, [addresses.bytes, addresses.families])
  }

  finish(hosts: HostTable): Promise<GeoipAnswer> {
    this.send(hosts, 1)
    this.thread.send(null)
    return this.thread.answer
  }

  async close(): Promise<void> {
    await this.thread.close()
  }
}
