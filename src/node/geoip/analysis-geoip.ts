// Geolocation for an analysis: the databases are asked in this thread, or, where hosts are many, in one of their own while packets are still being read.

import type { HostTable } from '../../flows/hosts.ts'
import { type Geolocator, HostLocator, type Lookups, lookUp } from '../../geo/index.ts'
import type { GeoSource } from '../../types.ts'
import { scriptFile } from '../paths.ts'
import { AnsweringThread } from '../workers/answering-thread.ts'
import { type Geoip, type GeoipOptions, openGeoip } from './geoip.ts'

/** What the thread answers when it has looked up all hosts. */
export interface GeoipAnswer {
  lookups: Lookups
  warnings: string[]
}

/** From here on the thread costs less than it saves: it has to start and to open the databases. */
const MANY_HOSTS = 20_000
/** Hosts that make it worth waking the thread. */
const BATCH = 2048
/** Hosts looked up in a moment without packets: a fraction of a millisecond. */
const FEW = 16

/**
 * Opens the databases; null: there are none.
 * @throws UsageError where what the user named is none
 */
export async function openAnalysisGeoip(options: GeoipOptions): Promise<AnalysisGeoip | null> {
  const geoip = await openGeoip(options)
  return geoip && new AnalysisGeoip(options, geoip)
}

export class AnalysisGeoip implements Geolocator {
  readonly source: GeoSource
  /** One line each; complete once all hosts are looked up. */
  warnings: string[]
  private readonly options: GeoipOptions
  /** Asks the databases, which are large: null once the thread has them. */
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
    this.thread.tell(hosts, BATCH)
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
  /** Hosts the thread knows of. */
  private told = 0

  constructor(options: GeoipOptions) {
    this.thread = new AnsweringThread(scriptFile('geoip-thread'), options)
  }

  /** Unless there are fewer than `least` that it does not know. */
  tell(hosts: HostTable, least: number): void {
    if (hosts.count - this.told < least) return
    const addresses = hosts.addresses(this.told)
    this.told = hosts.count
    this.thread.tell(addresses, [addresses.bytes, addresses.families])
  }

  finish(hosts: HostTable): Promise<GeoipAnswer> {
    this.tell(hosts, 1)
    this.thread.tell(null)
    return this.thread.answer
  }

  async close(): Promise<void> {
    await this.thread.close()
  }
}
